"""Log1p: take logarithms, centre on their mean, divide by their standard deviation."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.logarithm import Logarithm
from tsseq2seq.data.scaling.scale import Scale
from tsseq2seq.data.scaling.statistics import lowest_value, mean_and_deviation

__all__ = ["Log1p"]


@dataclass(frozen=True)
class Log1p(Scaling):
    """Scale log(1 + y) by its mean and standard deviation; values must be above −1.

    It suits series whose changes are proportional to their level, such as sales and prices: the same growth
    in percent becomes the same shift. Medians and quantiles are transformed back exactly; means are not, as
    the mean of logarithms is not the logarithm of the mean.

    Examples
    --------
    >>> Log1p().name, Log1p().above
    ('log1p', -1.0)
    """

    name = "log1p"
    linear = False
    above = -1.0

    def fit(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Compute the scale from the logarithms of the observed values."""
        values, mask = batch.context, batch.needed_context_mask
        lowest = lowest_value(values, mask)
        logarithm = Logarithm.of(lowest, batch.origin[:, None], batch.unit[:, None])
        logarithms = logarithm.transform(values)
        # the logarithms are counted from the lowest value's, so that their lowest is 0
        location, spread = mean_and_deviation(logarithms, mask, torch.zeros_like(lowest))
        scale = Scale.from_spread(batch, location, spread, level=lowest, transformation=logarithm)
        return scale, logarithms
