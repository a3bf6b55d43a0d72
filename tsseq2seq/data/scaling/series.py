"""WholeSeries: centre on the mean of the whole history, divide by its standard deviation."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.scale import Scale
from tsseq2seq.data.scaling.statistics import history_mean_and_deviation, lowest_value

__all__ = ["WholeSeries"]


@dataclass(frozen=True)
class WholeSeries(Scaling):
    """Centre each context on the mean of its history, and divide it by the history's standard deviation.

    The level and the spread of a context, compared with its history, remain visible to the network.

    Examples
    --------
    >>> WholeSeries().name, WholeSeries().needs_history
    ('series', True)
    """

    name = "series"
    needs_history = True

    def fit(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Compute the scale; ``ValueError`` if the batch has no statistics of the history."""
        location, spread = history_mean_and_deviation(batch)
        lowest = lowest_value(batch.context, batch.needed_context_mask)
        return Scale.from_spread(batch, location, spread, level=lowest), batch.context
