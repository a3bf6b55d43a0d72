"""Seasonal periods that nothing proposes: peaks of the autocorrelation of first differences, at all lags."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.data.panel.panel_sample import PanelSample

__all__ = ["search_all_lags"]

# The least autocorrelation of a season.
_LEAST_CORRELATION = 0.2
# The shortest lag whose peak has this share of the highest one is the period; the highest may be a multiple.
_SHARE_OF_HIGHEST = 0.7
# The least height by which a longer period's peak must exceed those that it is compared with.
_LEAST_RISE = 0.02
# How often noise passes for a season.
_FALSE_ALARMS = 0.02
# What of a peak must be left at twice and three times its lag: cycles fade, but seldom those of two steps,
# as which noise that alternates is seen.
_SHARE_THAT_LASTS = 0.5
_SHARE_OF_TWO_STEPS = 0.75


def search_all_lags(sample: PanelSample, observed: int) -> tuple[int, ...]:
    """Return up to two periods: the shortest lag with a high peak, and a longer one that stands out.

    The autocorrelation of first differences, which is free of trends, is averaged over the series. Lags reach
    a third of the series' median length. A peak must be at least 0.2, so high that noise has none such at any
    lag in about 49 cases of 50, and come again at twice and three times the lag, which autoregressions
    forget. A multiple of a period, which has a peak wherever the period has one, must be higher than the mean
    of those one period before and after it.

    Parameters
    ----------
    sample
        The series.
    observed
        How many values of the panel are known, by which the standard error is reckoned.
    """
    correlation = _difference_correlation(sample)
    highest_lag = len(correlation) - 2
    if highest_lag < 2:
        return ()
    error = 1 / max(1, observed) ** 0.5
    least = max(_LEAST_CORRELATION, _least_of_many(correlation, highest_lag) * error)
    peaks = [lag for lag in range(2, highest_lag + 1) if _is_peak(correlation, lag)]
    peaks = [lag for lag in peaks if _lasts(correlation, lag)]
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


def _least_of_many(correlation: np.ndarray, lags: int) -> float:
    """Return how many standard errors of white noise the highest of so many lags seldom reaches.

    Changes are alike from one to the next, which widens the error (Bartlett 1946).
    """
    wider = (1 + 2 * float(np.square(correlation[1:3]).sum())) ** 0.5
    return wider * NormalDist().inv_cdf(1 - _FALSE_ALARMS / lags)


def _lasts(correlation: np.ndarray, lag: int) -> bool:
    """Return whether there are correlations at about two and three times the lag, where these are known."""
    again = [correlation[multiple * lag - 1 : multiple * lag + 2] for multiple in (2, 3)]
    least = (_SHARE_OF_TWO_STEPS if lag == 2 else _SHARE_THAT_LASTS) * correlation[lag]
    return all(len(part) < 3 or part.max() >= least for part in again)


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


def _difference_correlation(sample: PanelSample) -> np.ndarray:
    """Return the mean autocorrelation of the series' first differences, by lag from 0.

    A difference next to a missing value is replaced by the mean. Lags reach a third of the median length.
    Series that do not vary are left out.
    """
    lags = sample.typical_length // 3
    if lags < 2:
        return np.zeros(0)
    total = np.zeros(lags + 2)
    used = 0
    for target in range(sample.values.shape[2]):
        y, observed = sample.values[:, :, target], sample.observed[:, :, target]
        changes, known = y[:, 1:] - y[:, :-1], observed[:, 1:] & observed[:, :-1]
        per_series = _autocorrelation(changes, known, lags + 2)
        varies = ~per_series.isnan().any(1)
        total += per_series[varies].sum(0).numpy()
        used += int(varies.sum())
    return total / max(1, used)


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
