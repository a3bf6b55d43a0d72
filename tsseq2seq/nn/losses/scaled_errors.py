"""Losses that are metrics in original units: sMAPE, and MASE scaled by the window's context."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.nn.losses.horizon import ContextLoss
from tsseq2seq.settings import check_number

__all__ = ["MASE", "SMAPE"]

# A context that repeats itself exactly would weigh its window without bound: the error of the seasonal naive
# forecast counts as at least this share of the context's mean absolute deviation.
_LEAST = 0.01


@dataclass(frozen=True)
class SMAPE(ContextLoss):
    """Symmetric absolute percentage error, 0 to 200, as the metric ``"smape"``.

    It is 0 where truth and forecast are both 0. Where they differ in sign it is 200, whatever the forecast,
    and teaches nothing: it suits values above 0.

    References
    ----------
    Makridakis, "Accuracy measures: theoretical and practical concerns" (1993).

    Examples
    --------
    >>> values, seen = torch.tensor([[[3.0]]]), torch.tensor([[[True]]])
    >>> SMAPE().windows(values, torch.ones_like(values), seen, context=values, observed=seen).tolist()
    [100.0]
    """

    def windows(
        self,
        forecast: Float[Tensor, "B horizon targets"],
        truth: Float[Tensor, "B horizon targets"],
        valid: Bool[Tensor, "B horizon targets"],
        *,
        context: Float[Tensor, "B steps targets"],
        observed: Bool[Tensor, "B steps targets"],
    ) -> Float[Tensor, " B"]:
        """Return the mean of each window's valid values."""
        size = forecast.abs() + truth.abs()
        counts = valid & (size > 0)
        share = (forecast - truth).abs() / size.masked_fill(~counts, 1.0)
        total = share.masked_fill(~counts, 0.0).flatten(1).sum(1)
        return 200 * total / valid.flatten(1).sum(1).clamp(min=1)


@dataclass(frozen=True)
class MASE(ContextLoss):
    """Absolute error, divided by that of the seasonal naive forecast within the window's context.

    Unlike the metric, which scales by the whole training part of a series, each window is scaled by what its
    context shows, so that a series weighs the same before and after it has grown. Where the context is
    shorter than a season, its changes from one time step to the next take the place of seasonal ones; a
    context that repeats itself counts as if its error were a hundredth of its mean absolute deviation, and
    one that does not vary at all, or has too few values, has the loss 0.

    Parameters
    ----------
    season_length
        Seasonal period in time steps. None: the forecaster's first one; 1 if it has none.

    References
    ----------
    Hyndman and Koehler, "Another look at measures of forecast accuracy" (2006).

    Examples
    --------
    >>> context = torch.tensor([1.0, 3.0, 2.0, 4.0])[None, :, None]
    >>> seen = torch.ones_like(context, dtype=torch.bool)
    >>> truth = torch.tensor([[[3.0]]])
    >>> forecast = truth + 2
    >>> MASE(season_length=2).windows(forecast, truth, seen[:, :1], context=context, observed=seen).tolist()
    [2.0]
    """

    season_length: int | None = None

    def __post_init__(self) -> None:
        """Check the season."""
        check_number("MASE", "season_length", self.season_length, low=1, integer=True, optional=True)

    def for_season(self, season: int | None) -> MASE:
        """Return the loss with the season, unless it has one."""
        return (
            self if self.season_length is not None else dataclasses.replace(self, season_length=season or 1)
        )

    def windows(
        self,
        forecast: Float[Tensor, "B horizon targets"],
        truth: Float[Tensor, "B horizon targets"],
        valid: Bool[Tensor, "B horizon targets"],
        *,
        context: Float[Tensor, "B steps targets"],
        observed: Bool[Tensor, "B steps targets"],
    ) -> Float[Tensor, " B"]:
        """Return the mean of each window's valid values."""
        seasonal, has_season = _mean_change(context, observed, self.season_length or 1)
        single, has_single = _mean_change(context, observed, 1)
        naive = torch.where(has_season, seasonal, single)
        centre = _mean(context, observed)
        deviation = _mean((context - centre[:, None]).abs(), observed)
        scale = torch.maximum(naive, _LEAST * deviation)[:, None]
        counts = valid & has_single[:, None] & (scale > 0)
        errors = (forecast - truth).abs() / scale.masked_fill(~(scale > 0), 1.0)
        total = errors.masked_fill(~counts, 0.0).flatten(1).sum(1)
        return total / counts.flatten(1).sum(1).clamp(min=1)


def _mean_change(
    context: Float[Tensor, "B steps targets"], observed: Bool[Tensor, "B steps targets"], lag: int
) -> tuple[Float[Tensor, "B targets"], Bool[Tensor, "B targets"]]:
    """Return the mean absolute change over ``lag`` steps, and where there is one."""
    both = observed[:, lag:] & observed[:, :-lag]
    return _mean((context[:, lag:] - context[:, :-lag]).abs(), both), both.sum(1) > 0


def _mean(
    values: Float[Tensor, "B steps targets"], mask: Bool[Tensor, "B steps targets"]
) -> Float[Tensor, "B targets"]:
    return values.masked_fill(~mask, 0.0).sum(1) / mask.sum(1).clamp(min=1)
