"""A batch of windows: contexts, targets, masks and covariates, as gathered from the panel."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.features import Features

__all__ = ["Batch", "Moments"]


@dataclass(frozen=True)
class Moments:
    """Statistics of a series' whole history before the cutoff, as numbers of the panel.

    Attributes
    ----------
    mean, spread
        (B, Y), mean and population standard deviation of the observed values.
    """

    mean: Float[Tensor, "B Y"]
    spread: Float[Tensor, "B Y"]


@dataclass(frozen=True)
class Batch:
    """Contexts, targets and their masks (True = observed), as numbers of the panel.

    C and H are the context and the horizon in steps, rounded up to whole segments.

    Attributes
    ----------
    context, context_mask
        (B, C, Y), the last values before the cutoff. In a row with a short history, padding follows them.
    target, target_mask
        (B, H, Y), the values after the cutoff.
    lengths
        (B,), number of segments of the context before its padding. None: no row has padding.
    series
        (B,), number of the series in the panel.
    origin, unit
        (B, Y), float64: value = origin + unit × number.
    history_moments
        Statistics of the whole history. None: the windows were made without ``moments``.
    last_observed
        (B, Y), the last value observed before the cutoff, NaN if there is none. None: every value of the
        panel is observed.
    past
        (B, C, …), past covariates of the context. None: there are none.
    future
        (B, C + H, …), future covariates of context and horizon. None: there are none.
    static
        (B, …), static covariates of the series. None: there are none.
    calendar
        (B, C + H, F), features of the time stamps of context and horizon. None: there are none.
    lagged, lagged_mask
        (B, C + H, L, Y), the values at each of L lags before each step. The mask is False if the lagged step
        is missing, before the series' start or not before the cutoff. None: there are no lags.
    bases
        (B, H, Y), forecasts that a network adds to. None: the windows have none.
    weights
        (B, C + H), how much each step counts in the loss; 0 where no value of it was observed. None: all the
        same.
    complete
        True if all masks are known to be True, so that masking can be skipped.
    """

    context: Float[Tensor, "B C Y"]
    context_mask: Bool[Tensor, "B C Y"]
    target: Float[Tensor, "B H Y"]
    target_mask: Bool[Tensor, "B H Y"]
    lengths: Int[Tensor, " B"] | None
    series: Int[Tensor, " B"]
    origin: Float[Tensor, "B Y"]
    unit: Float[Tensor, "B Y"]
    history_moments: Moments | None = None
    last_observed: Float[Tensor, "B Y"] | None = None
    past: Features | None = None
    future: Features | None = None
    static: Features | None = None
    calendar: Float[Tensor, "B T F"] | None = None
    lagged: Float[Tensor, "B T L Y"] | None = None
    lagged_mask: Bool[Tensor, "B T L Y"] | None = None
    bases: Float[Tensor, "B H Y"] | None = None
    weights: Float[Tensor, "B T"] | None = None
    complete: bool = False

    @property
    def needed_context_mask(self) -> Bool[Tensor, "B C Y"] | None:
        """The context's mask; None if the batch is complete."""
        return None if self.complete else self.context_mask

    @property
    def needed_target_mask(self) -> Bool[Tensor, "B H Y"] | None:
        """The target's mask; None if the batch is complete."""
        return None if self.complete else self.target_mask
