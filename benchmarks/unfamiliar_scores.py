"""The scores of ``unfamiliar.py``: MASE, quantile losses, coverage; missing values do not count.

The weighted quantile loss sums over all series, so that large ones decide (in CIF 2016 one of 72 has 99 % of
the weight). The scaled quantile loss is to quantiles what MASE is to points: each series counts alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from m4_quantiles import weighted_quantile_loss

#: What is asked for, and which of it makes the loss; the outer two bound the interval of 90 %.
QUANTILES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
LOSS_QUANTILES = QUANTILES[1:-1]
MEDIAN = QUANTILES.index(0.5)


def scale(known: np.ndarray, season: int) -> float:
    """Return the mean absolute error of the seasonal naive method within what is known.

    NaN where the series repeats itself, or has no two values a season apart: it has no MASE.
    """
    changes = np.abs(known[season:] - known[:-season])
    changes = changes[~np.isnan(changes)]
    return float(changes.mean()) if changes.size and changes.any() else np.nan


def mase(known: Sequence[np.ndarray], truth: np.ndarray, point: np.ndarray, season: int) -> float:
    """Return the mean over series of the mean absolute error, divided by the scale of each.

    Parameters
    ----------
    known
        The series up to their cutoffs.
    truth, point
        Values and forecasts (series, horizon).
    season
        Steps; 1 where there is none.
    """
    ratios = []
    for values, row, forecast in zip(known, truth, point, strict=True):
        errors = np.abs(row - forecast)[~np.isnan(row)]
        if errors.size:
            ratios.append(errors.mean() / scale(values, season))
    return float(np.nanmean(ratios))


def scaled_quantile_loss(
    known: Sequence[np.ndarray], truth: np.ndarray, forecast: np.ndarray, season: int
) -> float:
    """Return the mean over series of twice the pinball loss of ``LOSS_QUANTILES``, divided by their scales.

    Parameters
    ----------
    known, truth, season
        As in :func:`mase`.
    forecast
        Those quantiles (series, horizon, quantiles).
    """
    levels = np.array(LOSS_QUANTILES)
    error = truth[..., None] - forecast
    losses = 2 * np.where(error >= 0, levels * error, (levels - 1) * error).mean(axis=2)
    seen = ~np.isnan(truth)
    ratios = [
        loss[there].mean() / scale(values, season)
        for values, loss, there in zip(known, losses, seen, strict=True)
        if there.any()
    ]
    return float(np.nanmean(ratios))


def scores(
    known: Sequence[np.ndarray], truth: np.ndarray, forecast: np.ndarray, season: int
) -> dict[str, float]:
    """Return the scores by name: ``mase``, and of quantiles also those below.

    ``wql`` and ``sql`` are quantile losses; ``coverage`` and ``coverage80`` are of the intervals of 90 and of
    80 %, in percent.

    Parameters
    ----------
    known, truth, season
        As in :func:`mase`.
    forecast
        Points (series, horizon), or ``QUANTILES`` (series, horizon, quantiles), whose middle is the point.
    """
    if forecast.ndim == 2:
        return {"mase": mase(known, truth, forecast, season)}
    seen = ~np.isnan(truth)
    return {
        "mase": mase(known, truth, forecast[..., MEDIAN], season),
        "wql": weighted_quantile_loss(truth[seen], forecast[seen][:, 1:-1], LOSS_QUANTILES),
        "sql": scaled_quantile_loss(known, truth, forecast[..., 1:-1], season),
        "coverage": coverage(truth[seen], forecast[seen], 0),
        "coverage80": coverage(truth[seen], forecast[seen], 1),
    }


def coverage(truth: np.ndarray, forecast: np.ndarray, outer: int) -> float:
    """Return how many values lie in an interval, in percent.

    Parameters
    ----------
    truth
        Values.
    forecast
        Quantiles of each, increasing.
    outer
        How many quantiles at each end lie outside of the interval.
    """
    inside = (truth >= forecast[:, outer]) & (truth <= forecast[:, -1 - outer])
    return 100 * float(inside.mean())
