"""What the backtest of a report says step by step: errors, coverage, residuals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tsseq2seq.evaluation.leaderboard import Leaderboard

__all__ = ["autocorrelation", "coverage_by_step", "errors_by_step", "residuals"]


def errors_by_step(board: Leaderboard) -> pd.DataFrame:
    """Return the mean absolute error of each model (columns) at each step of the horizon (index, from 1)."""
    past, models = _with_steps(board), list(board.scores["model"])
    errors = past[models].sub(past[board.columns.targets[0]], axis=0).abs()
    return errors.groupby(past["step"]).mean()


def coverage_by_step(board: Leaderboard, levels: Sequence[float]) -> pd.DataFrame:
    """Return the share of true values inside the network's intervals (columns) at each step, in percent."""
    past = _with_steps(board)
    truth, shares = past[board.columns.targets[0]], {}
    for level in levels:
        low, high = (past[f"Seq2Seq-{side}-{level:g}"] for side in ("lo", "hi"))
        inside = ((low <= truth) & (truth <= high)).where(truth.notna())
        shares[f"{level:g} %"] = 100 * inside.astype(float).groupby(past["step"]).mean()
    return pd.DataFrame(shares)


def residuals(board: Leaderboard) -> pd.DataFrame:
    """Return step, cutoff and true value less forecast of the network, of every forecast."""
    past = _with_steps(board)
    left = past[board.columns.targets[0]] - past["Seq2Seq"]
    return past[["step", "cutoff"]].assign(residual=left).dropna()


def autocorrelation(values: Sequence[float], lags: int) -> np.ndarray:
    """Return the autocorrelation of values at lags from 1 on; 0 where they do not vary.

    Examples
    --------
    >>> autocorrelation([1.0, -1.0, 1.0, -1.0], 2).round(2).tolist()
    [-0.75, 0.5]
    """
    centred = np.asarray(values, dtype=float) - np.mean(values)
    total = float((centred**2).sum())
    if total == 0:
        return np.zeros(lags)
    return np.array([float((centred[lag:] * centred[:-lag]).sum()) / total for lag in range(1, lags + 1)])


def _with_steps(board: Leaderboard) -> pd.DataFrame:
    """Return the backtest with the step of the horizon of each row."""
    past, columns = board.forecasts, board.columns
    keys = [columns.id, "cutoff"] if columns.id in past else ["cutoff"]
    ordered = past.sort_values([*keys, columns.time])
    return ordered.assign(step=ordered.groupby(keys).cumcount() + 1)
