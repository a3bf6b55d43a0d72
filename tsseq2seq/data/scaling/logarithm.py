"""Logarithms of 1 more than a value, counted from a context's lowest value, so that float32 holds them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.scaling.statistics import without_rounding
from tsseq2seq.data.scaling.transformation import Transformation

__all__ = ["Logarithm"]

_LARGEST = torch.finfo(torch.float32).max


@dataclass(frozen=True)
class Logarithm(Transformation):
    """A map between the panel's numbers and log(1 + y) − log(1 + lowest y) of the original values y.

    From the lowest value on it loses nothing, however far the values lie from 0 or apart. What lies below
    it is known to 6e-8 of 1 + the lowest value, and no closer to −1 than that.

    Attributes
    ----------
    lowest
        (B, 1, Y), the panel's number of the lowest value.
    value
        (B, 1, Y), float64: the lowest value itself, above −1.
    ratio
        (B, 1, Y): what 1 of the panel's numbers is in units of 1 + the lowest value.
    """

    lowest: Float[Tensor, "B 1 Y"]
    value: Float[Tensor, "B 1 Y"]
    ratio: Float[Tensor, "B 1 Y"]

    @classmethod
    def of(
        cls, lowest: Float[Tensor, "B 1 Y"], origin: Float[Tensor, "B 1 Y"], unit: Float[Tensor, "B 1 Y"]
    ) -> Logarithm:
        """Count from the lowest number; original value = origin + unit × number.

        Where a number is not that of an observed value, what is made of it means nothing.
        """
        value = without_rounding(origin + unit * lowest, origin).clamp(min=-1 + 1e-12)
        return cls(lowest, value, (unit / (1 + value)).clamp(max=_LARGEST).float())

    def transform(self, numbers: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """From the panel's numbers to logarithms, which are finite."""
        return (numbers - self.lowest).mul_(self.ratio).clamp_(min=-1 + 2**-24, max=_LARGEST).log1p_()

    def inverse(self, logarithms: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """From logarithms, in float64, to original values."""
        # nothing is e^100 times as large as the lowest value, and infinity is no forecast
        return self.value + (1 + self.value) * torch.expm1(logarithms.clamp(max=100.0))
