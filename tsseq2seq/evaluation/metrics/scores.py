"""Metrics on arrays: scales of MASE and RMSSE, OWA, quantile loss, CRPS, interval score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.settings import check_number

__all__ = [
    "crps_quantiles",
    "crps_samples",
    "interval_score",
    "mase_scale",
    "owa",
    "pinball_loss",
    "rmsse_scale",
    "weighted_quantile_loss",
]


def mase_scale(values: ArrayLike, season_length: int) -> float:
    """Return the denominator of MASE: the mean absolute error of the seasonal naive method within a series.

    Parameters
    ----------
    values
        (T,), the training data; pairs with a NaN are left out.
    season_length
        Seasonal period in time steps, at least 1.

    Returns
    -------
    float
        0 for a series that repeats itself exactly, NaN if no two values lie one season apart.

    References
    ----------
    Hyndman and Koehler, "Another look at measures of forecast accuracy", 2006.

    Examples
    --------
    >>> mase_scale([1.0, 2.0, 2.0, 4.0], season_length=2)
    1.5
    """
    return _mean(np.abs(_seasonal_differences(values, season_length)))


def rmsse_scale(values: ArrayLike, season_length: int) -> float:
    """Return the denominator of RMSSE: the root mean squared error of the seasonal naive method in a series.

    Parameters
    ----------
    values, season_length
        As for :func:`mase_scale`.

    Examples
    --------
    >>> rmsse_scale([0.0, 0.0, 3.0, 4.0], season_length=2) == 12.5**0.5
    True
    """
    return float(np.sqrt(_mean(_seasonal_differences(values, season_length) ** 2)))


def owa(smape: float, mase: float, naive2_smape: float, naive2_mase: float) -> float:
    """Return the overall weighted average of the M4 competition; Naive2 has 1, and less is better.

    Parameters
    ----------
    smape, mase
        Errors of the method, averaged over all series.
    naive2_smape, naive2_mase
        Errors of Naive2, in the same units.

    References
    ----------
    Makridakis, Spiliotis and Assimakopoulos, "The M4 Competition", 2020.

    Examples
    --------
    >>> round(owa(13.912, 1.193, naive2_smape=18.383, naive2_mase=2.395), 3)  # seasonal naive, Hourly
    0.627
    """
    return (smape / naive2_smape + mase / naive2_mase) / 2


def pinball_loss(truth: ArrayLike, forecast: ArrayLike, quantile: float) -> np.ndarray:
    """Return the quantile loss of each value: q·(y − f) where y is above the forecast, (1 − q)·(f − y) below.

    Parameters
    ----------
    truth, forecast
        Of the same shape.
    quantile
        Between 0 and 1.

    Examples
    --------
    >>> pinball_loss([1.0, 5.0], [3.0, 3.0], quantile=0.75).tolist()
    [0.5, 1.5]
    """
    (quantile,) = _check_quantiles([quantile])
    error = _same_shape("forecast", forecast, np.asarray(truth, dtype=np.float64).shape)
    error = np.asarray(truth, dtype=np.float64) - error
    return np.asarray(np.maximum(quantile * error, (quantile - 1) * error))


def weighted_quantile_loss(
    truth: ArrayLike, quantile_forecasts: ArrayLike, quantiles: Sequence[float]
) -> float:
    """Return twice the summed quantile loss, divided by the summed absolute truth, averaged over quantiles.

    Parameters
    ----------
    truth
        Any shape; values that are NaN are left out.
    quantile_forecasts
        (..., quantiles).
    quantiles
        Between 0 and 1.

    Returns
    -------
    float
        NaN if the truth is 0 throughout.

    Examples
    --------
    >>> weighted_quantile_loss([10.0, 10.0], [[9.0, 10.0], [9.0, 12.0]], quantiles=[0.1, 0.5])
    0.06
    """
    truth, forecasts = _with_quantiles(truth, quantile_forecasts, quantiles)
    observed = ~np.isnan(truth)
    total = np.abs(truth[observed]).sum()
    if total == 0:
        return float("nan")
    losses = [pinball_loss(truth[observed], forecasts[observed, i], q).sum() for i, q in enumerate(quantiles)]
    return float(2 * np.mean(losses) / total)


def crps_samples(truth: ArrayLike, samples: ArrayLike) -> np.ndarray:
    """Return the continuous ranked probability score of each value from samples of its forecast.

    The score is ``E|X − y| − E|X − X′| / 2``, where X and X′ are drawn from the samples.

    Parameters
    ----------
    truth
        Any shape.
    samples
        (..., samples).

    Returns
    -------
    ndarray
        The shape of ``truth``, in its units.

    References
    ----------
    Gneiting and Raftery, "Strictly proper scoring rules, prediction, and estimation", 2007.

    Examples
    --------
    >>> crps_samples([2.0], [[1.0, 3.0]]).tolist()
    [0.5]
    """
    truth = np.asarray(truth, dtype=np.float64)
    samples = np.sort(np.asarray(samples, dtype=np.float64), axis=-1)
    if samples.ndim != truth.ndim + 1 or samples.shape[:-1] != truth.shape or samples.shape[-1] == 0:
        raise DataError(
            f"samples has the shape {samples.shape}; it must be truth's, {truth.shape}, and the samples last"
        )
    count = samples.shape[-1]
    # in sorted order, sample i is the larger one in i pairs and the smaller one in the others
    weights = (2 * np.arange(count) + 1 - count) / count**2
    return np.asarray(np.abs(samples - truth[..., None]).mean(-1) - samples @ weights)


def crps_quantiles(truth: ArrayLike, quantile_forecasts: ArrayLike, quantiles: Sequence[float]) -> np.ndarray:
    """Approximate the continuous ranked probability score of each value from quantiles of its forecast.

    The score is twice the integral of the quantile loss over all quantiles. Each quantile given represents
    the quantiles nearer to it than to its neighbours.

    Parameters
    ----------
    truth, quantile_forecasts, quantiles
        As for :func:`weighted_quantile_loss`; the quantiles in any order, each once.

    Returns
    -------
    ndarray
        The shape of ``truth``, in its units; the more quantiles, the closer the approximation.

    Examples
    --------
    >>> crps_quantiles([2.0], [[0.0, 2.0, 4.0]], quantiles=[0.25, 0.5, 0.75]).round(3).tolist()
    [0.75]
    """
    truth, forecasts = _with_quantiles(truth, quantile_forecasts, quantiles)
    order = np.argsort(quantiles)
    ascending = np.asarray(quantiles, dtype=np.float64)[order]
    if (np.diff(ascending) == 0).any():
        raise ParameterError(f"quantiles is {list(quantiles)}; each may stand there once")
    edges = np.concatenate([[0.0], (ascending[1:] + ascending[:-1]) / 2, [1.0]])
    losses = [pinball_loss(truth, forecasts[..., index], quantiles[index]) for index in order]
    return np.asarray(2 * np.stack(losses, axis=-1) @ np.diff(edges))


def interval_score(truth: ArrayLike, lower: ArrayLike, upper: ArrayLike, level: float) -> np.ndarray:
    """Return the interval (Winkler) score of each value: the width, and 2/α times the miss.

    Parameters
    ----------
    truth, lower, upper
        Of the same shape.
    level
        Level of the interval, in percent; α = 1 − level/100.

    References
    ----------
    Winkler, "A decision-theoretic approach to interval estimation", 1972.

    Examples
    --------
    >>> interval_score([5.0, 12.0], [0.0, 0.0], [10.0, 10.0], level=80).round(6).tolist()
    [10.0, 30.0]
    """
    check_number("interval_score", "level", level, low=0, low_open=True, high=99.999999)
    truth = np.asarray(truth, dtype=np.float64)
    below = _same_shape("lower", lower, truth.shape)
    above = _same_shape("upper", upper, truth.shape)
    miss = np.maximum(below - truth, 0) + np.maximum(truth - above, 0)
    return np.asarray(above - below + 2 / (1 - level / 100) * miss)


def _seasonal_differences(values: ArrayLike, season_length: int) -> np.ndarray:
    check_number("mase_scale", "season_length", season_length, low=1, integer=True)
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1:
        raise DataError(f"values has the shape {values.shape}; it must be one series, (T,)")
    differences = values[season_length:] - values[:-season_length]
    return differences[~np.isnan(differences)]


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


def _check_quantiles(quantiles: Sequence[float]) -> Sequence[float]:
    for quantile in quantiles:
        if not 0 < quantile < 1:
            raise ParameterError(f"a quantile is {quantile!r}; it must lie between 0 and 1")
    return quantiles


def _same_shape(name: str, values: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != shape:
        raise DataError(f"{name} has the shape {array.shape}; it must be {shape}, as truth")
    return array


def _with_quantiles(
    truth: ArrayLike, quantile_forecasts: ArrayLike, quantiles: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    _check_quantiles(quantiles)
    truth = np.asarray(truth, dtype=np.float64)
    forecasts = np.asarray(quantile_forecasts, dtype=np.float64)
    wanted = (*truth.shape, len(quantiles))
    if forecasts.shape != wanted or not quantiles:
        raise DataError(
            f"quantile_forecasts has the shape {forecasts.shape}; it must be {wanted}, "
            "as truth with one entry for each quantile last"
        )
    return truth, forecasts
