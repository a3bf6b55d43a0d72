"""Point forecasts with the bounds of their intervals."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

__all__ = ["normal_bounds", "root_mean_square"]


def normal_bounds(point: np.ndarray, deviation: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Return normal intervals around point forecasts.

    Parameters
    ----------
    point, deviation
        (H,), the forecasts and their standard deviations.
    levels
        In percent.

    Returns
    -------
    ndarray
        (H, 1 + 2 · levels): the point, then the lower and the upper bound of each level.

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
    """Return the root of the mean square of what is not NaN; NaN of nothing."""
    observed = values[~np.isnan(values)]
    return float(np.sqrt(np.mean(observed**2))) if observed.size else float("nan")
