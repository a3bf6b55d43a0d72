"""Log1p: mean and standard deviation of the context's logarithms."""

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

    It suits series whose changes are a share of their level, such as sales and prices: growth becomes a
    shift. Medians and quantiles come back as such; a mean of logarithms is not the logarithm of a mean.

    Examples
    --------
    >>> Log1p().name, Log1p().above
    ('log1p', -1.0)
    """

    name = "log1p"
    linear = False
    above = -1.0

    def fit(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Take mean and standard deviation of the observed values' logarithms."""
        values, mask = batch.context, batch.needed_context_mask
        lowest = lowest_value(values, mask)
        logarithm = Logarithm.of(lowest, batch.origin[:, None], batch.unit[:, None])
        logarithms = logarithm.transform(values)
        # they are counted from the lowest value
        location, spread = mean_and_deviation(logarithms, mask, torch.zeros_like(lowest))
        scale = Scale.from_spread(batch, location, spread, level=lowest, transformation=logarithm)
        return scale, logarithms
