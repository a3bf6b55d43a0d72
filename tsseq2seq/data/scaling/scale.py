"""The reversible map between the panel's numbers and the network's, one for each window and target."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.scaling.transformation import Transformation

__all__ = ["Scale"]


@dataclass(frozen=True)
class Scale:
    """A reversible map from the panel's numbers to the network's.

    A :class:`~tsseq2seq.data.scaling.base.Scaling` makes one from the statistics of each context, by
    :meth:`from_spread` or :meth:`from_size`.

    Attributes
    ----------
    location, spread
        (B, 1, Y): network's number = (number − location) / spread.
    flat
        (B, 1, Y), True where the context does not vary, so that there is nothing to scale by: its
        numbers become 0, and whatever the network says comes back as ``level``: the context's value;
        the last one before it if nothing in it was observed; NaN if there is none.
    level
        (B, 1, Y): the number that a flat context comes back as.
    origin, unit
        (B, 1, Y), float64: original value = origin + unit × number.
    transformation
        What is applied to the panel's numbers before location and spread. None: nothing.
    """

    location: Float[Tensor, "B 1 Y"]
    spread: Float[Tensor, "B 1 Y"]
    flat: Bool[Tensor, "B 1 Y"]
    level: Float[Tensor, "B 1 Y"]
    origin: Float[Tensor, "B 1 Y"]
    unit: Float[Tensor, "B 1 Y"]
    transformation: Transformation | None = None

    @classmethod
    def from_spread(
        cls,
        batch: Batch,
        location: Float[Tensor, "B 1 Y"],
        spread: Float[Tensor, "B 1 Y"],
        *,
        level: Float[Tensor, "B 1 Y"],
        transformation: Transformation | None = None,
    ) -> Scale:
        """Centre on a location and divide by a spread; a context without a spread is flat.

        Parameters
        ----------
        batch
            The windows.
        location, spread
            (B, 1, Y), of the panel's numbers, or of what the transformation makes of them.
        level
            (B, 1, Y), the panel's number of a context that does not vary, such as its lowest.
        transformation
            What location and spread were taken after. None: they are the panel's numbers'.
        """
        mask = batch.needed_context_mask
        flat = ~(spread > 0)
        if mask is not None:
            seen = mask.sum(1, keepdim=True) > 0  # faster than any()
            flat |= ~seen
            if batch.last is not None:
                level = torch.where(seen, level, batch.last[:, None])
        location, spread = location.masked_fill(flat, 0.0), spread.masked_fill(flat, 1.0)
        origin, unit = batch.origin[:, None], batch.unit[:, None]
        return cls(location, spread, flat, level, origin, unit, transformation)

    @classmethod
    def from_size(
        cls,
        batch: Batch,
        size: Float[Tensor, "B 1 Y"] | float,
        *,
        flat: Bool[Tensor, "B 1 Y"] | None = None,
    ) -> Scale:
        """Divide original values by a size above 0, so that zero stays zero.

        Parameters
        ----------
        batch
            The windows.
        size
            (B, 1, Y) in float64, or one number for all: what becomes 1.
        flat
            (B, 1, Y), where the last value known is all that can be forecast. None: where no value is
            known at all.
        """
        origin, unit = batch.origin[:, None], batch.unit[:, None]
        level = torch.zeros_like(unit) if batch.last is None else batch.last[:, None].double()
        return cls(-origin / unit, size / unit, level.isnan() if flat is None else flat, level, origin, unit)

    @property
    def original_unit(self) -> Float[Tensor, "B 1 Y"]:
        """What a 1 of the network is in original units; not with a transformation."""
        return (self.unit * self.spread.double()).float()

    def transform(self, numbers: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """From the panel's numbers to the network's."""
        if self.transformation is not None:
            numbers = self.transformation.transform(numbers)
        return self.normalise(numbers)

    def normalise(self, numbers: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """From the panel's numbers, transformed already if they are to be, to the network's."""
        # all numbers are finite, and become 0 in units of infinity
        return (numbers - self.location).div_(self.spread.masked_fill(self.flat, torch.inf)).float()

    def inverse(self, scaled: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """From the network's numbers to original values, in float64."""
        numbers = self.location.double() + self.spread.double() * scaled.double()
        if self.transformation is None:
            original = self.origin + self.unit * numbers
        else:
            original = self.transformation.inverse(numbers)
        return torch.where(self.flat, self.origin + self.unit * self.level.double(), original)
