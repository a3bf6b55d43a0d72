"""Window: centre on the mean of the context, divide by its standard deviation."""

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

    The network sees neither the level nor the size of a context: small and large changes look alike.

    Examples
    --------
    >>> Window().name, Window().centred
    ('window', True)
    """

    name = "window"

    def fit(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Compute the scale from the observed values."""
        values, mask = batch.context, batch.needed_context_mask
        lowest = lowest_value(values, mask)
        location, spread = mean_and_deviation(values, mask, lowest)
        return Scale.from_spread(batch, location, spread, level=lowest), values
