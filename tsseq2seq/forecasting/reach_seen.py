"""How far a series may leave all that it ever was, where past covariates are read.

A network that reads past covariates can take a coincidence of few rows for a law, and carry a forecast out
of the range of its series. It may go as far as the series itself went within a horizon, and half as far
again: a series that grows may go on growing, one that comes and goes stays where it always was.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tsseq2seq.data.panel.windows import Windows

__all__ = ["hold_paths_within_reach", "hold_within_reach", "reach_seen"]

_MARGIN = 1.5  # growth may itself grow
_LEAST = 20  # what fewer steps reached says little


def hold_within_reach(numbers: np.ndarray, windows: Windows, index: Tensor | None = None) -> np.ndarray:
    """Move forecasts of models with past covariates to where their series may go; others are left alone.

    Quantiles move with their point, so that intervals keep their width.

    Parameters
    ----------
    numbers
        (B, horizon, targets, numbers), the point first.
    windows
        The windows.
    index
        (B,), which of them were forecast. None: all.
    """
    return numbers + _way_back(numbers[..., 0], windows, index)[..., None]


def hold_paths_within_reach(
    paths: np.ndarray, windows: Windows, index: Tensor | None = None, *, whole: bool = False
) -> np.ndarray:
    """Move sample paths, (B, paths, horizon, targets), by what their median is moved.

    Parameters
    ----------
    paths, windows, index
        As for :func:`hold_within_reach`.
    whole
        Whether they move by whole numbers, as counts do.
    """
    if windows.panel.past is None:
        return paths
    move = _way_back(np.median(paths, axis=1), windows, index)
    return paths + (np.round(move) if whole else move)[:, None]


def _way_back(points: np.ndarray, windows: Windows, index: Tensor | None) -> np.ndarray:
    """Return what brings points, (B, horizon, targets), to where their series may go."""
    if windows.panel.past is None or not len(points):
        return np.zeros_like(points)
    if index is None:
        index = torch.arange(len(windows), device=windows.cumulative.device)
    series, cutoffs = (part.cpu().numpy() for part in windows.locate(index))
    low, high = np.empty((2, len(points), points.shape[2]))
    for place in np.unique(series):
        rows = series == place
        low[rows], high[rows] = reach_seen(
            windows.panel.original(int(place)), cutoffs[rows], windows.shape.horizon
        )
    return np.clip(points, low[:, None], high[:, None]) - points


def reach_seen(values: np.ndarray, cutoffs: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how low and how high a series may go after each cutoff, by what it was before.

    Its range then, and half as much again as it left its range within a horizon in the later half of what
    was known. Without limit where fewer than twenty steps or four horizons are known, or nothing was
    observed.

    Parameters
    ----------
    values
        (T, Y), NaN where missing.
    cutoffs
        (n,), steps known.
    horizon
        Steps forecast.

    Returns
    -------
    low, high
        (n, Y).

    Examples
    --------
    >>> waves = np.array([0.0, 1.0, 2.0, 1.0] * 5)[:, None]
    >>> low, high = reach_seen(waves, np.array([20]), 2)
    >>> abs(low).tolist(), high.tolist()
    ([[0.0]], [[2.0]])
    """
    highest, above = _highest(values, horizon)
    lowest, below = _highest(-values, horizon)
    low, high = np.full((2, len(cutoffs), values.shape[1]), np.inf)
    low = -low
    for row, cutoff in enumerate(cutoffs):
        began, ended = -(-int(cutoff) // 2), int(cutoff) - horizon + 1
        if cutoff < max(_LEAST, 4 * horizon):
            continue
        for bounds, sign, reached, left in ((high, 1.0, highest, above), (low, -1.0, lowest, below)):
            known = np.isfinite(reached[cutoff])
            limit = sign * (reached[cutoff] + _MARGIN * left[began:ended].max(axis=0))
            bounds[row, known] = limit[known]
    return low, high


def _highest(values: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the highest value before each cutoff, (T + 1, Y), and how far what followed went above it."""
    known = np.where(np.isnan(values), -np.inf, values)
    nothing = np.full((1, values.shape[1]), -np.inf)
    before = np.concatenate([nothing, np.maximum.accumulate(known, axis=0)])
    padded = np.concatenate([known, np.repeat(nothing, horizon, axis=0)])
    ahead = np.lib.stride_tricks.sliding_window_view(padded, horizon, axis=0).max(axis=-1)
    left = np.zeros_like(before)
    both = np.isfinite(before) & np.isfinite(ahead)
    left[both] = np.maximum(ahead[both] - before[both], 0.0)
    return before, left
