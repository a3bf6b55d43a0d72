"""Smoothed: the base's forecasts of many series at any cutoff, from one pass over their steps."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.smoothing.gaps import filled
from tsseq2seq.smoothing.intermittent import variance_explained
from tsseq2seq.smoothing.method_errors import MethodErrors, discounted_errors
from tsseq2seq.smoothing.method_weights import MethodWeights
from tsseq2seq.smoothing.methods import Methods, States
from tsseq2seq.smoothing.seasonal_indices import Seasons, adjusting_cutoffs
from tsseq2seq.smoothing.states import smoothed_states

__all__ = ["MethodForecasts", "Smoothed", "SmoothedTable"]


@dataclass(frozen=True)
class MethodForecasts:
    """What every method forecasts from some cutoffs.

    Attributes
    ----------
    forecasts
        (B, H, methods), in the units of the series.
    logarithms
        (B, methods): how far each was off until then; see
        :meth:`~tsseq2seq.smoothing.method_errors.MethodErrors.logarithms`.
    """

    forecasts: Float[Tensor, "B H G"]
    logarithms: Float[Tensor, "B G"]


@dataclass(frozen=True)
class Smoothed:
    """The states of all methods after each step of some series, with their seasons and errors.

    Series whose seasons are factors and series whose seasons are terms are two of these.

    Attributes
    ----------
    seasons
        The seasonal indices, and the values without seasons.
    observed
        (series, T): which values count.
    states
        The states, of the values without seasons.
    errors
        How far each method was off.
    methods
        The methods.
    horizon
        Steps to forecast, at which methods are judged.
    first_cutoff
        The first cutoff of which this holds: indices that are known there adjust the values before it.
    earlier
        What holds of the cutoffs before; None: there are none.
    """

    seasons: Seasons
    observed: Bool[Tensor, "series T"]
    states: States
    errors: MethodErrors
    methods: Methods
    horizon: int
    first_cutoff: int
    earlier: Smoothed | None

    @classmethod
    def of(
        cls,
        values: Float[Tensor, "series T"],
        observed: Bool[Tensor, "series T"],
        ends: Int[Tensor, " series"],
        periods: tuple[int, ...],
        *,
        horizon: int,
        multiplicative: bool = False,
        methods: Methods,
        earliest: int = 1,
    ) -> Smoothed:
        """Smooth series.

        Parameters
        ----------
        values
            The values, in float64; the first of each series is observed.
        observed
            Which values were observed.
        ends
            Steps of each series; padding follows.
        periods
            The seasonal periods, the shortest first; empty: none.
        horizon
            Steps to forecast, at which methods are judged.
        multiplicative
            Whether seasons are factors; all values must then be above 0.
        methods
            The methods.
        earliest
            The first cutoff that anything is asked of. What holds of those before is not computed.
        """
        length = values.shape[1]
        padding = torch.arange(length) >= ends[:, None]
        complete = filled(values, observed | padding, periods[0] if periods else 1)
        if multiplicative:
            complete = complete.masked_fill(padding, 1.0)
        cutoffs = sorted({cutoff for period in periods for cutoff in adjusting_cutoffs(period)})
        cutoffs = [1, *(cutoff for cutoff in cutoffs if cutoff <= length), length + 1]
        while len(cutoffs) > 2 and cutoffs[1] <= earliest:
            del cutoffs[0]
        smoothed = None
        for first, after in itertools.pairwise(cutoffs):
            until = slice(after - 1)
            seen, passed_over = observed[:, until], padding[:, until]
            seasons = Seasons.of(
                complete[:, until],
                seen,
                periods,
                first_cutoff=first,
                multiplicative=multiplicative,
                horizon=horizon,
            )
            states = smoothed_states(seasons.adjusted, seen | passed_over, methods)
            errors = MethodErrors.of(seasons.adjusted, seen, states, methods, horizon)
            smoothed = cls(seasons, seen, states, errors, methods, horizon, first, smoothed)
        assert smoothed is not None
        return smoothed

    def method_forecasts(
        self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], horizon: int
    ) -> MethodForecasts:
        """Return the forecasts of all methods from cutoffs, each after that many steps of its series.

        No cutoff lies before ``first_cutoff``.
        """
        ahead = torch.arange(1, horizon + 1, dtype=torch.float64)
        adjusted = self.methods.forecasts(self.states.at(rows, cutoffs - 1), ahead)
        steps = cutoffs[:, None] + torch.arange(horizon)
        forecasts = self.seasons.restore(adjusted, rows, steps, cutoffs[:, None])
        return MethodForecasts(forecasts, self.errors.logarithms(rows, cutoffs - 1))

    def variance_explained(self, values: Float[Tensor, "series U"]) -> Float[Tensor, "series T"]:
        """Return what share of the variance of the values up to each step the seasons explain."""
        own = slice(self.seasons.adjusted.shape[1])
        share = variance_explained(values[:, own], self.seasons.adjusted, self.observed)
        if self.earlier is None:
            return share
        before = self.earlier.variance_explained(values)
        return torch.cat([before, share[:, self.first_cutoff - 1 :]], dim=1)

    def table(self, weights: MethodWeights) -> SmoothedTable:
        """Return what forecasts from any cutoff are read from, with the methods weighed."""
        series, length = self.observed.shape
        rows = torch.arange(series)[:, None].expand(-1, length)
        steps = torch.arange(length).expand(series, -1)
        numbers = self.methods.combined(self.states, weights.of(self.errors.logarithms(rows, steps)))
        spread = self._spread(numbers)
        if self.earlier is not None:
            before, own = self.earlier.table(weights), slice(self.first_cutoff - 1, None)
            numbers = torch.cat([before.numbers, numbers[:, own]], dim=1)
            spread = torch.cat([before.mean_error, spread[:, own]], dim=1)
        return SmoothedTable(numbers, spread, self.seasons, self.methods)

    def _spread(self, numbers: Float[Tensor, "series T N"]) -> Float[Tensor, "series T"]:
        """Return the mean absolute error of the weighted forecasts of steps up to each step."""
        values, length = self.seasons.adjusted, numbers.shape[1]

        def judge(ahead: int) -> Tensor:
            made = self.methods.forecast(numbers[:, : length - ahead], numbers.new_tensor([float(ahead)]))
            return (values[:, ahead:] - made[:, :, 0]).abs()[..., None]

        # forecasts from the first few values are far off, and tell nothing of those from more
        seen = self.observed.cumsum(1).double()
        total, count = discounted_errors(judge, self.observed, self.horizon, width=1, weights=seen)
        return (total / count.clamp(min=1e-12))[..., 0]


@dataclass(frozen=True)
class SmoothedTable:
    """The weighted mean of all methods, from a few numbers a step.

    Attributes
    ----------
    numbers
        (series, T, N): see :meth:`~tsseq2seq.smoothing.methods.Methods.combined`.
    mean_error
        (series, T): the discounted mean absolute error until then, without seasons; 0 where nothing is known.
    seasons, methods
        As in :class:`Smoothed`.
    """

    numbers: Float[Tensor, "series T N"]
    mean_error: Float[Tensor, "series T"]
    seasons: Seasons
    methods: Methods

    def forecast(
        self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], ahead: Int[Tensor, " H"]
    ) -> Float[Tensor, "B H"]:
        """Return the forecasts of the steps so far ahead, from 1, of cutoffs after at least one step."""
        adjusted = self.methods.forecast(self.numbers[rows, cutoffs - 1], ahead.double())
        return self.seasons.restore(adjusted, rows, cutoffs[:, None] + ahead - 1, cutoffs[:, None])

    def spread(
        self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], ahead: Int[Tensor, " H"]
    ) -> Float[Tensor, "B H"]:
        """Return the mean error until the cutoffs, in the size that the seasons of the steps give it."""
        size = self.seasons.size(rows, cutoffs[:, None] + ahead - 1, cutoffs[:, None])
        return self.mean_error[rows, cutoffs - 1][:, None] * size
