"""The naive and the seasonal naive forecast of one series."""

from __future__ import annotations

import numpy as np

from tsseq2seq.errors import DataError
from tsseq2seq.evaluation.baselines.intervals import normal_bounds, root_mean_square

__all__ = ["covers_season", "naive_forecast"]


def naive_forecast(values: np.ndarray, horizon: int, season: int, levels: tuple[float, ...]) -> np.ndarray:
    """Repeat the last observed value of each phase of the season.

    The standard deviation one season ahead is the root mean square of the changes from season to season. It
    grows with the square root of the number of seasons ahead.

    Parameters
    ----------
    values
        (T,), NaN where missing.
    horizon
        Time steps to forecast.
    season
        Seasonal period, in time steps; 1 for the naive method.
    levels
        Levels of the intervals, in percent.

    Returns
    -------
    ndarray
        (horizon, 1 + 2 · levels). Bounds are NaN if no two values lie one step or one season apart.

    Raises
    ------
    DataError
        If a phase of the season was never observed.

    References
    ----------
    Hyndman and Athanasopoulos, "Forecasting: principles and practice", 3rd edition, section 5.5.

    Examples
    --------
    >>> naive_forecast(np.array([1.0, 5.0, 2.0, np.nan]), 3, season=2, levels=()).T.tolist()
    [[2.0, 5.0, 2.0]]
    """
    if not covers_season(values, season):
        seen = np.flatnonzero(~np.isnan(values))
        missing = np.setdiff1d(np.arange(season), seen % season)
        raise DataError(
            f"it has {len(seen)} observed values, but none at {len(missing)} of the {season} steps of its "
            f"season (the first: step {missing[0] + 1})"
        )
    ahead = np.arange(len(values), len(values) + horizon)
    observed = np.flatnonzero(~np.isnan(values))
    last = np.zeros(season, dtype=np.int64)
    last[observed % season] = observed  # for repeated indices the last assignment counts
    changes = values[season:] - values[:-season]
    if np.isnan(changes).all():
        changes = np.diff(values)
    seasons_ahead = (np.arange(horizon) // season) + 1
    return normal_bounds(
        values[last[ahead % season]], root_mean_square(changes) * np.sqrt(seasons_ahead), levels
    )


def covers_season(values: np.ndarray, season: int) -> bool:
    """Return whether each phase of the season was observed."""
    return len(np.unique(np.flatnonzero(~np.isnan(values)) % season)) == season
