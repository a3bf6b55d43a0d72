"""Seasonal indices as they are known at any cutoff, from a classical decomposition that forgets.

The ratios of values to a centred moving average over a period (differences, if additive) are averaged phase
by phase. Older seasons count less, at several rates. The rates are weighed by how well their indices foretold
the ratios that followed. The result is shrunk towards no season by an F statistic, so that noise makes none.

The ratio of step t is known half a period after it. An index table holds, for each step, the index of its
phase once its own ratio is known; what is known at a cutoff is then read by index arithmetic::

    period 4    step          0 1 2 3 4 5 6 7 8 9 | 10 11 12 13        cutoff 10
                ratio known     . . . . . . . .   |                    up to step 7 = 10 − 1 − 4 // 2
                index read                 4 5 6 7|  6  7  4  5        the last known step of the same phase
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

__all__ = ["SeasonalIndices", "Seasons", "adjusting_cutoffs", "last_known_step"]

# By what a season's weight is multiplied, a season back.
_RATES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
# How sharply the rates are told apart by their errors, and after how many seasons no sharper.
_SHARPNESS, _MOST_SEASONS = 4.0, 8
# Errors of indices are judged so many seasons ahead, or as many as the horizon has.
_MOST_AHEAD = 6
# A factor is no lower, so that values divided by it stay numbers.
_LEAST_FACTOR = 1e-4
# The first values are adjusted by the indices known after so many periods, at a cutoff after that.
_SETTLED_PERIODS = 2.5


@dataclass(frozen=True)
class SeasonalIndices:
    """The index of each step's phase, once the ratio of this step is known.

    Attributes
    ----------
    period
        Steps of a season.
    multiplicative
        Whether indices are factors around 1; otherwise they are terms around 0.
    table
        (series, T): the indices.
    known
        (series, T): whether there is an index; the others are of a series that shows no season yet.
    """

    period: int
    multiplicative: bool
    table: Float[Tensor, "series T"]
    known: Bool[Tensor, "series T"]

    @classmethod
    def of(
        cls,
        values: Float[Tensor, "series T"],
        observed: Bool[Tensor, "series T"],
        period: int,
        *,
        multiplicative: bool,
        horizon: int,
    ) -> SeasonalIndices:
        """Estimate the indices of series.

        Parameters
        ----------
        values
            Complete values, gaps filled from what lies before them.
        observed
            Which values count.
        period
            Steps of a season, at least 2.
        multiplicative
            Whether to take ratios; all values must then be above 0.
        horizon
            Steps of the forecasts, over which the rates of forgetting are judged.
        """
        ratios, known = _detrended(values, observed, period, multiplicative)
        sums = _PhaseSums.of(ratios, known, period, seasons=min(max(1, -(-horizon // period)), _MOST_AHEAD))
        table = sums.indices(1.0 if multiplicative else 0.0)
        enough = known.cumsum(1) >= period
        # a phase whose ratio is missing keeps its index
        return cls(period, multiplicative, table, enough)

    def at(
        self, rows: Int[Tensor, " B"], steps: Int[Tensor, "B K"], cutoffs: Int[Tensor, "B #K"]
    ) -> Float[Tensor, "B K"]:
        """Return the indices of steps as they are known at cutoffs, before which values are known.

        Where none is known, that is no season: 1 or 0.
        """
        step = last_known_step(steps, cutoffs, self.period)
        reachable, step = step >= 0, step.clamp(min=0)
        known = reachable & self.known[rows[:, None], step]
        return torch.where(known, self.table[rows[:, None], step], 1.0 if self.multiplicative else 0.0)

    def of_history(self, first: int) -> Float[Tensor, "series T"]:
        """Return the index of each step by which it is adjusted: that known at the step itself.

        Parameters
        ----------
        first
            The cutoff before which values are adjusted by the indices known at this cutoff, since they have
            none of their own. It must not lie after a cutoff from which to forecast.
        """
        count, longest = self.table.shape
        rows, steps = torch.arange(count), torch.arange(longest).expand(count, -1)
        early = self.at(rows, first + (steps - first) % self.period, torch.full((count, 1), first))
        return torch.where(steps < first, early, self.at(rows, steps, steps))


def adjusting_cutoffs(period: int) -> tuple[int, int]:
    """Return the first cutoff at which indices may be known, and the one after which they are settled.

    Values before are adjusted by the indices that are known then, so that no later value changes them.

    Examples
    --------
    >>> adjusting_cutoffs(12)
    (24, 30)
    """
    return period + 2 * (period // 2), int(_SETTLED_PERIODS * period)


def last_known_step(
    steps: Int[Tensor, "B K"], cutoffs: Int[Tensor, "B #K"], period: int
) -> Int[Tensor, "B K"]:
    """Return the last step of each step's phase whose ratio is known at the cutoff; it may be below 0."""
    last_known = cutoffs - 1 - period // 2
    seasons = torch.div(steps - last_known + period - 1, period, rounding_mode="floor")
    return steps - period * seasons.clamp(min=0)


