"""Seasonal periods of a panel, found by autocorrelation; the frequency only proposes them."""

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

_WEAKEST = 0.2
# A shorter period with this share of the highest peak is taken for the period itself.
_AS_GOOD = 0.7
# A multiple of the shortest period is one of its own where its peak stands out from those beside it by this,
# or a longer period where it is higher by this.
_STANDS_OUT = 0.02
# Of so few periods there is too little for autocorrelations of all lags.
_FEW_PERIODS = 6


def seasonal_periods(panel: Panel, proposed: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Return the periods at which the series repeat themselves, the shortest first.

    Autocorrelations are averaged over (up to 100 of) the series: those of first differences, which know
    nothing of trends, and for a proposed period those of what is left when the moving average over a
    period is taken away, which noise hides less. A proposed period counts if one of them is at least 0.2,
    and three standard errors of white noise, at a local peak; without a proposal all lags of up to a third
    of the length are searched by the first. From two to six periods of a proposal are looked at in
    another way too; see :func:`~tsseq2seq.data.panel.short_seasons.repeats_in_few_periods`.

    Where days repeat themselves, weeks do too. So a multiple of a period counts only if it stands out: if it
    is higher than the multiples before and after it are on average.

    Parameters
    ----------
    panel
        The series.
    proposed
        Periods that the frequency suggests, such as (24, 168) for hourly data.

    Returns
    -------
    tuple of int
        Empty if nothing repeats.
    """
    sample = take_sample(panel)
    correlation = _of_differences(sample)
    error = 1 / max(1.0, float(panel.observed.any(1).sum())) ** 0.5
    weakest = max(_WEAKEST, 3 * error)
    highest_lag = len(correlation) - 2
    if not proposed:
        return () if highest_lag < 2 else _searched(correlation, highest_lag, weakest, error)
    periods: list[int] = []
    for lag in sorted(proposed):
        found = 2 <= lag <= highest_lag and _is_found(sample, correlation, lag, weakest)
        parts = [period for period in periods if lag % period == 0]
        if not found:
            # where days repeat themselves, weeks do too: these must be told apart, as few weeks cannot
            few = not parts and (periods or sample.typical_length < _FEW_PERIODS * lag)
            found = few and repeats_in_few_periods(sample, lag, tuple(periods))
            parts = []
        if found and all(_stands_out(correlation, lag, period, error) for period in parts):
            periods.append(lag)
    return tuple(periods)


def _is_found(sample: PanelSample, correlation: np.ndarray, lag: int, weakest: float) -> bool:
    plain = _is_peak(correlation, lag) and bool(correlation[lag] >= weakest)
    return plain or _is_season(_of_detrended(sample, lag), lag, weakest)


def _of_differences(sample: PanelSample) -> np.ndarray:
    """Return the mean autocorrelation of the series' first differences, by lag from 0.

    Differences next to a missing value count as their mean. Lags reach a third of the median length.
    """
    return _mean_correlation(
        sample, lambda y, observed: (y[:, 1:] - y[:, :-1], observed[:, 1:] & observed[:, :-1])
    )


def _of_detrended(sample: PanelSample, period: int) -> np.ndarray:
    """Return that of what is left without the moving average over a period."""
    return _mean_correlation(sample, lambda y, observed: _detrended(y, observed, period))


def _mean_correlation(
    sample: PanelSample, change: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
) -> np.ndarray:
    lags = sample.typical_length // 3
    if lags < 2:
        return np.zeros(0)
    total = np.zeros(lags + 2)
    used = 0
    for target in range(sample.values.shape[2]):
        changed, observed = change(sample.values[:, :, target], sample.observed[:, :, target])
        per_series = _correlate(changed, observed, lags + 2)
        varies = ~per_series.isnan().any(1)
        total += per_series[varies].sum(0).numpy()
        used += int(varies.sum())
    return total / max(1, used)


def _detrended(
    series: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"], period: int
) -> tuple[Float[Tensor, "series U"], Bool[Tensor, "series U"]]:
    """Take away the centred moving average over a period, where at least half of it is known."""
    # an even period has half of the steps at its ends
    weights = series.new_ones(period + 1 - period % 2)
    if period % 2 == 0:
        weights[0] = weights[-1] = 0.5
    kernel = (weights / period)[None, None]
    filled = torch.stack([series.masked_fill(~observed, 0.0), observed.to(series.dtype)])[:, :, None]
    level, share = functional.conv1d(filled.flatten(0, 1), kernel).unflatten(0, (2, -1))[:, :, 0]
    edge = (len(weights) - 1) // 2
    middle = slice(edge, series.shape[1] - edge)
    left = series[:, middle] - level / share.clamp(min=0.5)
    # of a line only rounding is left
    size = filled[0, :, 0].abs().amax(1, keepdim=True)
    return left.masked_fill(left.abs() <= 1e-5 * size, 0.0), observed[:, middle] & (share >= 0.5)


def _searched(correlation: np.ndarray, highest_lag: int, weakest: float, error: float) -> tuple[int, ...]:
    """Find periods among all lags."""
    peaks = [lag for lag in range(2, highest_lag + 1) if _is_peak(correlation, lag)]
    best = max(peaks, key=lambda lag: correlation[lag], default=0)
    if not peaks or correlation[best] < weakest:
        return ()
    shortest = next(lag for lag in peaks if correlation[lag] >= _AS_GOOD * correlation[best])
    if best >= 2 * shortest and correlation[best] >= correlation[shortest] + _clear(
        float(correlation[best]), error
    ):
        return (shortest, best)
    multiples = range(2 * shortest, highest_lag + 2 - shortest, shortest)
    best = max(multiples, key=lambda lag: _rise(correlation, lag, shortest), default=0)
    return (shortest, best) if best and _stands_out(correlation, best, shortest, error) else (shortest,)


def _rise(correlation: np.ndarray, lag: int, period: int) -> float:
    """Return by how much a multiple of a period is higher than those beside it."""
    before = correlation[lag - period]
    # beyond the lags known it would be no higher
    after = correlation[lag + period] if lag + period < len(correlation) else before
    return float(correlation[lag] - (before + after) / 2)


def _stands_out(correlation: np.ndarray, lag: int, period: int, error: float) -> bool:
    return _rise(correlation, lag, period) >= _clear(float(correlation[lag]), error)


def _clear(height: float, error: float) -> float:
    """Return what is no accident: three standard errors, which are smaller near 1 (Bartlett 1946)."""
    return max(_STANDS_OUT, 3 * error * (1 - height**2))


def _correlate(
    series: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"], lags: int
) -> Float[Tensor, "series L"]:
    """Return autocorrelations by the Wiener–Khinchin theorem; NaN for a row that does not vary."""
    count = observed.sum(1, keepdim=True).clamp(min=1)
    mean = (series * observed).sum(1, keepdim=True) / count
    centred = (series - mean) * observed
    spectrum = torch.fft.rfft(centred, n=2 * series.shape[1])
    covariance = torch.fft.irfft(spectrum.abs().square(), n=2 * series.shape[1])[:, :lags]
    return covariance / covariance[:, :1]


def _is_peak(correlation: np.ndarray, lag: int) -> bool:
    return bool(correlation[lag] >= correlation[lag - 1] and correlation[lag] >= correlation[lag + 1])


def _is_season(correlation: np.ndarray, lag: int, weakest: float) -> bool:
    """Tell whether a lag is the highest peak from three to five quarters of it."""
    low, high = max(2, 3 * lag // 4), min(len(correlation) - 1, 5 * lag // 4)
    return bool(correlation[lag] >= max(weakest, correlation[low : high + 1].max()))
