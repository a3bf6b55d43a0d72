"""Seasonal periods of a panel, found by autocorrelation; the frequency only proposes them."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.data.panel import Panel

__all__ = ["autocorrelation", "seasonal_periods"]

_MOST_SERIES = 100
_MOST_STEPS = 5000
_WEAKEST = 0.2
# A shorter period with this share of the highest peak is taken for the period itself.
_AS_GOOD = 0.7
# A multiple of the shortest period is one of its own where its peak stands out from those beside it by this,
# or a longer period where it is higher by this.
_STANDS_OUT = 0.02


def seasonal_periods(panel: Panel, proposed: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Return the periods at which the series repeat themselves, the shortest first.

    Autocorrelations of first differences are averaged over (up to 100 of) the series. A proposed
    period counts if it is a local peak of at least 0.2, and of three standard errors of white noise;
    without a proposal all lags of up to a third of the length are searched. The weeks of hours may repeat
    themselves less well than the days do: a multiple of the shortest period counts too where it is higher
    than the multiples before and after it are on average.

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
    correlation = autocorrelation(panel)
    error = 1 / max(1.0, float(panel.observed.any(1).sum())) ** 0.5
    weakest = max(_WEAKEST, 3 * error)
    highest_lag = len(correlation) - 2
    if highest_lag < 2:
        return ()
    if proposed:
        return tuple(
            lag
            for lag in sorted(proposed)
            if 2 <= lag <= highest_lag and _is_peak(correlation, lag) and correlation[lag] >= weakest
        )
    peaks = [lag for lag in range(2, highest_lag + 1) if _is_peak(correlation, lag)]
    if not peaks:
        return ()
    best = max(peaks, key=lambda lag: correlation[lag])
    if correlation[best] < weakest:
        return ()
    shortest = next(lag for lag in peaks if correlation[lag] >= _AS_GOOD * correlation[best])
    clear = max(_STANDS_OUT, 3 * error)
    if best >= 2 * shortest and correlation[best] >= correlation[shortest] + clear:
        return (shortest, best)
    longer = _multiple(correlation, shortest, clear)
    return (shortest,) if longer is None else (shortest, longer)


def autocorrelation(panel: Panel) -> np.ndarray:
    """Return the mean autocorrelation of the series' first differences, by lag from 0.

    Differences next to a missing value count as their mean. Lags reach a third of the median length.
    """
    chosen = torch.linspace(0, panel.count - 1, min(panel.count, _MOST_SERIES)).round().long().unique()
    lengths = panel.lengths[chosen].clamp(max=_MOST_STEPS)
    longest = int(lengths.max())
    lags = int(lengths.float().median()) // 3
    if lags < 2:
        return np.zeros(0)
    rows = panel.offsets[chosen + 1][:, None] - longest + torch.arange(longest)
    inside = rows >= (panel.offsets[chosen + 1] - lengths)[:, None]
    rows = rows.clamp(min=0)
    total = np.zeros(lags + 2)
    used = 0
    for target in range(panel.values.shape[1]):
        observed = panel.observed[rows, target] & inside
        values = panel.values[rows, target].double()
        known = observed[:, 1:] & observed[:, :-1]
        per_series = _correlate(values[:, 1:] - values[:, :-1], known, lags + 2)
        varies = ~per_series.isnan().any(1)
        total += per_series[varies].sum(0).numpy()
        used += int(varies.sum())
    return total / max(1, used)


def _correlate(series: Float[Tensor, "S T"], known: Bool[Tensor, "S T"], lags: int) -> Float[Tensor, "S L"]:
    """Return autocorrelations by the Wiener–Khinchin theorem; NaN for a row that does not vary."""
    count = known.sum(1, keepdim=True).clamp(min=1)
    mean = (series * known).sum(1, keepdim=True) / count
    centred = (series - mean) * known
    spectrum = torch.fft.rfft(centred, n=2 * series.shape[1])
    covariance = torch.fft.irfft(spectrum.abs().square(), n=2 * series.shape[1])[:, :lags]
    return covariance / covariance[:, :1]


def _multiple(correlation: np.ndarray, period: int, least: float) -> int | None:
    """Return the multiple of a period that stands out most from those beside it, if by ``least``."""
    multiples = np.arange(period, len(correlation) - 1, period)
    if len(multiples) < 3:
        return None
    heights = correlation[multiples]
    rise = heights[1:-1] - (heights[:-2] + heights[2:]) / 2
    best = int(rise.argmax())
    return int(multiples[best + 1]) if rise[best] >= least else None


def _is_peak(correlation: np.ndarray, lag: int) -> bool:
    return bool(correlation[lag] >= correlation[lag - 1] and correlation[lag] >= correlation[lag + 1])
