"""Rehearsals: forecasts from earlier cutoffs of the series themselves, whose outcome is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.smoothing.seasonal_indices import adjusting_cutoffs
from tsseq2seq.smoothing.smoothed import MethodForecasts
from tsseq2seq.smoothing.smoothed_block import SmoothedBlock

__all__ = ["Rehearsal", "first_rehearsal", "rehearsal_cutoffs", "typical_change", "typical_demand"]

# Numbers further than this from the outcome are taken to be so far, as float32 and its sums must hold them.
_FURTHEST = 1e6


@runtime_checkable
class Rehearsable(Protocol):
    """Series that methods forecast from any cutoff."""

    @property
    def values(self) -> Float[Tensor, "n T"]:
        """What is forecast."""

    @property
    def observed(self) -> Bool[Tensor, "n T"]:
        """Where it is known."""

    def method_forecasts(
        self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], horizon: int
    ) -> MethodForecasts:
        """Return the forecasts of all methods."""


@dataclass(frozen=True)
class Rehearsal:
    """Forecasts of all methods from some cutoffs, and what came; each in units of its series.

    Attributes
    ----------
    forecasts
        (B, H, methods).
    logarithms
        (B, methods): how far each method had been off.
    outcomes
        (B, H): the values; 0 where missing.
    observed
        (B, H): which were observed.
    """

    forecasts: Float[Tensor, "B H G"]
    logarithms: Float[Tensor, "B G"]
    outcomes: Float[Tensor, "B H"]
    observed: Bool[Tensor, "B H"]

    @classmethod
    def of(
        cls,
        smoothed: Rehearsable,
        rows: Int[Tensor, " B"],
        cutoffs: Int[Tensor, " B"],
        scale: Float[Tensor, " B"],
        horizon: int,
    ) -> Rehearsal:
        """Rehearse cutoffs of some rows; see :func:`rehearsal_cutoffs`.

        Parameters
        ----------
        smoothed
            The series.
        rows, cutoffs
            From which to forecast.
        scale
            What numbers are divided by; 0: unknown, and not rehearsed.
        horizon
            Steps to forecast.
        """
        values = smoothed.values
        steps = cutoffs[:, None] + torch.arange(horizon)
        inside = steps < values.shape[1]
        steps = steps.clamp(max=values.shape[1] - 1)
        observed = smoothed.observed[rows[:, None], steps] & inside
        usable = (scale > 0) & observed.any(1)
        rows, cutoffs, steps, observed, scale = (
            part[usable] for part in (rows, cutoffs, steps, observed, scale)
        )
        found = smoothed.method_forecasts(rows, cutoffs, horizon)
        outcomes = values[rows[:, None], steps].masked_fill(~observed, 0.0) / scale[:, None]
        # nothing is learned from a level, but float32 would lose the changes beside it
        level = outcomes.sum(1, keepdim=True) / observed.sum(1, keepdim=True)
        forecasts = found.forecasts / scale[:, None, None] - level[..., None]
        outcomes = (outcomes - level).masked_fill(~observed, 0.0)
        forecasts, outcomes = (part.clamp(-_FURTHEST, _FURTHEST).float() for part in (forecasts, outcomes))
        return cls(forecasts, found.logarithms.float(), outcomes, observed)

    @classmethod
    def joined(cls, parts: Sequence[Rehearsal]) -> Rehearsal:
        """Join the rehearsals of several blocks."""
        return cls(
            **{field.name: torch.cat([getattr(part, field.name) for part in parts]) for field in fields(cls)}
        )


def first_rehearsal(period: int) -> int:
    """Return the first cutoff that is rehearsed: two and a half periods and some values more lie before it.

    Examples
    --------
    >>> first_rehearsal(12), first_rehearsal(1)
    (32, 6)
    """
    return max(adjusting_cutoffs(period)[1], 4) + 2


def rehearsal_cutoffs(
    smoothed: SmoothedBlock, period: int, horizon: int, *, most: int, generator: torch.Generator
) -> tuple[Int[Tensor, " B"], Int[Tensor, " B"]]:
    """Choose cutoffs at random: rows of the block, and steps.

    A cutoff lies after two and a half periods and some values more, and has a whole horizon behind it.

    Parameters
    ----------
    smoothed
        The series.
    period, horizon
        The longest seasonal period, and steps to forecast.
    most
        Most cutoffs.
    generator
        Chooses them.
    """
    steps = torch.arange(smoothed.block.values.shape[1])
    lengths = smoothed.block.lengths[:, None]
    first = first_rehearsal(period)
    rows, cutoffs = ((steps >= first) & (steps + horizon <= lengths)).nonzero().unbind(1)
    chosen = torch.randperm(len(rows), generator=generator)[:most]
    return rows[chosen], cutoffs[chosen]


def typical_change(
    values: Float[Tensor, "n T"], observed: Bool[Tensor, "n T"], period: int
) -> Float[Tensor, "n T"]:
    """Return the mean absolute change over a period up to each step, the scale of MASE; 0 where unknown."""
    changes = torch.zeros_like(values)
    both = torch.zeros_like(observed)
    both[:, period:] = observed[:, period:] & observed[:, : values.shape[1] - period]
    changes[:, period:] = (values[:, period:] - values[:, : values.shape[1] - period]).abs()
    return changes.masked_fill(~both, 0.0).cumsum(1) / both.cumsum(1).clamp(min=1)


def typical_demand(values: Float[Tensor, "n T"], observed: Bool[Tensor, "n T"]) -> Float[Tensor, "n T"]:
    """Return the root mean square of the values up to each step; 0 where all are 0."""
    squares = (values.square() * observed).cumsum(1)
    return (squares / observed.cumsum(1).clamp(min=1)).sqrt()
