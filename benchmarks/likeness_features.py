"""What ``likeness.py`` compares: features of a series, and the errors of simple forecasts of its end."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.signal import savgol_filter
from scipy.stats import kurtosis

#: What is compared, and what it says.
FEATURES = {
    "trend": "strength of the trend: 1 - Var(rest) / Var(rest + trend)",
    "season": "strength of the season, likewise",
    "season lasts": "autocorrelation without the trend at three seasons, beside that at one",
    "entropy": "spectral entropy: 0, one wave; 1, white noise",
    "rest, lag 1": "autocorrelation of what trend and season leave, at one step",
    "rest, lag m": "the same at one season",
    "changes, lag 1": "autocorrelation of seasonally adjusted changes: -0.5, noise; 0, a random walk",
    "noise": "logarithm of the spread of what is left, as a share of the mean",
    "growth": "change of the level in a season (yearly: in a step), as a share of the mean",
    "proportional": "correlation of a season's range with its level, both as logarithms",
    "zeros": "share of values that are 0",
    "tails": "excess kurtosis of changes from season to season",
    "spread moves": "logarithm of the spread of changes in the later half beside the earlier",
    "seasonal naive": "logarithm of the MASE of the seasonal naive forecast",
    "naive": "logarithm of naive's error beside seasonal naive's",
    "theta": "logarithm of Theta's error beside seasonal naive's",
    "smoothing": "logarithm of the error of the library's smoothing beside seasonal naive's",
}


@dataclass(frozen=True)
class Example:
    """A series, its period (1: none), the steps to forecast, and where it comes from."""

    values: np.ndarray
    period: int
    horizon: int
    source: str


def filled(values: np.ndarray) -> np.ndarray:
    """Return the values from the first known one on, with lines through what is missing."""
    return pd.Series(values).interpolate(limit_area="inside").dropna().to_numpy(dtype=np.float64)


def features(example: Example) -> dict[str, float]:
    """Return all features but those of forecasts; NaN where a series is too short for one."""
    values, period = filled(example.values), example.period
    mean = np.abs(values).mean()
    trend, season = decompose(values, period)
    rest = values - trend - season
    seasonal = season.any()
    found = {
        "trend": strength(trend, rest),
        "season": strength(season, rest) if seasonal else np.nan,
        "season lasts": lasting(values - trend, period) if seasonal else np.nan,
        "entropy": entropy(values),
        "rest, lag 1": autocorrelation(rest, 1),
        "rest, lag m": autocorrelation(rest, period) if seasonal else np.nan,
        "changes, lag 1": autocorrelation(np.diff(values - season), 1),
        "noise": np.log(rest.std() / mean + 1e-4),
        "growth": growth(values, period) / mean,
        "proportional": proportional(values, period),
        "zeros": float((values == 0).mean()),
    }
    changes = values[period:] - values[:-period]
    with warnings.catch_warnings():  # of a constant series
        warnings.simplefilter("ignore", RuntimeWarning)
        found["tails"] = float(kurtosis(changes)) if len(changes) > 8 and changes.std() > 0 else np.nan
    earlier, later = np.array_split(np.abs(changes - np.median(changes)), 2)
    found["spread moves"] = float(np.log((later.mean() + 1e-9 * mean) / (earlier.mean() + 1e-9 * mean)))
    return found


def decompose(values: np.ndarray, period: int) -> tuple[np.ndarray, np.ndarray]:
    """Return trend and season: STL's, or of a series without seasons a local parabola."""
    from statsmodels.tsa.seasonal import STL

    if period > 1 and len(values) > 2 * period:
        parts = STL(values, period=period, seasonal=11).fit()
        return np.asarray(parts.trend), np.asarray(parts.seasonal)
    width = max(5, len(values) // 3) // 2 * 2 + 1
    trend = savgol_filter(values, min(width, (len(values) - 1) // 2 * 2 + 1), 2, mode="interp")
    return trend, np.zeros_like(values)


def strength(part: np.ndarray, rest: np.ndarray) -> float:
    """Return how much of the variance a part takes (Wang, Smith and Hyndman 2006)."""
    return float(max(0.0, 1 - rest.var() / max((part + rest).var(), 1e-300)))


def autocorrelation(values: np.ndarray, lag: int) -> float:
    """Return the autocorrelation at a lag; NaN without enough values or without variance."""
    centred = values - values.mean()
    variance = (centred**2).sum()
    if lag >= len(values) - 2 or variance <= 0:
        return np.nan
    return float((centred[lag:] * centred[:-lag]).sum() / variance * len(values) / (len(values) - lag))


def lasting(detrended: np.ndarray, period: int) -> float:
    """Return how much of the likeness of neighbouring seasons is left between seasons three apart."""
    one, three = (autocorrelation(detrended, lag * period) for lag in (1, 3))
    return float(np.clip(three / one, -0.5, 1.5)) if one > 0.3 and np.isfinite(three) else np.nan


def entropy(values: np.ndarray) -> float:
    """Return the entropy of the smoothed periodogram without a line, beside the largest possible."""
    steps = np.arange(len(values))
    power = np.abs(np.fft.rfft(values - np.polyval(np.polyfit(steps, values, 1), steps)))[1:] ** 2
    power = np.convolve(power, [0.25, 0.5, 0.25], mode="same") + 1e-300
    share = power / power.sum()
    return float(-(share * np.log(share)).sum() / np.log(len(share)))


def growth(values: np.ndarray, period: int) -> float:
    """Return the mean change of a season's mean."""
    width = period if period > 1 else 3
    apart = (len(values) - width) / period
    return float((values[-width:].mean() - values[:width].mean()) / max(apart, 1))


def proportional(values: np.ndarray, period: int) -> float:
    """Return whether seasons vary more where the level is higher."""
    width = period if period > 1 else 4
    count = len(values) // width
    if count < 4 or values.min() <= 0:
        return np.nan
    blocks = values[-count * width :].reshape(count, width)
    level, extent = np.log(blocks.mean(axis=1)), np.log(np.ptp(blocks, axis=1) + 1e-9 * values.max())
    if level.std() < 0.05 or extent.std() == 0:
        return np.nan
    return float(np.corrcoef(level, extent)[0, 1])


def forecast_errors(examples: list[Example]) -> pd.DataFrame:
    """Return the errors of forecasts of the last horizon, a row for each series; NaN for one too short."""
    frame = pd.DataFrame(np.nan, range(len(examples)), ["seasonal naive", "naive", "theta", "smoothing"])
    cut = {}
    for row, example in enumerate(examples):
        values, hidden = filled(example.values), example.horizon
        if len(values) >= hidden + max(2 * example.period + 1, 6):
            cut[row] = values[:-hidden]
    smoothed = _smoothing(cut, examples)
    for row, known in cut.items():
        period, horizon = examples[row].period, examples[row].horizon
        truth = filled(examples[row].values)[-horizon:]
        last = np.resize(known[-period:], horizon)
        scale = np.abs(known[period:] - known[:-period]).mean()
        own = np.abs(truth - last).mean()
        if min(scale, own) <= 0:
            continue
        errors = [np.abs(truth - known[-1]).mean(), _theta(known, truth, period), np.nan]
        if row in smoothed:
            errors[2] = np.abs(truth - smoothed[row]).mean()
        frame.loc[row] = np.log(np.maximum([own / scale, *np.array(errors) / own], 1e-2))
    return frame


def _theta(known: np.ndarray, truth: np.ndarray, period: int) -> float:
    from tsseq2seq.errors import DataError
    from tsseq2seq.evaluation.baselines import Theta

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its optimiser
            forecast = Theta.forecast_series(known, len(truth), period, ())
    except DataError:
        return np.nan
    return float(np.abs(truth - forecast[:, 0]).mean())


def _smoothing(cut: dict[int, np.ndarray], examples: list[Example]) -> dict[int, np.ndarray]:
    """Return the forecasts of the library's smoothing, which learns of the series of each source together."""
    from tsseq2seq.evaluation.baselines import Smoothing

    forecasts: dict[int, np.ndarray] = {}
    groups: dict[tuple[str, int, int], list[int]] = {}
    for row in cut:
        groups.setdefault((examples[row].source, examples[row].period, examples[row].horizon), []).append(row)
    for (_, period, horizon), rows in groups.items():
        frame = pd.concat(
            [pd.DataFrame({"unique_id": row, "ds": range(len(cut[row])), "y": cut[row]}) for row in rows]
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of series that are too short for its season
            forecast = Smoothing(horizon=horizon, season_length=period).fit(frame).predict()
        for row, values in forecast.groupby("unique_id")["Smoothing"]:
            forecasts[int(row)] = values.to_numpy()
    return forecasts
