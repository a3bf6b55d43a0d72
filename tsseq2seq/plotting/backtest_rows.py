"""What plots of errors read of a backtest: the step of each row, its models and their intervals."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from tsseq2seq.errors import DataError
from tsseq2seq.plotting.lines import as_pandas, check_frame

__all__ = ["autocorrelation", "interval_levels", "models_of", "with_steps"]

_CUTOFF = "cutoff"
_INTERVAL = re.compile(r"^(.+)-(lo|hi)-(\d+(?:\.\d+)?)$")


def with_steps(forecasts: object, id_col: str, time_col: str, target_col: str) -> pd.DataFrame:
    """Return a backtest in the order of its steps, with the step of the horizon as the column ``step``.

    Raises
    ------
    DataError
        If it lacks a column or has no rows.
    """
    frame = as_pandas(forecasts, "forecasts")
    check_frame(frame, "forecasts", [time_col, _CUTOFF, target_col])
    if len(frame) == 0:
        raise DataError("forecasts has no rows")
    keys = [id_col, _CUTOFF] if id_col in frame.columns else [_CUTOFF]
    ordered = frame.sort_values([*keys, time_col], kind="stable")
    return ordered.assign(step=ordered.groupby(keys).cumcount() + 1)


def models_of(frame: pd.DataFrame, id_col: str, time_col: str, target_col: str) -> list[str]:
    """Return the columns that are points of models, in their order."""
    known = {id_col, time_col, target_col, _CUTOFF, "step"}
    return [name for name in frame.columns if name not in known and not _INTERVAL.match(str(name))]


def interval_levels(frame: pd.DataFrame, name: str) -> list[float]:
    """Return the levels of a model's intervals, in percent, the lowest first.

    Raises
    ------
    DataError
        If it has none.

    Examples
    --------
    >>> interval_levels(pd.DataFrame(columns=["ETS", "ETS-lo-80", "ETS-hi-80"]), "ETS")
    [80.0]
    """
    found = {_INTERVAL.match(str(column)) for column in frame.columns}
    levels = sorted({float(each[3]) for each in found if each is not None and each[1] == name})
    if not levels:
        raise DataError(
            f"forecasts has no intervals of {name!r}; give levels to backtest, such as levels=[50, 80, 95]"
        )
    return levels


def autocorrelation(values: np.ndarray, lags: int) -> np.ndarray:
    """Return the autocorrelation at lags from 1 on; 0 where the values do not vary.

    Examples
    --------
    >>> autocorrelation(np.array([1.0, -1.0, 1.0, -1.0]), 2).round(2).tolist()
    [-0.75, 0.5]
    """
    centred = values - np.mean(values)
    total = float((centred**2).sum())
    if total == 0:
        return np.zeros(lags)
    return np.array([float((centred[lag:] * centred[:-lag]).sum()) / total for lag in range(1, lags + 1)])
