"""Statistics that several scalings share: mean and standard deviation, lowest value, those of the history."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch

__all__ = ["history_mean_and_deviation", "lowest_value", "mean_and_deviation", "without_rounding"]


def lowest_value(
    values: Float[Tensor, "B T Y"], mask: Bool[Tensor, "B T Y"] | None
) -> Float[Tensor, "B 1 Y"]:
    """Return the lowest of the observed values of each row; 0 if there is none.

    Examples
    --------
    >>> lowest_value(torch.tensor([[[3.0], [1.0]]]), torch.tensor([[[True], [False]]])).item()
    3.0
    """
    if mask is None:
        return values.amin(1, keepdim=True)
    lowest = values.masked_fill(~mask, torch.inf).amin(1, keepdim=True)
    return lowest.masked_fill(lowest.isinf(), 0.0)


def mean_and_deviation(
    values: Float[Tensor, "B T Y"], mask: Bool[Tensor, "B T Y"] | None, lowest: Float[Tensor, "B 1 Y"]
) -> tuple[Float[Tensor, "B 1 Y"], Float[Tensor, "B 1 Y"]]:
    """Return mean and population standard deviation of the observed values of each row.

    Parameters
    ----------
    values
        (B, T, Y), of any magnitude.
    mask
        (B, T, Y), True where a value was observed. None: all were.
    lowest
        (B, 1, Y), the :func:`lowest_value` of ``values``.

    Examples
    --------
    >>> values = torch.tensor([[[1.0], [3.0]]])
    >>> mean, deviation = mean_and_deviation(values, None, lowest_value(values, None))
    >>> mean.item(), deviation.item()
    (2.0, 1.0)
    """
    # values are counted from the lowest one, so that a constant context has a deviation of exactly 0,
    # and in units of their range, so that no square overflows or vanishes
    shares = _masked_to_zero(values - lowest, mask)
    value_range = shares.amax(1, keepdim=True)
    shares.div_(torch.where(value_range > 0, value_range, 1.0))
    count = values.shape[1] if mask is None else mask.sum(1, keepdim=True).clamp(min=1)
    mean = shares.sum(1, keepdim=True) / count
    deviation = (_masked_to_zero(shares.sub_(mean), mask).square_().sum(1, keepdim=True) / count).sqrt()
    return lowest + mean * value_range, deviation * value_range


def history_mean_and_deviation(batch: Batch) -> tuple[Float[Tensor, "B 1 Y"], Float[Tensor, "B 1 Y"]]:
    """Return mean and standard deviation of all observed values before each cutoff.

    Raises
    ------
    ValueError
        If the windows were gathered without ``moments``.
    """
    if batch.history_moments is None:
        raise ValueError("batch has no statistics of the whole history; gather windows with moments=True")
    return batch.history_moments.mean[:, None], batch.history_moments.spread[:, None]


def without_rounding(
    values: Float[Tensor, "*shape"], origin: Float[Tensor, "*#shape"]
) -> Float[Tensor, "*shape"]:
    """Return values, 0 in place of those that may be nothing but float32's rounding of the origin."""
    return values.masked_fill(values.abs() <= 2**-23 * origin.abs(), 0.0)


def _masked_to_zero(
    values: Float[Tensor, "B T Y"], mask: Bool[Tensor, "B T Y"] | None
) -> Float[Tensor, "B T Y"]:
    """Set the values that were not observed to 0, in place."""
    return values if mask is None else values.mul_(mask)
