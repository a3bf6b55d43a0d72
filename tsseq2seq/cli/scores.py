"""Scores of a backtest."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsseq2seq.cli.columns import Roles
from tsseq2seq.data.frames.columns import FORECAST, Columns
from tsseq2seq.data.panel.forecast_frame import for_target
from tsseq2seq.evaluation.metrics import evaluate
from tsseq2seq.evaluation.origins import read_origins
from tsseq2seq.evaluation.season import season_of

__all__ = ["score"]

_METRICS = ("mae", "rmse", "smape", "mase")


def score(
    forecasts: pd.DataFrame, frame: pd.DataFrame, roles: Roles, *, freq: str | None, back: int
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Score a backtest.

    Parameters
    ----------
    forecasts
        What :func:`tsseq2seq.backtest` returned.
    frame, roles
        The history that was forecast, and its columns.
    freq
        Step of time. None: inferred.
    back
        Steps between the first cutoff and the end of each series. Errors are scaled (MASE) by what lies
        before it.

    Returns
    -------
    scores, seasons
        A row for each target and a column for each metric; and the season by which MASE scales each.
    """
    columns = Columns(roles.id, roles.time, roles.targets)
    origins = read_origins(frame, columns, freq)
    train = frame.iloc[origins.before(np.maximum(origins.lengths - back, 1))]
    scores, seasons = [], {}
    for target in roles.targets:
        own = forecasts if len(roles.targets) == 1 else for_target(forecasts, target)
        intervals = any(name.startswith(f"{FORECAST}-lo-") for name in own.columns)
        only = Columns(roles.id, roles.time, (target,))
        seasons[target] = season_of(train, only, origins.frequency)
        table = evaluate(
            own,
            [*_METRICS, *(["coverage"] if intervals else [])],
            train=train,
            season_length=seasons[target],
            models=[FORECAST],
            id_col=roles.id,
            time_col=roles.time,
            target_col=target,
        )
        scores.append({"target": target} | dict(zip(table["metric"], table[FORECAST], strict=True)))
    return pd.DataFrame(scores), seasons
