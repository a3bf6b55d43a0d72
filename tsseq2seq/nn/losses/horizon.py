"""Losses of a whole horizon: of the shape of a forecast, or in original units and beside its context."""

from __future__ import annotations

from abc import ABC, abstractmethod

from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.settings import Settings

__all__ = ["ContextLoss", "HorizonLoss"]


class HorizonLoss(Settings, ABC):
    """A loss computed from all forecasts of a window, for ``Point(loss=…)``.

    Derive a frozen dataclass from it; its fields are saved with the model::

        @dataclass(frozen=True)
        class Differences(HorizonLoss):
            weight: float = 1.0

            def windows(self, forecast, truth, valid):
                error = (forecast - truth) * valid
                return error.abs().mean((1, 2)) + self.weight * error.diff(dim=1).abs().mean((1, 2))

    Examples
    --------
    >>> import torch
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Largest(HorizonLoss):
    ...     def windows(self, forecast, truth, valid):
    ...         return ((forecast - truth).abs() * valid).flatten(1).amax(1)
    >>> forecast, truth = torch.tensor([[[1.0], [5.0]]]), torch.zeros(1, 2, 1)
    >>> Largest().windows(forecast, truth, torch.ones(1, 2, 1, dtype=torch.bool)).tolist()
    [5.0]
    """

    @abstractmethod
    def windows(
        self,
        forecast: Float[Tensor, "B horizon targets"],
        truth: Float[Tensor, "B horizon targets"],
        valid: Bool[Tensor, "B horizon targets"],
    ) -> Float[Tensor, " B"]:
        """Return the loss of each window.

        Parameters
        ----------
        forecast, truth
            On the scale of the window. The truth is 0 where it was not observed.
        valid
            True where the truth was observed. The loss must not depend on other values.
        """


class ContextLoss(Settings, ABC):
    """A loss of a window in original units that also sees its context, for ``Point(loss=…)``.

    Derive a frozen dataclass from it, as from :class:`HorizonLoss`.

    Examples
    --------
    >>> from tsseq2seq import Point
    >>> from tsseq2seq.nn.losses import MASE
    >>> isinstance(Point(MASE()).context_loss, ContextLoss)
    True
    """

    @abstractmethod
    def windows(
        self,
        forecast: Float[Tensor, "B horizon targets"],
        truth: Float[Tensor, "B horizon targets"],
        valid: Bool[Tensor, "B horizon targets"],
        *,
        context: Float[Tensor, "B steps targets"],
        observed: Bool[Tensor, "B steps targets"],
    ) -> Float[Tensor, " B"]:
        """Return the loss of each window.

        Parameters
        ----------
        forecast, truth
            In original units, float64. The truth is 0 where it was not observed.
        valid
            True where the truth was observed. The loss must not depend on other values.
        context
            What the encoder reads, in original units.
        observed
            True where the context was observed; other values mean nothing.
        """

    def for_season(self, season: int | None) -> ContextLoss:
        """Return the loss for series of a seasonal period (None: without one); by default itself."""
        return self
