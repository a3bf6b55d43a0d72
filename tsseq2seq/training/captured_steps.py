"""Training steps as CUDA graphs.

A training step of a small network is hundreds of kernels of a few microseconds each, and launching them one
by one takes longer than running them. A CUDA graph is a step that is recorded once and then launched as a
whole. Numbers that change from step to step (the learning rate, the teacher-forcing probability, random
numbers) lie on the device, where the graph reads them. Steps that run other kernels need another graph.
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

__all__ = ["Capturable", "CapturedSteps", "captured_steps", "fastest_steps"]

# Steps made one kernel at a time before one is recorded; they make the allocations that are made only once.
_WARM_UPS = 3
# These optimisers can keep their step counters on the device, and read the learning rate there.
_CAPTURABLE = (torch.optim.Adam, torch.optim.AdamW)


@runtime_checkable
class Capturable(Objective, Protocol):
    """An objective whose training steps can be recorded: constant shapes, no waiting for the device."""

    @property
    def reason_not_capturable(self) -> str | None:
        """Why the steps cannot be recorded with the settings at hand. None: they can."""
        ...

    @property
    def generator(self) -> torch.Generator:
        """The random number generator that is used besides torch's default one."""
        ...

    def graph_name(self, step: int, total: int) -> str:
        """Return the name of a step's graph: steps with the same name run the same kernels."""
        ...

    def set_device_numbers(self, step: int, total: int) -> None:
        """Write the numbers of a step to the device, where :meth:`captured_batch_loss` reads them."""
        ...

    def captured_batch_loss(self, step: int, total: int) -> Float[Tensor, ""]:
        """Draw a batch and return its loss; numbers that differ between steps are read from the device."""
        ...


def captured_steps(
    objective: Objective, optimizer: torch.optim.Optimizer, training: Training
) -> CapturedSteps | None:
    """Return a callable that records training steps and replays them; None if they cannot be recorded.

    None also if ``training.cuda_graphs`` is False.

    Raises
    ------
    ParameterError
        If ``training.cuda_graphs`` is True and steps cannot be recorded.
    """
    if training.cuda_graphs is False:
        return None
    reason = _reason_not_to_capture(objective, optimizer)
    if reason is None:
        assert isinstance(objective, Capturable)
        return CapturedSteps(objective, optimizer, training)
    if training.cuda_graphs:
        raise ParameterError(
            f"Training: cuda_graphs is True, but {reason}; None captures where it can be done"
        )
    return None


def fastest_steps(
    objective: Objective, optimizer: torch.optim.Optimizer, training: Training
) -> CapturedSteps | GradientSteps:
    """Return a callable that makes training steps, as CUDA graphs if possible; see :func:`captured_steps`."""
    return captured_steps(objective, optimizer, training) or GradientSteps(objective, optimizer, training)


def _reason_not_to_capture(objective: Objective, optimizer: torch.optim.Optimizer) -> str | None:
    if objective.device.type != "cuda":
        return f"the device is {str(objective.device)!r}"
    if type(optimizer) not in _CAPTURABLE:
        return (
            f"the optimiser is {type(optimizer).__name__}, and only Adam's and AdamW's steps can be captured"
        )
    if not isinstance(objective, Capturable):
        return "the shapes of these batches change from step to step"
    return objective.reason_not_capturable


class CapturedSteps:
    """Make training steps: for each graph, a few steps kernel by kernel, then a recording and its replays.

    Parameters
    ----------
    objective, optimizer, training
        As for :class:`~tsseq2seq.training.step.GradientSteps`. The graphs hold the addresses of the weights
        and of the optimiser's state: if either is replaced, another ``CapturedSteps`` must be made.
    """

    def __init__(self, objective: Capturable, optimizer: torch.optim.Optimizer, training: Training) -> None:
        self.objective = objective
        self.optimizer = optimizer
        self.eager = GradientSteps(objective, optimizer, training)
        self.rate = torch.zeros((), device=objective.device)
        # a gradient must be accumulated on the stream that first computed it
        self.stream = torch.cuda.Stream(objective.device)
        self.eager_steps: Counter[str] = Counter()
        self.graphs: dict[str, tuple[torch.cuda.CUDAGraph, Tensor]] = {}

    def has_graph(self, step: int, total: int) -> bool:
        """Return whether the step's graph is recorded, so that the step would be a replay."""
        return self.objective.graph_name(step, total) in self.graphs

    def __call__(self, step: int, total: int) -> Float[Tensor, ""]:
        """Make step ``step`` (from 0) of ``total`` and return its loss, detached."""
        rate = self.eager.set_learning_rate(step, total)
        name = self.objective.graph_name(step, total)
        if name not in self.graphs:
            if self.eager_steps[name] < _WARM_UPS:
                self.eager_steps[name] += 1
                return self._kernel_by_kernel(step, total)
            self.graphs[name] = self._record(step, total)
        self.rate.fill_(rate)
        self.objective.set_device_numbers(step, total)
        graph, loss = self.graphs[name]
        graph.replay()
        return loss.clone()  # the next replay overwrites it

    def _kernel_by_kernel(self, step: int, total: int) -> Float[Tensor, ""]:
        self.stream.wait_stream(torch.cuda.current_stream(self.objective.device))
        with torch.cuda.stream(self.stream):
            loss = self.eager(step, total)
        torch.cuda.current_stream(self.objective.device).wait_stream(self.stream)
        return loss

    def _record(self, step: int, total: int) -> tuple[torch.cuda.CUDAGraph, Tensor]:
        """Record a step without making it; return its graph, and the tensor of its loss."""
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(self.objective.generator)
        self.optimizer.zero_grad(set_to_none=True)  # so that gradients lie in the graph's own memory
        options = [(group["lr"], group["capturable"]) for group in self.optimizer.param_groups]
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
            for group, (rate, capturable) in zip(self.optimizer.param_groups, options, strict=True):
                group["lr"], group["capturable"] = rate, capturable
            self.optimizer.zero_grad(set_to_none=True)
        return graph, loss
