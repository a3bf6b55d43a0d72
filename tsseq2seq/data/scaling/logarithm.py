"""The transformation log(1 + y), counted from each context's lowest value to be precise in float32."""

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

    At the lowest value and above, it loses no precision, however far the values lie from 0 or apart. A value
    below it is precise to 6e-8 of 1 + the lowest value, and stays at least that far above −1.

    Attributes
    ----------
    lowest
        (B, 1, Y), the panel's number of the lowest value.
    value
        (B, 1, Y), float64: the lowest value itself, above −1.
    ratio
        (B, 1, Y), the panel's unit divided by 1 + the lowest value.
    """

    lowest: Float[Tensor, "B 1 Y"]
    value: Float[Tensor, "B 1 Y"]
    ratio: Float[Tensor, "B 1 Y"]

    @classmethod
    def of(
        cls, lowest: Float[Tensor, "B 1 Y"], origin: Float[Tensor, "B 1 Y"], unit: Float[Tensor, "B 1 Y"]
    ) -> Logarithm:
        """Return the map counted from the lowest number; original value = origin + unit × number.

        The map of a context without an observed value is arbitrary.
        """
        value = without_rounding(origin + unit * lowest, origin).clamp(min=-1 + 1e-12)
        return cls(lowest, value, (unit / (1 + value)).clamp(max=_LARGEST).float())

    def transform(self, numbers: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """Return the logarithms of the panel's numbers; all are finite."""
        return (numbers - self.lowest).mul_(self.ratio).clamp_(min=-1 + 2**-24, max=_LARGEST).log1p_()

    def inverse(self, logarithms: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """Return the original values of logarithms, in float64."""
        # no series grows e^100-fold, and a forecast must be finite
        return self.value + (1 + self.value) * torch.expm1(logarithms.clamp(max=100.0))
