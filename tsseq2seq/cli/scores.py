"""Scores of the ``backtest`` command."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import FORECAST, Columns
from tsseq2seq.data.panel.forecast_frame import for_target
from tsseq2seq.evaluation.metrics import evaluate
from tsseq2seq.evaluation.rolling_origins import read_origins
from tsseq2seq.evaluation.season import season_of

__all__ = ["score"]

_METRICS = ("mae", "rmse", "smape", "mase")


def score(
    forecasts: pd.DataFrame,
    frame: pd.DataFrame,
    columns: Columns,
    *,
    freq: str | None,
    back: int,
    name: str = FORECAST,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Score a backtest.

    Parameters
    ----------
    forecasts
        The frame of :func:`tsseq2seq.backtest`.
    frame, columns
        The history that was forecast, and its columns.
    freq
        Step of time. None: inferred.
    back
        Steps between the first cutoff and the end of each series. MASE divides by the seasonal naive errors
        before that cutoff.
    name
        Column of forecasts.

    Returns
    -------
    scores
        A row for each target, a column for each metric.
    seasons
        Seasonal period of MASE, by target.
    """
    origins = read_origins(frame, columns, freq)
    train = frame.iloc[origins.before(np.maximum(origins.lengths - back, 1))]
    scores, seasons = [], {}
    for target in columns.targets:
        of_target = forecasts if len(columns.targets) == 1 else for_target(forecasts, target)
        intervals = any(other.startswith(f"{name}-lo-") for other in of_target.columns)
        seasons[target] = season_of(train, dataclasses.replace(columns, targets=(target,)), origins.frequency)
        table = evaluate(
            of_target,
            [*_METRICS, *(["coverage"] if intervals else [])],
            train=train,
            season_length=seasons[target],
            models=[name],
            id_col=columns.id,
            time_col=columns.time,
            target_col=target,
        )
        scores.append({"target": target} | dict(zip(table["metric"], table[name], strict=True)))
    return pd.DataFrame(scores), seasons
