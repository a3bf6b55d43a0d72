"""Exponential smoothing by its definitions: loops over series and steps, for one cutoff at a time.

Only what lies before the cutoff is ever handed to these functions, so that nothing later can matter.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.error_shape import ErrorShape
from tsseq2seq.smoothing.method_weights import MethodWeights
from tsseq2seq.smoothing.methods import Methods

RATES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
LEVELS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)
DAMPINGS = (0.8, 0.9, 0.97)
TRENDS = [
    (alpha, alpha * ratio, phi)
    for alpha in (0.2, 0.5, 0.8, 1.0)
    for ratio in (0.02, 0.1, 0.3)
    for phi in DAMPINGS
]


def fill_gaps(values, period):
    """Each missing value from the season before it, or from the step before it."""
    complete = list(values)
    for t, value in enumerate(complete):
        if np.isnan(value):
            complete[t] = complete[t - period] if t >= period else complete[t - 1]
    return complete


def ratios_to_moving_average(complete, seen, period, factors):
    """What each observed value is to the mean over a period around it; NaN where that reaches beyond an end."""
    half = period // 2
    weights = (
        [1 / period] * period if period % 2 else [0.5 / period, *[1 / period] * (period - 1), 0.5 / period]
    )
    ratios = [np.nan] * len(complete)
    for t in range(half, len(complete) - half):
        if seen[t]:
            trend = sum(weight * complete[t - half + k] for k, weight in enumerate(weights))
            ratios[t] = complete[t] / trend if factors else complete[t] - trend
    return ratios


def forgetful(past, rate):
    """Weights of the ratios of a phase, the oldest first; the latest has weight 1."""
    return [rate ** (len(past) - 1 - k) for k in range(len(past))]


class Indices:
    """Seasonal indices of one period, as known at any cutoff up to the end of the values."""

    def __init__(self, complete, seen, period, *, factors, horizon):
        self.period, self.none = period, 1.0 if factors else 0.0
        self.ratios = ratios_to_moving_average(complete, seen, period, factors)
        self.seasons = min(max(1, -(-horizon // period)), 6)
        # the same is asked for again and again
        self.raw, self.after, self.of_phase = map(functools.cache, (self._raw, self._after, self._of_phase))

    def at(self, step, cutoff):
        """The index of a step: of the last step of its phase whose ratio is known at the cutoff."""
        last = cutoff - 1 - self.period // 2
        while step > last:
            step -= self.period
        known = sum(not np.isnan(ratio) for ratio in self.ratios[: max(0, step + 1)])
        return self.none if step < 0 or known < self.period else self.after(step)

    def _after(self, step):
        """The index of a step's phase, by the ratios up to this step."""
        kept = []
        for rate in RATES:
            raw = [self.raw(phase_step, rate) for phase_step in range(step - self.period + 1, step + 1)]
            mean = sum(raw) / self.period
            index = raw[-1] / mean if self.none else raw[-1] - mean
            kept.append(self.none + (index - self.none) * self.seasonality(step, rate))
        index = float(np.dot(kept, self.rate_weights(step)))
        return max(index, 1e-4) if self.none else index

    def _of_phase(self, step):
        return [r for r in self.ratios[step % self.period : step + 1 : self.period] if not np.isnan(r)]

    def _raw(self, step, rate):
        past = self.of_phase(step)
        return np.average(past, weights=forgetful(past, rate)) if past else self.none

    def seasonality(self, step, rate):
        """1 − 1 / F of a weighted analysis of variance between the phases."""
        phases = [self.of_phase(s) for s in range(step - self.period + 1, step + 1)]
        weights = [np.array(forgetful(past, rate)) for past in phases]
        total = sum(w.sum() for w in weights)
        grand = sum((w * np.array(past)).sum() for w, past in zip(weights, phases, strict=True)) / total
        around = within = squares = 0.0
        for w, past in zip(weights, phases, strict=True):
            if past:
                mean = np.average(past, weights=w)
                around += w.sum() * (mean - grand) ** 2
                within += (w * (np.array(past) - mean) ** 2).sum()
                squares += (w * np.square(past)).sum()
        effective = total**2 / sum((w**2).sum() for w in weights)
        # of rounding alone, as little as the package allows for
        within = max(within, 1e-24, 1e-15 * squares)
        f = around / (self.period - 1) / (within / max(1.0, effective - self.period))
        return min(1.0, max(0.0, 1 - 1 / max(f, 1e-9)))

    def rate_weights(self, step):
        """By the errors of each rate's indices, so many seasons ahead, over all steps up to this one."""
        errors, judged = [], 0
        for rate in RATES:
            total, judged = 0.0, 0
            for s in range(step + 1):
                for ago in range(1, self.seasons + 1):
                    before = s - ago * self.period
                    if np.isnan(self.ratios[s]) or before < 0 or not self.of_phase(before):
                        continue
                    total += abs(self.ratios[s] - self.raw(before, rate))
                    judged += 1
            errors.append(total / max(1, judged))
        judged /= self.seasons
        typical = np.mean(errors)
        if judged < self.period or typical <= 0:
            return np.full(len(RATES), 1 / len(RATES))
        relative = np.maximum(np.array(errors) / typical, 1e-6)
        power = relative ** (-4.0 * min(judged / self.period, 8))
        return power / power.sum()

    def of_history(self, length, first):
        """The index by which each step is adjusted: at first those of the cutoff ``first``, then its own."""
        return [
            self.at(first + (t - first) % self.period, first) if t < first else self.at(t, t)
            for t in range(length)
        ]


