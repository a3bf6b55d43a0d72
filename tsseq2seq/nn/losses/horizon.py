"""Losses of a whole horizon: of the shape of a forecast, not of its steps one by one."""

from __future__ import annotations

from abc import ABC, abstractmethod

from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.settings import Settings

__all__ = ["HorizonLoss"]


class HorizonLoss(Settings, ABC):
    """A loss that sees all steps of a window together; ``Point(loss=…)`` takes one.

    Derive a frozen dataclass from it, so that its fields are saved with the model::

        @dataclass(frozen=True)
        class Differences(HorizonLoss):
            weight: float = 1.0

            def windows(self, forecast, truth, valid):
                error = (forecast - truth) * valid
                return error.abs().mean((1, 2)) + self.weight * error.diff(dim=1).abs().mean((1, 2))
    """

    @abstractmethod
    def windows(
        self,
        forecast: Float[Tensor, "B H Y"],
        truth: Float[Tensor, "B H Y"],
        valid: Bool[Tensor, "B H Y"],
    ) -> Float[Tensor, " B"]:
        """Return the loss of each window.

        Parameters
        ----------
        forecast, truth
            On the window's scale; where the mask is False the truth is 0.
        valid
            Which steps were observed. The others must not change the loss.
        """
