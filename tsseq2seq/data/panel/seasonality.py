"""Seasonal periods of a panel, found by autocorrelation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.panel_sample import PanelSample, take_sample
from tsseq2seq.data.panel.short_seasons import repeats_in_few_periods

__all__ = ["seasonal_periods"]

# The least autocorrelation of a season.
_LEAST_CORRELATION = 0.2
# The shortest lag whose peak has this share of the highest one is the period; the highest may be a multiple.
_SHARE_OF_HIGHEST = 0.7
# The least height by which a longer period's peak must exceed those that it is compared with.
_LEAST_RISE = 0.02
# Fewer periods than this are too few for autocorrelations of all lags.
_FEW_PERIODS = 6


def seasonal_periods(panel: Panel, proposed: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Return the seasonal periods of the series, the shortest first.

    Two kinds of autocorrelation are averaged over up to 100 of the series. That of first differences is free
    of trends. That of the series less its moving average over a period is less disturbed by noise, and is
    computed for proposed periods only. A proposal of which there are two to six periods is also tested in
    another way; see :func:`~tsseq2seq.data.panel.short_seasons.repeats_in_few_periods`.

    A proposed period is accepted if either has a peak there of at least 0.2 and three standard errors of
    white noise. Without proposals, the autocorrelation of differences is searched for peaks, at all lags up
    to a third of the series' median length.

    A season of a day also gives peaks at every multiple of a day. So a multiple of a period is accepted only
    if its peak is higher than the mean of those one period before and after it.

    Parameters
    ----------
    panel
        The series.
    proposed
        Periods that the frequency suggests, such as (24, 168) for hourly data. Empty: search all lags.

    Returns
    -------
    tuple of int
        Periods in steps; empty if there is no season.
    """
    sample = take_sample(panel)
    correlation = _difference_correlation(sample)
    error = 1 / max(1.0, float(panel.observed.any(1).sum())) ** 0.5
    least = max(_LEAST_CORRELATION, 3 * error)
    highest_lag = len(correlation) - 2
    if not proposed:
        return () if highest_lag < 2 else _search_all_lags(correlation, highest_lag, least, error)
    periods: list[int] = []
    for lag in sorted(proposed):
        found = 2 <= lag <= highest_lag and _is_found(sample, correlation, lag, least)
        divisors = [period for period in periods if lag % period == 0]
        if not found:
            # where days repeat themselves, weeks do too: these must be told apart, as few weeks cannot
            few = not divisors and (periods or sample.typical_length < _FEW_PERIODS * lag)
            found = few and repeats_in_few_periods(sample, lag, tuple(periods))
            divisors = []
        if found and all(_stands_out(correlation, lag, period, error) for period in divisors):
            periods.append(lag)
    return tuple(periods)


def _is_found(sample: PanelSample, correlation: np.ndarray, lag: int, least: float) -> bool:
    """Whether a lag is a season by one of the two autocorrelations."""
    in_differences = _is_peak(correlation, lag) and bool(correlation[lag] >= least)
    return in_differences or _is_highest_nearby(_detrended_correlation(sample, lag), lag, least)


def _difference_correlation(sample: PanelSample) -> np.ndarray:
    """Return the mean autocorrelation of the series' first differences, by lag from 0.

    A difference next to a missing value is replaced by the mean. Lags reach a third of the median length.
    """
    return _mean_correlation(
        sample, lambda y, observed: (y[:, 1:] - y[:, :-1], observed[:, 1:] & observed[:, :-1])
    )


def _detrended_correlation(sample: PanelSample, period: int) -> np.ndarray:
    """Return the mean autocorrelation of the series less their moving average over a period, by lag."""
    return _mean_correlation(sample, lambda y, observed: _detrended(y, observed, period))


def _mean_correlation(
    sample: PanelSample, change: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
) -> np.ndarray:
    """Return the mean autocorrelation of the series after a change; series that do not vary are left out."""
    lags = sample.typical_length // 3
    if lags < 2:
        return np.zeros(0)
    total = np.zeros(lags + 2)
    used = 0
    for target in range(sample.values.shape[2]):
        changed, observed = change(sample.values[:, :, target], sample.observed[:, :, target])
        per_series = _autocorrelation(changed, observed, lags + 2)
        varies = ~per_series.isnan().any(1)
        total += per_series[varies].sum(0).numpy()
        used += int(varies.sum())
    return total / max(1, used)


