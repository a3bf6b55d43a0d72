"""What the backtest of a report says step by step: errors, coverage, residuals."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tsseq2seq.evaluation.leaderboard import Leaderboard
from tsseq2seq.plotting.backtest_rows import with_steps

__all__ = ["coverage_by_step", "errors_by_step", "residuals"]


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


def _with_steps(board: Leaderboard) -> pd.DataFrame:
    """Return the backtest with the step of the horizon of each row."""
    columns = board.columns
    return with_steps(board.forecasts, columns.id or "unique_id", columns.time, columns.targets[0])
