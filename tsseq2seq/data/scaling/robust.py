"""Robust: centre on the median of the context, divide by its interquartile range."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.scale import Scale
from tsseq2seq.data.scaling.statistics import lowest_value, mean_and_deviation

__all__ = ["Robust"]

# Interquartile range of a standard normal.
_IQR = 1.3489795


@dataclass(frozen=True)
class Robust(Scaling):
    """Centre each context on its median, and divide it by its interquartile range.

    A few outliers do not change the scale. The range is divided by that of a standard normal distribution,
    so that the spread of normal values is their standard deviation.

    Examples
    --------
    >>> Robust().name, Robust().capturable
    ('robust', False)
    """

    name = "robust"
    capturable = False

    def fit(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Compute the scale from the quartiles of the observed values."""
        values, mask = batch.context, batch.needed_context_mask
        lowest = lowest_value(values, mask)
        location, spread = _median_and_range(values, mask, lowest)
        return Scale.from_spread(batch, location, spread, level=lowest), values


def _median_and_range(
    values: Float[Tensor, "B T Y"], mask: Bool[Tensor, "B T Y"] | None, lowest: Float[Tensor, "B 1 Y"]
) -> tuple[Float[Tensor, "B 1 Y"], Float[Tensor, "B 1 Y"]]:
    observed = values if mask is None else values.masked_fill(~mask, torch.nan)
    quartiles = torch.nanquantile(observed, values.new_tensor([0.25, 0.5, 0.75]), dim=1)
    low, median, high = quartiles.nan_to_num(0.0)[:, :, None]
    # if half of the values are equal, or nearly so, the range is too small: take the standard deviation
    _, deviation = mean_and_deviation(values, mask, lowest)
    spread = (high - low) / _IQR
    return median, torch.where(spread > 1e-20 * deviation, spread, deviation)