def _detrended(
    series: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"], period: int
) -> tuple[Float[Tensor, "series U"], Bool[Tensor, "series U"]]:
    """Return the series less their centred moving average over a period, and which steps are valid.

    A step is valid if it and at least half of the values averaged are observed.
    """
    # an even period is centred by giving both ends half the weight
    weights = series.new_ones(period + 1 - period % 2)
    if period % 2 == 0:
        weights[0] = weights[-1] = 0.5
    kernel = (weights / period)[None, None]
    filled = torch.stack([series.masked_fill(~observed, 0.0), observed.to(series.dtype)])[:, :, None]
    level, share = functional.conv1d(filled.flatten(0, 1), kernel).unflatten(0, (2, -1))[:, :, 0]
    edge = (len(weights) - 1) // 2
    middle = slice(edge, series.shape[1] - edge)
    residual = series[:, middle] - level / share.clamp(min=0.5)
    # a straight line leaves nothing but rounding, which must not be taken for a season
    size = filled[0, :, 0].abs().amax(1, keepdim=True)
    return residual.masked_fill(residual.abs() <= 1e-5 * size, 0.0), observed[:, middle] & (share >= 0.5)


def _search_all_lags(
    correlation: np.ndarray, highest_lag: int, least: float, error: float
) -> tuple[int, ...]:
    """Return up to two periods: the shortest lag with a high peak, and a longer one that stands out."""
    peaks = [lag for lag in range(2, highest_lag + 1) if _is_peak(correlation, lag)]
    best = max(peaks, key=lambda lag: correlation[lag], default=0)
    if not peaks or correlation[best] < least:
        return ()
    shortest = next(lag for lag in peaks if correlation[lag] >= _SHARE_OF_HIGHEST * correlation[best])
    if best >= 2 * shortest and correlation[best] >= correlation[shortest] + _significant_rise(
        float(correlation[best]), error
    ):
        return (shortest, best)
    multiples = range(2 * shortest, highest_lag + 2 - shortest, shortest)
    best = max(multiples, key=lambda lag: _rise(correlation, lag, shortest), default=0)
    return (shortest, best) if best and _stands_out(correlation, best, shortest, error) else (shortest,)


def _rise(correlation: np.ndarray, lag: int, period: int) -> float:
    """Return how much a lag is higher than the mean of those one period before and after it."""
    before = correlation[lag - period]
    # if the lag after it is not known, the one before stands for it
    after = correlation[lag + period] if lag + period < len(correlation) else before
    return float(correlation[lag] - (before + after) / 2)


def _stands_out(correlation: np.ndarray, lag: int, period: int, error: float) -> bool:
    return _rise(correlation, lag, period) >= _significant_rise(float(correlation[lag]), error)


def _significant_rise(height: float, error: float) -> float:
    """Return three standard errors of an autocorrelation, which are smaller near 1 (Bartlett 1946)."""
    return max(_LEAST_RISE, 3 * error * (1 - height**2))


def _autocorrelation(
    series: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"], lags: int
) -> Float[Tensor, "series L"]:
    """Return the autocorrelation of each row by the Wiener–Khinchin theorem; NaN if the row is constant."""
    count = observed.sum(1, keepdim=True).clamp(min=1)
    mean = (series * observed).sum(1, keepdim=True) / count
    centred = (series - mean) * observed
    spectrum = torch.fft.rfft(centred, n=2 * series.shape[1])
    covariance = torch.fft.irfft(spectrum.abs().square(), n=2 * series.shape[1])[:, :lags]
    return covariance / covariance[:, :1]


def _is_peak(correlation: np.ndarray, lag: int) -> bool:
    return bool(correlation[lag] >= correlation[lag - 1] and correlation[lag] >= correlation[lag + 1])


def _is_highest_nearby(correlation: np.ndarray, lag: int, least: float) -> bool:
    """Return whether a lag is the highest between three and five quarters of it, and at least ``least``."""
    low, high = max(2, 3 * lag // 4), min(len(correlation) - 1, 5 * lag // 4)
    return bool(correlation[lag] >= max(least, correlation[low : high + 1].max()))
