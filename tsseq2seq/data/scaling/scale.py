"""The scale of each window and target: the map from the panel's numbers to the network's, and back."""

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
    """The map from the panel's numbers to the network's numbers, and back to original values.

    A :class:`~tsseq2seq.data.scaling.base.Scaling` makes one from the statistics of each context, by
    :meth:`from_spread` or :meth:`from_size`.

    Attributes
    ----------
    location, spread
        (B, 1, Y): network's number = (number − location) / spread.
    flat
        (B, 1, Y), True if the context does not vary and has no spread. Its numbers become 0, and every
        forecast becomes ``level``.
    level
        (B, 1, Y), the panel's number that is forecast for a flat context: the context's value; the last
        value before it, if nothing in it was observed; NaN if there is none.
    origin, unit
        (B, 1, Y), float64: original value = origin + unit × number.
    transformation
        The map applied to the panel's numbers before location and spread. None: the identity.
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
            (B, 1, Y), of the panel's numbers; of the transformed ones, if there is a transformation.
        level
            (B, 1, Y), the panel's number to forecast for a flat context, such as its lowest value.
        transformation
            The map applied before location and spread. None: the identity.
        """
        mask = batch.needed_context_mask
        flat = ~(spread > 0)
        if mask is not None:
            seen = mask.sum(1, keepdim=True) > 0  # faster than any()
            flat |= ~seen
            if batch.last_observed is not None:
                level = torch.where(seen, level, batch.last_observed[:, None])
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
        """Divide original values by a size above 0, without centring: zero stays zero.

        Parameters
        ----------
        batch
            The windows.
        size
            (B, 1, Y) in float64, or one number for all: the original value that becomes 1.
        flat
            (B, 1, Y), True where the last observed value is to be forecast. None: where the history has no
            observed value.
        """
        origin, unit = batch.origin[:, None], batch.unit[:, None]
        last = batch.last_observed
        level = torch.zeros_like(unit) if last is None else last[:, None].double()
        return cls(-origin / unit, size / unit, level.isnan() if flat is None else flat, level, origin, unit)

    @property
    def original_unit(self) -> Float[Tensor, "B 1 Y"]:
        """The size of 1 of the network's numbers in original units, if there is no transformation."""
        return (self.unit * self.spread.double()).float()

    def transform(self, numbers: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """Return the network's numbers for the panel's."""
        if self.transformation is not None:
            numbers = self.transformation.transform(numbers)
        return self.normalise(numbers)

    def normalise(self, numbers: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """Return the network's numbers for the panel's, which are already transformed if they have to be."""
        # a flat context is divided by infinity, so that its numbers become 0
        return (numbers - self.location).div_(self.spread.masked_fill(self.flat, torch.inf)).float()

    def inverse(self, scaled: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """Return the original values of the network's numbers, in float64."""
        numbers = self.location.double() + self.spread.double() * scaled.double()
        if self.transformation is None:
            original = self.origin + self.unit * numbers
        else:
            original = self.transformation.inverse(numbers)
        return torch.where(self.flat, self.origin + self.unit * self.level.double(), original)
