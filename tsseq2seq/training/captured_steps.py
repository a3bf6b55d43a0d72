"""Training steps as CUDA graphs.

A step of a small network is hundreds of kernels of a few microseconds each, and launching them one by one
costs more than running them. A CUDA graph is a step that was recorded once and is launched as a whole. What
changes from step to step (the learning rate, the probability of feeding the truth, random numbers) lies on
the device, where the graph reads it; steps that run other kernels have a graph of their own.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.errors import ParameterError, TrainingError
from tsseq2seq.training.objective import Objective
from tsseq2seq.training.step import GradientSteps
from tsseq2seq.training.training import Training

__all__ = ["Capturable", "CapturedSteps", "captured_steps", "steps_of"]

# Steps made one kernel at a time before one is recorded: they allocate what is allocated once.
_WARM_UPS = 3
# Their optimisers keep their counters on the device and read a learning rate there.
_CAPTURABLE = (torch.optim.Adam, torch.optim.AdamW)


@runtime_checkable
class Capturable(Objective, Protocol):
    """An objective whose steps can be recorded: shapes never change, and nothing waits for the device."""

    @property
    def uncapturable_because(self) -> str | None:
        """Why its steps cannot be recorded after all; None: they can."""
        ...

    @property
    def generator(self) -> torch.Generator:
        """What random numbers are drawn from, besides the default generator."""
        ...

    def step_kind(self, step: int, total: int) -> str:
        """Name the kernels that a step runs: steps of one kind differ in numbers only."""
        ...

    def set_device_numbers(self, step: int, total: int) -> None:
        """Put the numbers of a step where :meth:`captured_batch_loss` reads them."""
        ...

    def captured_batch_loss(self, step: int, total: int) -> Float[Tensor, ""]:
        """Draw a batch and return its loss, reading from the device what differs within a kind."""
        ...


def captured_steps(
    objective: Objective, optimizer: torch.optim.Optimizer, training: Training
) -> CapturedSteps | None:
    """Return what records steps and replays them; None where steps are made one kernel at a time.

    Raises
    ------
    ParameterError
        If ``training.cuda_graphs`` is True and steps cannot be recorded.
    """
    if training.cuda_graphs is False:
        return None
    reason = _reason_against(objective, optimizer)
    if reason is None:
        assert isinstance(objective, Capturable)
        return CapturedSteps(objective, optimizer, training)
    if training.cuda_graphs:
        raise ParameterError(
            f"Training: cuda_graphs is True, but {reason}; None captures where it can be done"
        )
    return None


def steps_of(
    objective: Objective, optimizer: torch.optim.Optimizer, training: Training
) -> CapturedSteps | GradientSteps:
    """Return what makes steps in the fastest way there is; see :func:`captured_steps`."""
    return captured_steps(objective, optimizer, training) or GradientSteps(objective, optimizer, training)


def _reason_against(objective: Objective, optimizer: torch.optim.Optimizer) -> str | None:
    if objective.device.type != "cuda":
        return f"the device is {str(objective.device)!r}"
    if type(optimizer) not in _CAPTURABLE:
        return (
            f"the optimiser is {type(optimizer).__name__}, and only Adam's and AdamW's steps can be captured"
        )
    if not isinstance(objective, Capturable):
        return "the shapes of these batches change from step to step"
    return objective.uncapturable_because


class CapturedSteps:
    """Make gradient steps, each kind of step a few times kernel by kernel, then as a graph.

    Parameters
    ----------
    objective, optimizer, training
        As for :class:`~tsseq2seq.training.step.GradientSteps`. The graphs hold the addresses of weights and
        of the optimiser's state: where either is replaced, another ``CapturedSteps`` must be made.
    """

    def __init__(self, objective: Capturable, optimizer: torch.optim.Optimizer, training: Training) -> None:
        self.objective = objective
        self.optimizer = optimizer
        self.eager = GradientSteps(objective, optimizer, training)
        self.rate = torch.zeros((), device=objective.device)
        # a gradient must be summed up on the stream on which it was first made
        self.stream = torch.cuda.Stream(objective.device)
        self.eager_steps: Counter[str] = Counter()
        self.graphs: dict[str, tuple[torch.cuda.CUDAGraph, Tensor]] = {}

    def ready(self, step: int, total: int) -> bool:
        """Whether a step would be replayed."""
        return self.objective.step_kind(step, total) in self.graphs

    def __call__(self, step: int, total: int) -> Float[Tensor, ""]:
        """Make one gradient step and return its loss, detached."""
        rate = self.eager.set_rate(step, total)
        kind = self.objective.step_kind(step, total)
        if kind not in self.graphs:
            if self.eager_steps[kind] < _WARM_UPS:
                self.eager_steps[kind] += 1
                return self._kernel_by_kernel(step, total)
            self.graphs[kind] = self._record(step, total)
        self.rate.fill_(rate)
        self.objective.set_device_numbers(step, total)
        graph, loss = self.graphs[kind]
        graph.replay()
        return loss.clone()  # the next replay overwrites it

    def _kernel_by_kernel(self, step: int, total: int) -> Float[Tensor, ""]:
        self.stream.wait_stream(torch.cuda.current_stream(self.objective.device))
        with torch.cuda.stream(self.stream):
            loss = self.eager(step, total)
        torch.cuda.current_stream(self.objective.device).wait_stream(self.stream)
        return loss

    def _record(self, step: int, total: int) -> tuple[torch.cuda.CUDAGraph, Tensor]:
        """Record a step, which does not make it."""
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(self.objective.generator)
        self.optimizer.zero_grad(set_to_none=True)  # so that gradients lie in the graph's own memory
        before = [(group["lr"], group["capturable"]) for group in self.optimizer.param_groups]
        for group in self.optimizer.param_groups:
            group["lr"], group["capturable"] = self.rate, True
        try:
            with torch.cuda.graph(graph, stream=self.stream):
                loss = self.eager.descend(partial(self.objective.captured_batch_loss, step, total))
        except RuntimeError as error:
            raise TrainingError(
                f"a training step could not be captured as a CUDA graph ({str(error).splitlines()[0]}); "
                "use Training(cuda_graphs=False)"
            ) from error
        finally:
            for group, (rate, capturable) in zip(self.optimizer.param_groups, before, strict=True):
                group["lr"], group["capturable"] = rate, capturable
            self.optimizer.zero_grad(set_to_none=True)
        return graph, loss
