"""An exponential moving average of the weights (Polyak and Juditsky 1992, as used since)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

__all__ = ["AveragedWeights"]


class AveragedWeights:
    """Follow a module's parameters.

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
    >>> average = AveragedWeights(module, 0.9)
    >>> average.update()
    >>> bool((average.weights[0] == module.weight).all())
    True
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.parameters = list(module.parameters())
        self.weights = [parameter.detach().clone() for parameter in self.parameters]
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self) -> None:
        """Move the average towards the module's weights."""
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_(self.weights, [p.detach() for p in self.parameters], 1 - decay)
        self.updates += 1

    @torch.no_grad()
    def copy_to_module(self) -> None:
        """Put the average into the module."""
        for parameter, weight in zip(self.parameters, self.weights, strict=True):
            parameter.copy_(weight)

    @contextmanager
    def swapped(self) -> Iterator[None]:
        """Let the module hold the average for a while."""
        own = [parameter.detach().clone() for parameter in self.parameters]
        self.copy_to_module()
        try:
            yield
        finally:
            with torch.no_grad():
                for parameter, weight in zip(self.parameters, own, strict=True):
                    parameter.copy_(weight)
