"""Averages of the weights over training, which stand in for the last ones."""

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
    """Follow a module's parameters, and put an average of what they were into it.

    Parameters
    ----------
    module
        What to follow.
    """

    def __init__(self, module: nn.Module) -> None:
        self.parameters = list(module.parameters())

    @abstractmethod
    def update(self, reached: int) -> None:
        """Take notice of the module's weights, after each step.

        Parameters
        ----------
        reached
            Steps of the plan that are over: the time may pass several in one step, or one in several.
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
        """Go on from a state."""

    @torch.no_grad()
    def copy_to_module(self) -> None:
        """Put the average into the module."""
        for parameter, weight in zip(self.parameters, self.weights, strict=True):
            parameter.copy_(weight)

    @contextmanager
    def swapped(self) -> Iterator[None]:
        """Let the module hold the average for a while."""
        own = self.current()
        self.copy_to_module()
        try:
            yield
        finally:
            with torch.no_grad():
                for parameter, weight in zip(self.parameters, own, strict=True):
                    parameter.copy_(weight)

    def current(self) -> list[Tensor]:
        """Return a copy of the module's own weights."""
        return [parameter.detach().clone() for parameter in self.parameters]


class ExponentialAverage(AveragedWeights):
    """An exponential moving average (Polyak and Juditsky 1992, as used since).

    The first steps count less (decay (1 + n) / (10 + n) where that is smaller), so that the random
    start is soon forgotten.

    Parameters
    ----------
    module
        What to follow.
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
        """Return the moving average, and how many updates made it."""
        return {"weights": [weight.clone() for weight in self._weights], "updates": self.updates}

    def load_state(self, state: State) -> None:
        """Go on from a state."""
        self.updates = state["updates"]
        self._weights = [weight.to(own) for weight, own in zip(state["weights"], self._weights, strict=True)]


class CheckpointAverage(AveragedWeights):
    """The mean of the weights at the last few checkpoints (Junczys-Dowmunt et al. 2016).

    Parameters
    ----------
    module
        What to follow.
    count
        How many checkpoints are averaged.
    every
        Steps between checkpoints.
    steps
        Steps planned; the last of them is a checkpoint.

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
        self.ahead = self._ahead(0)
        self.kept: deque[list[Tensor]] = deque(maxlen=count)

    @property
    def weights(self) -> list[Tensor]:
        """The mean of the checkpoints kept; before the first, the weights as they are."""
        if not self.kept:
            return self.current()
        return [torch.stack(each).mean(0) for each in zip(*self.kept, strict=True)]

    def update(self, reached: int) -> None:
        """Keep the module's weights, if a checkpoint is reached."""
        ahead = self._ahead(reached)
        if ahead < self.ahead:
            self.kept.append(self.current())
        self.ahead = ahead

    def state(self) -> State:
        """Return the checkpoints kept, and how many are still to come."""
        # they are never changed in place
        return {"kept": list(self.kept), "ahead": self.ahead}

    def load_state(self, state: State) -> None:
        """Go on from a state."""
        self.ahead = state["ahead"]
        own = self.parameters
        for weights in state["kept"]:
            self.kept.append([weight.to(parameter) for weight, parameter in zip(weights, own, strict=True)])

    def _ahead(self, reached: int) -> int:
        """Return how many checkpoints are still to come."""
        return -(-(self.steps - reached) // self.every)
