"""The interface of transformations, such as logarithms, that come before centring and division."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

__all__ = ["Transformation"]


@dataclass(frozen=True)
class Transformation(ABC):
    """A strictly increasing map of values, and its inverse.

    Subclasses are frozen dataclasses. The first dimension of every tensor in them must be B: training scales
    several batches at once, and then splits these tensors by windows.
    """

    @abstractmethod
    def transform(self, numbers: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """Return the panel's numbers (float32) transformed; all must be finite.

        The original values are ``batch.origin + batch.unit × number``. Missing values are transformed too,
        and masked later. ``numbers`` must not be changed in place.
        """

    @abstractmethod
    def inverse(self, transformed: Float[Tensor, "B T Y"]) -> Float[Tensor, "B T Y"]:
        """Return original values for transformed numbers in float64; any number must be accepted."""
