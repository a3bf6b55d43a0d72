"""Window: mean and standard deviation of the context."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.scale import Scale
from tsseq2seq.data.scaling.statistics import lowest_value, mean_and_deviation

__all__ = ["Window"]


@dataclass(frozen=True)
class Window(Scaling):
    """Centre each context on its mean, and divide it by its standard deviation.

    Level and size are of no importance then. A quiet context is blown up as much as a restless one.

    Examples
    --------
    >>> Window().name, Window().centred
    ('window', True)
    """

    name = "window"

    def fit(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Take mean and standard deviation of the observed values."""
        values, mask = batch.context, batch.needed_context_mask
        lowest = lowest_value(values, mask)
        location, spread = mean_and_deviation(values, mask, lowest)
        return Scale.from_spread(batch, location, spread, level=lowest), values
