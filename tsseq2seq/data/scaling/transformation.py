"""What a scaling may apply to values before it centres and divides them: logarithms, for example."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

__all__ = ["Transformation"]


@dataclass(frozen=True)
class Transformation(ABC):
    """A map that bends values, and its inverse; what is larger must stay larger.

    Subclasses are frozen dataclasses. Training scales the windows of several batches at once and then
    splits every tensor of a transformation by windows, so that their first dimension must be B.
    """

    @abstractmethod
    def transform(self, numbers: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """From the panel's numbers (float32) to transformed ones, which must be finite.

        The original values are ``batch.origin + batch.unit × number``. What was not observed is
        transformed too, and masked later. The numbers given must stay as they are.
        """

    @abstractmethod
    def inverse(self, transformed: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """From transformed numbers, in float64, to original values: any number must lead to one."""
