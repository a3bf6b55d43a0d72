"""Averages of the weights over the training steps, which replace the last weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from tsseq2seq.training.state import State

__all__ = ["AveragedWeights", "CheckpointAverage", "ExponentialAverage"]


class AveragedWeights(ABC):
    """An average of a module's weights over the training steps.

    Parameters
    ----------
    module
        The module that is trained.
    """

    def __init__(self, module: nn.Module) -> None:
        self.parameters = list(module.parameters())

    @abstractmethod
    def update(self, reached: int) -> None:
        """Add the module's weights to the average; called after each training step.

        Parameters
        ----------
        reached
            Planned steps that are over. With a time limit, one training step may be several planned steps,
            or several may be one.
        """

    @property
    @abstractmethod
    def weights(self) -> list[Tensor]:
        """The average, in the order of the parameters."""

    @abstractmethod
    def state(self) -> State:
        """Return the state."""

    @abstractmethod
    def load_state(self, state: State) -> None:
        """Continue from a state."""

    @torch.no_grad()
    def copy_to_module(self) -> None:
        """Replace the module's weights by the average."""
        for parameter, weight in zip(self.parameters, self.weights, strict=True):
            parameter.copy_(weight)

    @contextmanager
    def swapped(self) -> Iterator[None]:
        """Replace the module's weights by the average inside the block, and restore them after it."""
        weights = self.current()
        self.copy_to_module()
        try:
            yield
        finally:
            with torch.no_grad():
                for parameter, weight in zip(self.parameters, weights, strict=True):
                    parameter.copy_(weight)

    def current(self) -> list[Tensor]:
        """Return a copy of the module's weights."""
        return [parameter.detach().clone() for parameter in self.parameters]


class ExponentialAverage(AveragedWeights):
    """An exponential moving average (Polyak and Juditsky 1992, as used since).

    In the first steps the decay is smaller ((1 + n) / (10 + n) after n steps), so that the random first
    weights soon lose their influence.

    Parameters
    ----------
    module
        The module that is trained.
    decay
        Share of the old average at each update.

    Examples
    --------
    >>> module = nn.Linear(1, 1)
    >>> average = ExponentialAverage(module, 0.9)
    >>> average.update(1)
    >>> bool((average.weights[0] == module.weight).all())
    True
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        super().__init__(module)
        self._weights = self.current()
        self.decay = decay
        self.updates = 0

    @property
    def weights(self) -> list[Tensor]:
        """The moving average."""
        return self._weights

    @torch.no_grad()
    def update(self, reached: int) -> None:
        """Move the average towards the module's weights."""
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_(self._weights, [p.detach() for p in self.parameters], 1 - decay)
        self.updates += 1

    def state(self) -> State:
        """Return the moving average and the number of updates."""
        return {"weights": [weight.clone() for weight in self._weights], "updates": self.updates}

    def load_state(self, state: State) -> None:
        """Continue from a state."""
        self.updates = state["updates"]
        pairs = zip(state["weights"], self._weights, strict=True)
        # copies, because the average is changed in place, and a state may be loaded again
        self._weights = [saved.to(current, copy=True) for saved, current in pairs]


class CheckpointAverage(AveragedWeights):
    """The mean of the weights at the last few checkpoints (Junczys-Dowmunt et al. 2016).

    Parameters
    ----------
    module
        The module that is trained.
    count
        Number of checkpoints that are averaged.
    every
        Planned steps between checkpoints.
    steps
        Number of planned steps; the last one is a checkpoint.

    Examples
    --------
    >>> module = nn.Linear(1, 1)
    >>> average = CheckpointAverage(module, count=2, every=1, steps=3)
    >>> for reached, value in enumerate((1.0, 2.0, 4.0), start=1):
    ...     _ = nn.init.constant_(module.weight, value)
    ...     average.update(reached)
    >>> average.weights[0].item()
    3.0
    """

    def __init__(self, module: nn.Module, *, count: int, every: int, steps: int) -> None:
        super().__init__(module)
        self.every = every
        self.steps = steps
        self.checkpoints_left = self._checkpoints_after(0)
        self.kept: deque[list[Tensor]] = deque(maxlen=count)

    @property
    def weights(self) -> list[Tensor]:
        """The mean of the last checkpoints; before the first checkpoint, the module's weights."""
        if not self.kept:
            return self.current()
        return [torch.stack(each).mean(0) for each in zip(*self.kept, strict=True)]

    def update(self, reached: int) -> None:
        """Copy the module's weights if a checkpoint is reached."""
        left = self._checkpoints_after(reached)
        if left < self.checkpoints_left:
            self.kept.append(self.current())
        self.checkpoints_left = left

    def state(self) -> State:
        """Return the last checkpoints, and how many are still to come."""
        # no copies: checkpoints are never changed in place
        return {"kept": list(self.kept), "ahead": self.checkpoints_left}

    def load_state(self, state: State) -> None:
        """Continue from a state."""
        self.checkpoints_left = state["ahead"]
        self.kept.clear()
        for weights in state["kept"]:
            pairs = zip(weights, self.parameters, strict=True)
            self.kept.append([weight.to(parameter) for weight, parameter in pairs])

    def _checkpoints_after(self, reached: int) -> int:
        """Return how many checkpoints come after so many planned steps."""
        return -(-(self.steps - reached) // self.every)
