"""Unscaled: the network works on original values."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.scaling.base import Scaling
from tsseq2seq.data.scaling.scale import Scale

__all__ = ["Unscaled"]


@dataclass(frozen=True)
class Unscaled(Scaling):
    """Leave values as they are, for series of one level and a size near 1.

    Examples
    --------
    >>> Unscaled().name, Unscaled().centred
    ('none', False)
    """

    name = "none"
    centred = False

    def fit(self, batch: Batch) -> tuple[Scale, Float[Tensor, "B C Y"]]:
        """Return the scale that undoes the panel's origin and unit."""
        return Scale.from_size(batch, 1.0), batch.context