def first_cutoff(period, cutoff):
    """The cutoff whose indices adjust the first values, for a forecast from ``cutoff``."""
    known, settled = period + 2 * (period // 2), int(2.5 * period)
    return settled if cutoff >= settled else known


@dataclass
class States:
    levels: np.ndarray
    lags: np.ndarray
    slope: float
    trend_levels: np.ndarray
    trends: np.ndarray

    def forecasts(self, ahead):
        """Of the sixty methods: levels by share of the slope, then damped trends."""
        lines = [self.levels + d * self.slope * (self.lags + ahead) for d in (0.0, 0.5, 1.0)]
        damped = [sum(phi**k for k in range(1, ahead + 1)) for _, _, phi in TRENDS]
        return np.concatenate([*lines, self.trend_levels + np.array(damped) * self.trends])


def states(values, seen):
    """After each step; every method by its recursion."""
    found = []
    levels, lags = [values[0]] * len(LEVELS), [0.0] * len(LEVELS)
    trends = [(values[0], 0.0)] * len(TRENDS)
    for t, value in enumerate(values):
        if t:
            for k, alpha in enumerate(LEVELS):
                a = alpha if seen[t] else 0.0
                levels[k], lags[k] = levels[k] + a * (value - levels[k]), (1 - a) * (lags[k] + 1)
            for k, (alpha, beta, phi) in enumerate(TRENDS):
                level, trend = trends[k]
                miss = value - level - phi * trend if seen[t] else 0.0
                trends[k] = level + phi * trend + alpha * miss, phi * trend + beta * miss
        at = [s for s in range(t + 1) if seen[s]]
        slope = np.polyfit(at, [values[s] - values[0] for s in at], 1)[0] if len(at) >= 3 else 0.0
        found.append(States(np.array(levels), np.array(lags), slope, *np.array(trends).T))
    return found


def judged_ahead(horizon):
    return sorted({1, min(2, horizon), *(max(1, k * horizon // 4) for k in (1, 2, 3, 4))})


@dataclass
class Known:
    """What smoothing knows at a cutoff: point and mean error of each step, and the lowest number to forecast."""

    forecasts: np.ndarray
    spread: np.ndarray
    floor: float
    enough: bool

    @property
    def point(self):
        return np.maximum(self.forecasts, self.floor)

    def quantile(self, offsets, probability):
        return np.maximum(self.forecasts + self.spread * offsets, self.floor)


@dataclass
class KnownDemand(Known):
    """The same of intermittent demand: how probable it is, and the sizes it had, with their weights."""

    chance: float
    sizes: list[tuple[float, float]]

    def quantile(self, offsets, probability):
        above = (probability - (1 - self.chance)) / self.chance if self.chance > 0 else -1.0
        if above <= 0:
            return np.zeros_like(offsets)
        whole, reached = sum(weight for _, weight in self.sizes), 0.0
        for size, weight in sorted(self.sizes):
            reached += weight
            if reached >= above * whole * (1 - 1e-12):
                return np.full_like(offsets, size)
        raise AssertionError("the weights of the sizes sum to less than their sum")


# p and z of Teunter, Syntetos and Babai; of Syntetos and Boylan; of simple smoothing
LINKED = [(p, z) for p in (0.0, 0.02, 0.05, 0.1, 0.2, 0.3) for z in (0.0, 0.1, 0.3)]
INTERVALS = (0.05, 0.1, 0.2)
SIMPLE = (0.05, 0.1, 0.2, 0.4, 0.7)


def discounted_mean(past, rate):
    """Of a list, the latest last, each counting (1 − rate) of the one after it; 0 of none."""
    weights = [(1 - rate) ** (len(past) - 1 - k) for k in range(len(past))]
    return float(np.dot(weights, past) / sum(weights)) if past else 0.0


def demand_levels(values, t):
    """What each method expects after step t, and how probable a demand is at each rate."""
    seen = [v for v in values[: t + 1] if not np.isnan(v)]
    demanded = [float(v > 0) for v in seen]
    sizes = [v for v in seen if v > 0]
    places = [-1, *(k for k, v in enumerate(seen) if v > 0)]
    gaps = list(np.diff(places))
    chances = {rate: discounted_mean(demanded, rate) for rate, _ in LINKED}
    linked = [chances[p] * discounted_mean(sizes, z) for p, z in LINKED]
    croston = [(1 - a / 2) * discounted_mean(sizes, a) / max(1, discounted_mean(gaps, a)) for a in INTERVALS]
    simple = [discounted_mean(seen, a) for a in SIMPLE]
    return np.array([*linked, *croston, *simple]), np.array(list(chances.values()))


def weighed_by_squares(values, levels, horizon, prior, sharpness):
    """The weighted level at the end, and the root mean squared error of all weighted levels until then."""
    methods = len(levels[0])
    total, count, own, weighted = np.zeros(methods), 0.0, 0.0, []
    for t, value in enumerate(values):
        total, count, own = 0.96 * total, 0.96 * count, 0.96 * own
        for ahead in judged_ahead(horizon):
            if t - ahead >= 2 and not np.isnan(value):
                total = total + (value - levels[t - ahead]) ** 2
                own += (value - weighted[t - ahead]) ** 2
                count += 1
        roots = np.sqrt(total)
        relative = np.ones(methods)
        if count > 0 and roots.mean() > 0:
            relative = np.clip(roots / roots.mean(), 1e-3, 1e3)
        score = prior - sharpness * np.log(relative)
        share = np.exp(score - score.max())
        weighted.append(float(share @ levels[t] / share.sum()))
    return weighted[-1], np.sqrt(own / count) if count else 0.0


def is_intermittent(values, adjusted, seen):
    """More than two fifths of at least eight values from the first demand on are 0, and not by the season."""
    known = [(v, a) for v, a, s in zip(values, adjusted, seen, strict=True) if s]
    first = next((k for k, (v, _) in enumerate(known) if v > 0), len(known))
    begun = [v for v, _ in known[first:]]
    if len(begun) < 8 or min(v for v, _ in known) < 0 or sum(v == 0 for v in begun) <= 0.4 * len(begun):
        return False
    raw, left = (np.var(part) for part in zip(*known, strict=True))
    return raw == 0 or 1 - left / raw <= 0.25


def demand_by_definition(values, horizon, steps, weights, enough):
    """Forecast intermittent demand after the end of one series."""
    levels = [demand_levels(values, t) for t in range(len(values))]
    (prior, sharpness), (chance_prior, chance_sharpness) = weights
    level, error = weighed_by_squares(values, [amount for amount, _ in levels], horizon, prior, sharpness)
    demanded = np.where(np.isnan(values), np.nan, values > 0)
    chance, _ = weighed_by_squares(
        demanded, [chance for _, chance in levels], horizon, chance_prior, chance_sharpness
    )
    sizes = [(v, 0.99 ** (len(values) - 1 - t)) for t, v in enumerate(values) if v > 0]
    return KnownDemand(np.full(steps, level), np.full(steps, error), 0.0, enough, chance, sizes)


UNLEARNED_DEMAND = ((np.zeros(26), 12.0), (np.zeros(6), 12.0))


def by_definition(
    values, *, periods, horizon, steps, prior=None, sharpness=12.0, demand_weights=UNLEARNED_DEMAND
):
    """Forecast the steps after the end of one series, from its observed values alone."""
    values = np.asarray(values, float)
    values = values[np.argmax(~np.isnan(values)) :]
    seen, cutoff = ~np.isnan(values), len(values)
    lowest = values[seen].min()
    factors = bool(periods) and lowest > 0
    adjusted = fill_gaps(values, periods[0] if periods else 1)
    seasons = []
    for period in periods:
        indices = Indices(adjusted, seen, period, factors=factors, horizon=horizon)
        index = indices.of_history(cutoff, first_cutoff(period, cutoff))
        adjusted = [v / i if factors else v - i for v, i in zip(adjusted, index, strict=True)]
        seasons.append(indices)

    if is_intermittent(values, adjusted, seen):
        return demand_by_definition(values, horizon, steps, demand_weights, bool(seen.sum() >= 5))

    after = states(adjusted, seen)
    prior = np.zeros(60) if prior is None else np.asarray(prior)
    total, count, own_total, own_count = np.zeros(60), 0.0, 0.0, 0.0
    weighted = []  # weights of the methods after each step
    for t in range(cutoff):
        total, count, own_total, own_count = (0.96 * part for part in (total, count, own_total, own_count))
        for ahead in judged_ahead(horizon):
            if t - ahead >= 2 and seen[t]:
                made = after[t - ahead].forecasts(ahead)
                total, count = total + np.abs(adjusted[t] - made), count + 1
                known = sum(seen[: t - ahead + 1])  # a forecast from more values counts more
                own_total += known * abs(adjusted[t] - weighted[t - ahead] @ made)
                own_count += known
        relative = np.ones(60)
        if count > 0 and total.mean() > 0:
            relative = np.clip(total / total.mean(), 1e-3, 1e3)
        score = prior - sharpness * np.log(relative)
        weighted.append(np.exp(score - score.max()) / np.exp(score - score.max()).sum())

    forecasts = np.array([weighted[-1] @ after[-1].forecasts(h) for h in range(1, steps + 1)])
    spread = np.full(steps, own_total / own_count if own_count else 0.0)
    for indices in seasons:
        index = np.array([indices.at(cutoff - 1 + h, cutoff) for h in range(1, steps + 1)])
        forecasts = forecasts * index if factors else forecasts + index
        spread = spread * index if factors else spread
    if lowest >= 0:
        forecasts = np.maximum(forecasts, 0.1 * lowest)
    # an error of rounding is none
    erred = spread[0] > 1e-12 * np.abs(values[seen]).max()
    enough = seen.sum() >= 5 and (erred or seen.sum() >= 20)
    return Known(forecasts, spread, 0.0 if lowest >= 0 else -np.inf, bool(enough))


@pytest.fixture(scope="session", name="by_definition")
def by_definition_fixture():
    return by_definition


@pytest.fixture(scope="session")
def definitions():
    """The parts of the definition, by name."""
    return globals()


def panel_of(series, start: int = 0) -> Panel:
    """A panel of lists of numbers, NaN where missing; a series' name is its place."""
    df = pd.concat(
        [
            pd.DataFrame(
                {
                    "unique_id": f"s{number}",
                    "ds": np.arange(start, start + len(values)),
                    "y": np.array(values, float),
                }
            )
            for number, values in enumerate(series)
        ]
    )
    frame = read_long_frame(df, Columns.of(id_col="unique_id", time_col="ds", target_col="y"))
    return make_panel(frame, Frequency.of(1, frame))


@pytest.fixture(scope="session", name="panel_of")
def panel_of_fixture():
    return panel_of


def unlearned(periods, horizon) -> SmoothingBase:
    """Smoothing that has learned nothing."""
    methods, empty = Methods(), torch.zeros(0, horizon, dtype=torch.float64)
    shape = ErrorShape.learned(empty, empty, horizon)
    return SmoothingBase(tuple(periods), horizon, MethodWeights.unlearned(methods.count), shape, methods)


@pytest.fixture(scope="session", name="unlearned")
def unlearned_fixture():
    return unlearned
