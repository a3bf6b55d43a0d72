"""Unrolling a decoder over T steps, for training and prediction.

The input of a decoder step is the truth (teacher forcing), the model's previous output (free running), or
either of them, drawn for each element (scheduled sampling, Bengio et al. 2015). If all inputs are known, the
steps run as one fused pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool
from torch import Tensor

from tsseq2seq.decoding.stepper import FusedStepper, Stepper, expand_queries

__all__ = ["Feedback", "Unrolled", "unroll"]

#: Function from the output of a decoder step to the input of the next one.
Feedback = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Unrolled:
    """The result of T decoder steps.

    Attributes
    ----------
    outputs
        (B, Q, T, …).
    weights
        (B, Q, T, S), attention weights; None without attention.
    """

    outputs: Tensor
    weights: Tensor | None


def unroll(
    stepper: Stepper,
    encoding: Any,  # noqa: ANN401 (the stepper's own)
    *,
    steps: int,
    first: Tensor,
    feedback: Feedback,
    truth: Tensor | None = None,
    forced: Bool[Tensor, "B T"] | None = None,
    passes: int | None = None,
    queries: int = 1,
) -> Unrolled:
    """Run a decoder for ``steps`` steps.

    Parameters
    ----------
    stepper
        The model.
    encoding
        Argument of its ``start``.
    steps
        Number of decoder steps, T.
    first
        (B, 1, …), input of the first step.
    feedback
        Function from an output to the input of the next step; gradients flow through it unless it stops them.
    truth
        (B, T, …), true outputs in the form of inputs. None: free running.
    forced
        (B, T), True where the truth enters step t, False where the previous output does; the first step reads
        ``first`` in any case. None: the truth enters every step.
    passes
        Number of fused passes that approximate the loop of scheduled sampling; each pass feeds back the
        outputs of the one before (Mihaylova & Martins 2019; Duckworth et al. 2019). Every pass makes one more
        fed-back input of a row exact, so the result equals the loop's for rows with at most ``passes`` − 1 of
        them; for a model without recurrence it suffices that no ``passes`` of them are consecutive. None: the
        loop itself.
    queries
        Number of independent continuations of each row, for sampling.
    """
    state, memory = stepper.start(encoding)
    truth = None if truth is None else truth[:, :steps]
    if isinstance(stepper, FusedStepper):
        if stepper.parallel:
            positions = torch.arange(steps, device=first.device)
            previous = first.expand(-1, steps, *[-1] * (first.ndim - 2))
            outputs, _, weights = stepper.step(previous, positions, expand_queries(state, steps), memory)
            return _repeated(outputs, weights, queries)
        # in scheduled sampling each query feeds back its own output, so several queries need the loop
        fused_suffices = forced is None or (passes is not None and queries == 1)
        if truth is not None and stepper.fused and fused_suffices:
            outputs, weights = _run_passes(
                stepper, state, memory, first, feedback, truth, forced, passes or 1
            )
            return _repeated(outputs, weights, queries)
    if queries > 1:
        state = expand_queries(state, queries)
    previous = first.expand(-1, queries, *[-1] * (first.ndim - 2))
    outputs_list, weights_list = [], []
    for t in range(steps):
        output, state, weight = stepper.step(previous, t, state, memory)
        outputs_list.append(output)
        weights_list.append(weight)
        if t + 1 < steps:
            previous = _next_input(output, feedback, truth, forced, t, queries)
    stacked = None if weights_list[0] is None else torch.stack(weights_list, dim=2)  # type: ignore[arg-type]
    return Unrolled(torch.stack(outputs_list, dim=2), stacked)


def _next_input(
    output: Tensor,
    feedback: Feedback,
    truth: Tensor | None,
    forced: Tensor | None,
    t: int,
    queries: int,
) -> Tensor:
    """Return the input of step t + 1."""
    if truth is None:
        return feedback(output)
    true = truth[:, t : t + 1].expand(-1, queries, *[-1] * (truth.ndim - 2))
    if forced is None:
        return true
    return _mix(true, feedback(output), forced[:, t + 1 : t + 2])


def _run_passes(
    stepper: FusedStepper,
    state: Any,  # noqa: ANN401
    memory: Any,  # noqa: ANN401
    first: Tensor,
    feedback: Feedback,
    truth: Tensor,
    forced: Bool[Tensor, "B T"] | None,
    passes: int,
) -> tuple[Tensor, Tensor | None]:
    true_inputs = torch.cat([first, truth[:, :-1]], dim=1)
    outputs, _, weights = stepper.run(true_inputs, state, memory)
    for _ in range(passes - 1 if forced is not None else 0):
        fed_back = torch.cat([first, feedback(outputs)[:, :-1]], dim=1)
        inputs = _mix(true_inputs, fed_back, forced)  # type: ignore[arg-type]
        outputs, _, weights = stepper.run(inputs, state, memory)
    return outputs, weights


def _mix(true: Tensor, fed_back: Tensor, forced: Bool[Tensor, "B T"]) -> Tensor:
    return torch.where(forced.reshape(*forced.shape, *[1] * (true.ndim - 2)), true, fed_back)


def _repeated(outputs: Tensor, weights: Tensor | None, queries: int) -> Unrolled:
    """Return the same outputs (B, T, …) for every query."""

    def repeat(tensor: Tensor) -> Tensor:
        return tensor[:, None].expand(-1, queries, *[-1] * (tensor.ndim - 1))

    return Unrolled(repeat(outputs), None if weights is None else repeat(weights))