@dataclass(frozen=True)
class Seasons:
    """The indices of several seasonal periods, each estimated on what those before it leave.

    Attributes
    ----------
    indices
        One for each period.
    adjusted
        (series, T): the values without seasons.
    """

    indices: tuple[SeasonalIndices, ...]
    adjusted: Float[Tensor, "series T"]

    @classmethod
    def of(
        cls,
        values: Float[Tensor, "series T"],
        observed: Bool[Tensor, "series T"],
        periods: tuple[int, ...],
        *,
        first_cutoff: int,
        multiplicative: bool,
        horizon: int,
    ) -> Seasons:
        """Estimate the indices of each period, and adjust the values; see :meth:`SeasonalIndices.of`.

        Parameters
        ----------
        values, observed, periods, multiplicative, horizon
            As there.
        first_cutoff
            The first cutoff from which to forecast. Nothing that is known later adjusts the values before it.
        """
        found, settled, steps = [], 0, torch.arange(values.shape[1])
        for period in periods:
            indices = SeasonalIndices.of(
                values, observed, period, multiplicative=multiplicative, horizon=horizon
            )
            # before then, what a shorter period leaves is not the same at every cutoff
            known = indices.known & (steps + period // 2 + 1 >= settled)
            found.append(dataclasses.replace(indices, known=known))
            reached = [cutoff for cutoff in adjusting_cutoffs(period) if cutoff <= first_cutoff]
            if reached:
                index = found[-1].of_history(reached[-1])
                values = values / index if multiplicative else values - index
            settled = adjusting_cutoffs(period)[1]
        return cls(tuple(found), values)

    def restore(
        self,
        forecasts: Float[Tensor, "B H *G"],
        rows: Int[Tensor, " B"],
        steps: Int[Tensor, "B H"],
        cutoffs: Int[Tensor, "B #H"],
    ) -> Float[Tensor, "B H *G"]:
        """Put the seasons back into forecasts of steps, made at cutoffs."""
        for indices in self.indices:
            index = indices.at(rows, steps, cutoffs)
            index = index.reshape(*index.shape, *[1] * (forecasts.dim() - 2))
            forecasts = forecasts * index if indices.multiplicative else forecasts + index
        return forecasts

    def size(
        self, rows: Int[Tensor, " B"], steps: Int[Tensor, "B H"], cutoffs: Int[Tensor, "B #H"]
    ) -> Float[Tensor, "B H"]:
        """Return by what a spread of adjusted values is multiplied: the factors; 1 for additive seasons."""
        size = torch.ones(steps.shape, dtype=self.adjusted.dtype)
        for indices in self.indices:
            if indices.multiplicative:
                size = size * indices.at(rows, steps, cutoffs)
        return size


@dataclass(frozen=True)
class _PhaseSums:
    """Sums over the ratios of a phase, for each rate of forgetting and each step (series, rates, T).

    Attributes
    ----------
    weight, squared_weight
        Sums of the weights and of their squares.
    total, squares
        Weighted sums of the ratios and of their squares.
    error, judged
        Summed errors of the indices at a step, and how many they are.
    period, seasons
        Steps of a season, and seasons ahead at which errors are judged.
    known
        (series, T): which ratios are known.
    """

    weight: Tensor
    squared_weight: Tensor
    total: Tensor
    squares: Tensor
    error: Tensor
    judged: Tensor
    period: int
    seasons: int
    known: Tensor

    @classmethod
    def of(
        cls, ratios: Float[Tensor, "series T"], known: Bool[Tensor, "series T"], period: int, seasons: int
    ) -> _PhaseSums:
        """Sum season by season: all phases of a season at once."""
        count, length = ratios.shape
        whole = -(-length // period) * period
        by_season = functional.pad(ratios, (0, whole - length)).view(count, -1, 1, period)
        seen = functional.pad(known, (0, whole - length)).view(count, -1, 1, period)
        rates = torch.tensor(_RATES, dtype=ratios.dtype)[:, None]
        zero = ratios.new_zeros(count, len(_RATES), period)
        weight, squared_weight, total, squares = zero, zero, zero, zero
        past: list[tuple[Tensor, Tensor]] = []
        stored: list[tuple[Tensor, ...]] = []
        for season in range(by_season.shape[1]):
            ratio, now = by_season[:, season], seen[:, season]
            error, judged = zero, zero
            for index, has in past:
                both = now & has
                error = error + torch.where(both, (ratio - index).abs(), 0.0)
                judged = judged + both
            weight = torch.where(now, weight * rates + 1, weight)
            squared_weight = torch.where(now, squared_weight * rates.square() + 1, squared_weight)
            total = torch.where(now, total * rates + ratio, total)
            squares = torch.where(now, squares * rates + ratio.square(), squares)
            past = [*past, (total / weight.clamp(min=1e-12), weight > 0)][-seasons:]
            stored.append((weight, squared_weight, total, squares, error, judged))
        names = ("weight", "squared_weight", "total", "squares", "error", "judged")
        flat = {
            name: torch.stack(parts, dim=2).flatten(2)[..., :length]
            for name, parts in zip(names, zip(*stored, strict=True), strict=True)
        }
        return cls(**flat, period=period, seasons=seasons, known=known)

    def indices(self, none: float) -> Float[Tensor, "series T"]:
        """Return normalised indices, shrunk towards ``none``, and averaged over the rates."""
        raw = torch.where(self.weight > 0, self.total / self.weight.clamp(min=1e-12), none)
        mean = self._recent(raw) / self.period
        index = raw / mean.clamp(min=1e-9) if none else raw - mean
        kept = none + (index - none) * self._seasonality()
        index = (kept * self._rate_weights()).sum(1)
        return index.clamp(min=_LEAST_FACTOR) if none else index

    def _seasonality(self) -> Float[Tensor, "series rates T"]:
        """Return how seasonal a series is, from 0 to 1: 1 − 1 / F, of the variation between the phases."""
        weight, total = self._recent(self.weight), self._recent(self.total)
        explained = self._recent(self.total.square() / self.weight.clamp(min=1e-12))
        squares = self._recent(self.squares)
        within = (squares - explained).clamp(min=0)
        # rounding must not look like a season, nor a season without any noise like none
        within = within.clamp(min=1e-24).maximum(1e-15 * squares)
        around = (explained - total.square() / weight.clamp(min=1e-12)).clamp(min=0)
        effective = weight.square() / self._recent(self.squared_weight).clamp(min=1e-12)
        f = around / (self.period - 1) / (within / (effective - self.period).clamp(min=1))
        shown = self.known.cumsum(1)[:, None] >= self.period
        return torch.where(shown, (1 - 1 / f.clamp(min=1e-9)).clamp(0, 1), 0.0)

    def _rate_weights(self) -> Float[Tensor, "series rates T"]:
        """Return how much each rate counts at each step, by the errors of its indices until then."""
        error, judged = self.error.cumsum(-1), self.judged.cumsum(-1)
        mean = error / judged.clamp(min=1)
        typical = mean.mean(1, keepdim=True)
        judged = judged / self.seasons
        relative = torch.where((judged >= self.period) & (typical > 0), mean / typical.clamp(min=1e-300), 1.0)
        evidence = (judged / self.period).clamp(max=_MOST_SEASONS)
        return torch.softmax(-_SHARPNESS * relative.clamp(min=1e-6).log() * evidence, dim=1)

    def _recent(self, sums: Float[Tensor, "series rates T"]) -> Float[Tensor, "series rates T"]:
        """Return the sum over the last period at each step: of each phase the latest."""
        running = functional.pad(sums.cumsum(-1), (self.period, 0))
        return running[..., self.period :] - running[..., : -self.period]


def _detrended(
    values: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"], period: int, multiplicative: bool
) -> tuple[Float[Tensor, "series T"], Bool[Tensor, "series T"]]:
    """Return the ratios to a centred moving average over a period, and which are known."""
    # an even period is centred by giving both ends half the weight
    kernel = values.new_ones(period + 1 - period % 2)
    if period % 2 == 0:
        kernel[0] = kernel[-1] = 0.5
    half = len(kernel) // 2
    if values.shape[1] < len(kernel):
        return torch.zeros_like(values), torch.zeros_like(observed)
    trend = functional.conv1d(values[:, None], (kernel / period)[None, None])[:, 0]
    trend = functional.pad(trend, (half, half))
    # averages reach over filled gaps; what comes later, even that nothing does, decides on no ratio
    steps = torch.arange(values.shape[1])
    known = observed & (steps >= half) & (steps < values.shape[1] - half)
    ratios = values / torch.where(known, trend, 1.0) if multiplicative else values - trend
    return ratios.masked_fill(~known, 0.0), known
