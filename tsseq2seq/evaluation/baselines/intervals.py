"""Normal intervals around point forecasts."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

__all__ = ["normal_bounds", "root_mean_square"]


def normal_bounds(point: np.ndarray, deviation: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Return normal intervals around point forecasts.

    Parameters
    ----------
    point, deviation
        (horizon,), the forecasts and their standard deviations.
    levels
        Levels of the intervals, in percent.

    Returns
    -------
    ndarray
        (horizon, 1 + 2 · levels): the point forecast, then the lower and the upper bound of each level.

    Examples
    --------
    >>> normal_bounds(np.array([10.0]), np.array([1.0]), (95,)).round(2).tolist()
    [[10.0, 8.04, 11.96]]
    """
    columns = [point]
    for level in levels:
        width = NormalDist().inv_cdf((1 + level / 100) / 2) * deviation
        columns += [point - width, point + width]
    return np.stack(columns, axis=1)


def root_mean_square(values: np.ndarray) -> float:
    """Return the root mean square of the values that are not NaN; NaN if there are none."""
    observed = np.abs(values[~np.isnan(values)])
    if not observed.size:
        return float("nan")
    size = observed.max() or 1.0  # so that squares neither overflow nor vanish
    return float(size * np.sqrt(np.mean((observed / size) ** 2)))
