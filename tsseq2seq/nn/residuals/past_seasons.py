"""Past seasons, each as a level and the deviations from it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["PastSeasons"]


@dataclass(frozen=True)
class PastSeasons:
    """Levels of past seasons, and the deviations of their values.

    Attributes
    ----------
    levels
        (…, seasons, 1, 1, targets): the mean of the values observed in a season.
    has_level
        (…, seasons, 1, 1, targets): whether any value of the season was observed.
    deviations
        (…, seasons, lag, length, targets): values less the level of their season.
    observed
        (…, seasons, lag, length, targets): 1 where the value was observed, 0 elsewhere.
    """

    levels: Float[Tensor, "*B seasons 1 1 targets"]
    has_level: Bool[Tensor, "*B seasons 1 1 targets"]
    deviations: Float[Tensor, "*B seasons lag length targets"]
    observed: Float[Tensor, "*B seasons lag length targets"]

    @classmethod
    def of(cls, recent: Float[Tensor, "*B K D"], seasons: int, length: int, targets: int) -> PastSeasons:
        """Split segments, the oldest first, into seasons. The mask of a segment follows its values."""
        shape = (seasons, recent.shape[-2] // seasons, 2, length, targets)
        values, mask = recent.reshape(*recent.shape[:-2], *shape).unbind(-3)
        counts = mask.sum(dim=(-3, -2), keepdim=True)
        levels = (values * mask).sum(dim=(-3, -2), keepdim=True) / counts.clamp(min=1)
        return cls(levels, counts > 0, values - levels, mask)

    def mean_deviations(self, phases: int) -> Float[Tensor, "*B phases length targets"]:
        """Return the mean deviations of a season's first ``phases`` segments; 0 where none was observed."""
        observed = self.observed[..., :phases, :, :]
        total = (self.deviations[..., :phases, :, :] * observed).sum(dim=-4)
        return total / observed.sum(dim=-4).clamp(min=1)

    @property
    def last_level(self) -> Float[Tensor, "*B 1 1 targets"]:
        """The level of the last season with an observed value; 0 if there is none."""
        last = self.levels[..., 0, :, :, :]
        for season in range(1, self.levels.shape[-4]):
            last = torch.where(self.has_level[..., season, :, :, :], self.levels[..., season, :, :, :], last)
        return last
