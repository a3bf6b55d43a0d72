"""Whether a series is intermittent demand: mostly 0, never below, and not by a season."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["mostly_zero", "variance_explained"]

# Of fewer values than this, from the first demand on, a share says little.
_FEWEST_VALUES = 8


def mostly_zero(
    values: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"]
) -> Bool[Tensor, "series T"]:
    """Return whether more than two fifths of the values from the first demand on are 0, and none is below.

    For each step of the values up to it, of which there must be eight.
    Zeros before the first demand do not count: what is not sold yet is not demanded now and then.

    Examples
    --------
    >>> values = torch.tensor([[0.0, 0, 0, 0, 0, 2, 0, 0, 3, 0, 0, 1, 0, -1, 0]])
    >>> mostly_zero(values, torch.ones_like(values, dtype=torch.bool))[0].nonzero()[:, 0].tolist()
    [12]
    """
    begun = (observed & (values > 0)).cumsum(1) > 0
    count = (observed & begun).cumsum(1)
    zeros = (observed & begun & (values == 0)).cumsum(1)
    negative = (observed & (values < 0)).cumsum(1)
    return (5 * zeros > 2 * count) & (count >= _FEWEST_VALUES) & (negative == 0)


def variance_explained(
    values: Float[Tensor, "series T"], adjusted: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"]
) -> Float[Tensor, "series T"]:
    """Return the share of the variance of the values up to each step that the adjusted values do not have."""
    whole, left = (_sum_of_squares(part, observed) for part in (values, adjusted))
    return torch.where(whole > 0, 1 - left / torch.where(whole > 0, whole, 1.0), 0.0)


def _sum_of_squares(
    values: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"]
) -> Float[Tensor, "series T"]:
    """Return the sum of squared distances from the mean of the values up to each step."""
    counted = values * observed
    return counted.square().cumsum(1) - counted.cumsum(1).square() / observed.cumsum(1).clamp(min=1)
