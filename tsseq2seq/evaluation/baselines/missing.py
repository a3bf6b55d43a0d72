"""Filling the missing values of a series, for methods that need complete series."""

from __future__ import annotations

import numpy as np

__all__ = ["fill_missing", "trim_start"]


def trim_start(values: np.ndarray) -> np.ndarray:
    """Return a series from its first observed value on; an empty array if there is none."""
    observed = ~np.isnan(values)
    return values[int(np.argmax(observed)) :] if observed.any() else values[:0]


def fill_missing(values: np.ndarray, season: int) -> np.ndarray:
    """Interpolate missing values linearly between values of the same phase of the season.

    Before the first and after the last value of a phase, the nearest value of the phase is repeated. A phase
    that was never observed is interpolated between its neighbours in time.

    Parameters
    ----------
    values
        (T,), with at least one observation.
    season
        Seasonal period, in time steps.

    Examples
    --------
    >>> fill_missing(np.array([1.0, 10.0, np.nan, 12.0, 3.0, np.nan]), season=2).tolist()
    [1.0, 10.0, 2.0, 12.0, 3.0, 12.0]
    """
    filled = values.copy()
    for phase in range(min(season, len(values))):
        _interpolate(filled[phase::season])
    _interpolate(filled)
    return filled


def _interpolate(values: np.ndarray) -> None:
    """Fill in place; the values are a view."""
    observed = ~np.isnan(values)
    if observed.any() and not observed.all():
        steps = np.arange(len(values))
        values[~observed] = np.interp(steps[~observed], steps[observed], values[observed])
