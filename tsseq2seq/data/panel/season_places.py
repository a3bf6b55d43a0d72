"""Places of steps in a season whose length need not be a whole number of steps.

A year has 365.2425 days or 52.1775 weeks. A profile of 52 values, read by the remainder of a division by 52,
slips by a week in six years. Here it lies on a circle of 52.1775 steps, a step is between two of its values,
and what is read there is on the line between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

__all__ = ["SeasonPlaces", "season_places"]


@dataclass(frozen=True)
class SeasonPlaces:
    """Between which values of a profile steps lie, and how near to the second.

    Attributes
    ----------
    first, second
        (T,), numbers of two neighbouring values of the profile; the last one's neighbour is the first.
    share
        (T,), the distance to the first one, from 0 to below 1. It is 0 where the period is a whole number.
    count
        How many values the profile has.
    """

    first: Int[Tensor, " T"]
    second: Int[Tensor, " T"]
    share: Float[Tensor, " T"]
    count: int

    def read(self, profile: Float[Tensor, "*rows M"]) -> Float[Tensor, "*rows T"]:
        """Return the profile at the steps."""
        share = self.share.to(profile.dtype)
        return profile[..., self.first] * (1 - share) + profile[..., self.second] * share

    def sums(self, values: Float[Tensor, "*rows T"]) -> Float[Tensor, "*rows M"]:
        """Return the sums of values by their places, where each counts for its two neighbours.

        A profile is ``sums(weights * values) / sums(weights)``.
        """
        share = self.share.to(values.dtype)
        total = values.new_zeros(*values.shape[:-1], self.count)
        total.index_add_(-1, self.first, values * (1 - share))
        return total.index_add_(-1, self.second, values * share)


def season_places(steps: Int[Tensor, " T"], period: float) -> SeasonPlaces:
    """Return the places of steps in a season.

    Parameters
    ----------
    steps
        (T,), numbers of steps, of which any may be 0 and some may be below it: counted back from the end of
        a context, for instance.
    period
        The season's length in steps, at least 1. Its profile has as many values as there are whole steps in
        it, rounded.

    Examples
    --------
    >>> season_places(torch.arange(5), 3).first
    tensor([0, 1, 2, 0, 1])
    >>> weekly = season_places(torch.tensor([0, 52, 104, 156]), 52.1775)
    >>> weekly.first, weekly.share
    (tensor([ 0, 51, 51, 51]), tensor([0.0000, 0.8231, 0.6462, 0.4693]))
    """
    count = max(1, round(period))
    # in double precision, as the hundred thousandth step of a year of days has a place too
    place = torch.remainder(steps.double(), period) * (count / period)
    first = place.floor().clamp(max=count - 1)
    # a place that rounding takes to the end of the circle is its beginning
    share = (place - first).clamp(0, 1).float()
    first = first.long()
    return SeasonPlaces(first, (first + 1) % count, share, count)
