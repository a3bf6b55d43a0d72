"""One unroll for training and prediction.

The decoder runs for T steps. What enters a step is the truth (teacher forcing), the model's own
previous output (free running), or either by a coin for each element (scheduled sampling, Bengio et
al. 2015). Wherever all inputs are known, the steps run as one fused pass.
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

#: From a step's output to what enters the next step.
Feedback = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Unrolled:
    """What T steps gave.

    Attributes
    ----------
    outputs
        (B, Q, T, …), the head's outputs.
    weights
        (B, Q, T, S), attention weights, or None.
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
    """Decode ``steps`` steps.

    Parameters
    ----------
    stepper
        The model.
    encoding
        What its ``start`` takes.
    steps
        How many steps, T.
    first
        What enters the first step, (B, 1, …).
    feedback
        Makes the next input of an output; gradients flow through it if it lets them.
    truth
        True outputs in the form of inputs, (B, T, …). None: the model runs free.
    forced
        True where the truth enters; the coin at t decides what enters step t, and the first step's
        is not used. None: everywhere.
    passes
        Stand in for the loop by this many fused passes, each fed by the outputs of the one before
        (Mihaylova & Martins 2019; Duckworth et al. 2019). Each pass sets one more fed-back input of a
        row right, so that it equals the loop where a row has at most ``passes`` − 1 of them; a model
        without a recurrence needs only that no *run* of them is longer. None: the loop itself.
    queries
        Independent continuations of each row, for sampling.

    Returns
    -------
    Unrolled
        Outputs and attention weights of all steps.
    """
    state, memory = stepper.start(encoding)
    truth = None if truth is None else truth[:, :steps]
    if isinstance(stepper, FusedStepper):
        if stepper.parallel:
            positions = torch.arange(steps, device=first.device)
            previous = first.expand(-1, steps, *[-1] * (first.ndim - 2))
            outputs, _, weights = stepper.step(previous, positions, expand_queries(state, steps), memory)
            return _alike(outputs, weights, queries)
        # with a coin and several queries, each query feeds back its own output
        known = forced is None or (passes is not None and queries == 1)
        if truth is not None and stepper.fused and known:
            unrolled = _run_passes(stepper, state, memory, first, feedback, truth, forced, passes or 1)
            return _alike(*unrolled, queries)
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


def _mix(true: Tensor, own: Tensor, forced: Bool[Tensor, "B T"]) -> Tensor:
    return torch.where(forced.reshape(*forced.shape, *[1] * (true.ndim - 2)), true, own)


def _alike(outputs: Tensor, weights: Tensor | None, queries: int) -> Unrolled:
    """Return the same outputs (B, T, …) for every query."""

    def repeated(tensor: Tensor) -> Tensor:
        return tensor[:, None].expand(-1, queries, *[-1] * (tensor.ndim - 1))

    return Unrolled(repeated(outputs), None if weights is None else repeated(weights))
