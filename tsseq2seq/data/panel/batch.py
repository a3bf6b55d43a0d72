"""A batch: contexts and targets of some windows, ready for the network."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.features import Features

__all__ = ["Batch", "Moments"]


@dataclass(frozen=True)
class Moments:
    """Statistics of a series' whole history before the cutoff, in the panel's units.

    Attributes
    ----------
    mean, spread
        (B, Y), mean and population standard deviation of the observed values.
    """

    mean: Float[Tensor, "B Y"]
    spread: Float[Tensor, "B Y"]


@dataclass(frozen=True)
class Batch:
    """Contexts, targets and their masks (True = observed), in the panel's units.

    Attributes
    ----------
    context, context_mask
        (B, C, Y): the last values before the cutoff; C is a multiple of the segment length. Rows
        with less history hold it first and padding behind it.
    target, target_mask
        (B, H, Y): the values after the cutoff; H is a multiple of the segment length.
    lengths
        (B,), number of segments of the context that are not padding; None where all are not.
    series
        (B,), which series of the panel.
    origin, unit
        (B, Y): value = origin + unit × number, in float64.
    history
        Statistics of the whole history; None unless the windows were asked for them.
    last
        (B, Y), the last value observed before the cutoff, NaN if there is none; None where every
        value of the panel is observed.
    past
        (B, C, …), covariates of the context's steps that are not known ahead; None without any.
    future
        (B, C + H, …), covariates of all steps that are known ahead; None without any.
    static
        (B, …), covariates of the series; None without any.
    calendar
        (B, C + H, F), features of the time stamps of all steps; None without any.
    lagged, lagged_mask
        (B, C + H, L, Y), the values that lie each of L lags before a step; False where that is not
        before the cutoff, or before the series. None without lags.
    complete
        Whether it is known that all masks are True, so that nothing need be masked.
    """

    context: Float[Tensor, "B C Y"]
    context_mask: Bool[Tensor, "B C Y"]
    target: Float[Tensor, "B H Y"]
    target_mask: Bool[Tensor, "B H Y"]
    lengths: Int[Tensor, " B"] | None
    series: Int[Tensor, " B"]
    origin: Float[Tensor, "B Y"]
    unit: Float[Tensor, "B Y"]
    history: Moments | None = None
    last: Float[Tensor, "B Y"] | None = None
    past: Features | None = None
    future: Features | None = None
    static: Features | None = None
    calendar: Float[Tensor, "B T F"] | None = None
    lagged: Float[Tensor, "B T L Y"] | None = None
    lagged_mask: Bool[Tensor, "B T L Y"] | None = None
    complete: bool = False

    @property
    def needed_context_mask(self) -> Bool[Tensor, "B C Y"] | None:
        """The context's mask; None where all is known to be observed."""
        return None if self.complete else self.context_mask

    @property
    def needed_target_mask(self) -> Bool[Tensor, "B H Y"] | None:
        """The target's mask; None where all is known to be observed."""
        return None if self.complete else self.target_mask
