"""Statistics of contexts that several scalings share: mean and deviation, the lowest value, the history's."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch

__all__ = ["history_mean_and_deviation", "lowest_value", "mean_and_deviation", "without_rounding"]


def lowest_value(
    values: Float[Tensor, "B T Y"], mask: Bool[Tensor, "B T Y"] | None
) -> Float[Tensor, "B 1 Y"]:
    """Return the lowest of the observed values; 0 where there is none.

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
    """Return mean and population standard deviation of the observed values.

    Parameters
    ----------
    values
        (B, T, Y), of any magnitude.
    mask
        (B, T, Y), True where a value was observed; None: everywhere.
    lowest
        Their :func:`lowest_value`.

    Examples
    --------
    >>> values = torch.tensor([[[1.0], [3.0]]])
    >>> mean, deviation = mean_and_deviation(values, None, lowest_value(values, None))
    >>> mean.item(), deviation.item()
    (2.0, 1.0)
    """
    # counted from the lowest of the values, so that a constant context has a deviation of exactly 0;
    # in units of the range, so that no square overflows or vanishes
    shares = _keep(values - lowest, mask)
    reach = shares.amax(1, keepdim=True)
    shares.div_(torch.where(reach > 0, reach, 1.0))
    count = values.shape[1] if mask is None else mask.sum(1, keepdim=True).clamp(min=1)
    mean = shares.sum(1, keepdim=True) / count
    deviation = (_keep(shares.sub_(mean), mask).square_().sum(1, keepdim=True) / count).sqrt()
    return lowest + mean * reach, deviation * reach


def history_mean_and_deviation(batch: Batch) -> tuple[Float[Tensor, "B 1 Y"], Float[Tensor, "B 1 Y"]]:
    """Return mean and deviation of all that was observed before each cutoff.

    Raises
    ------
    ValueError
        If the batch does not carry them.
    """
    if batch.history is None:
        raise ValueError("batch has no statistics of the whole history; gather windows with moments=True")
    return batch.history.mean[:, None], batch.history.spread[:, None]


def without_rounding(
    values: Float[Tensor, "*shape"], origin: Float[Tensor, "*#shape"]
) -> Float[Tensor, "*shape"]:
    """Return 0 for what is no more than a float32 loses of the distance from an origin."""
    return values.masked_fill(values.abs() <= 2**-23 * origin.abs(), 0.0)


def _keep(values: Float[Tensor, "B T Y"], mask: Bool[Tensor, "B T Y"] | None) -> Float[Tensor, "B T Y"]:
    """Put 0 where nothing was observed, in place."""
    return values if mask is None else values.mul_(mask)
