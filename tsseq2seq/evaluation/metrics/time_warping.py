"""Dynamic time warping: how far two sequences of frames are apart, however fast each of them runs."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Shaped

__all__ = ["time_warping_distance"]


def time_warping_distance(one: Shaped[np.ndarray, "T F"], other: Shaped[np.ndarray, "S F"]) -> float:
    """Return the least cost of aligning two sequences, divided by the steps of the longer one.

    Each step of one is aligned with at least one of the other, in order, from both beginnings to both ends
    (Sakoe & Chiba 1978). An alignment costs the mean absolute difference of the two vectors. So the distance
    is in the units of the numbers, and without warping it is the mean absolute error.

    Parameters
    ----------
    one, other
        (T, F) and (S, F), each at least one step.

    Examples
    --------
    >>> slow, fast = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([[0.0], [1.0]])
    >>> time_warping_distance(slow, fast), time_warping_distance(slow, fast + 0.5)
    (0.0, 0.5)
    """
    costs = np.abs(one[:, None].astype(np.float64) - other[None].astype(np.float64)).mean(-1)
    return float(_least_total(costs)) / max(costs.shape)


def _least_total(costs: Float[np.ndarray, "T S"]) -> float:
    """Return the least sum along a path of steps right, down and both, one antidiagonal at a time."""
    rows, columns = costs.shape
    # totals by row, of the two antidiagonals before; their first entry is a row above the first
    before, last = np.full((2, rows + 1), np.inf)
    before[0] = 0.0
    for diagonal in range(rows + columns - 1):
        row = np.arange(max(0, diagonal - columns + 1), min(rows, diagonal + 1))
        best = np.minimum(np.minimum(last[row], last[row + 1]), before[row])
        now = np.full(rows + 1, np.inf)
        now[row + 1] = costs[row, diagonal - row] + best
        before, last = last, now
    return float(last[rows])
