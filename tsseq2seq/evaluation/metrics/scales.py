"""The scale of each series, by which MASE and RMSSE divide errors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import LongFrame, read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.series_rows import row_ends
from tsseq2seq.errors import DataError, DataWarning, ParameterError, shown, warn
from tsseq2seq.settings import check_number

__all__ = ["Histories", "read_histories"]


class Histories:
    """The training data of the series, in the order of the forecasts.

    Parameters
    ----------
    values
        For each series (T,), NaN where missing.
    names
        Names of the series.
    season_length
        Seasonal period, in time steps.
    """

    def __init__(self, values: list[np.ndarray], names: pd.Index, season_length: int) -> None:
        self.values = values
        self.names = names
        self.season_length = season_length

    def scales(self, metric: str, scale: Callable[[np.ndarray, int], float]) -> np.ndarray:
        """Return the scale of each series; NaN, with a warning, where it is 0 or undefined."""
        scales = np.array([scale(values, self.season_length) for values in self.values])
        unusable = ~(scales > 0)
        if unusable.any():
            first = int(np.argmax(unusable))
            reason = "repeats itself exactly" if scales[first] == 0 else "has no two values a season apart"
            warn(
                f"{metric}: {unusable.sum()} of {len(scales)} series have no scale and are left out of its "
                f"mean; the first is {shown(self.names[first])}, which in train {reason} "
                f"(season_length={self.season_length})",
                DataWarning,
            )
        return np.where(unusable, np.nan, scales)


def read_histories(
    train: pd.DataFrame | None,
    names: pd.Index,
    *,
    season_length: int | None,
    named: bool,
    columns: Columns,
) -> Histories:
    """Read the training data of the series that were forecast.

    Parameters
    ----------
    train
        A long frame; gaps in its time grid count as missing.
    names
        Names of the series of the forecasts.
    season_length
        Seasonal period, in time steps.
    named
        Whether the forecasts have a column of series names.
    columns
        The columns of ``train``.

    Raises
    ------
    ParameterError
        If one of the arguments is missing.
    DataError
        If a series is not in ``train``.
    """
    if train is None or season_length is None:
        lacking = "train" if train is None else "season_length"
        raise ParameterError(
            f"{lacking} is None; mase, rmsse and owa need the training data and its season_length "
            "(1 where there is no season)"
        )
    check_number("evaluate", "season_length", season_length, low=1, integer=True)
    frame = read_long_frame(train, columns)
    if frame.has_ids != named:
        having, other = ("train", "forecasts") if frame.has_ids else ("forecasts", "train")
        raise DataError(f"{having} has the column {columns.id!r}, {other} has not")
    positions = _positions(frame)
    wanted = frame.ids.get_indexer(names) if named else np.zeros(1, dtype=np.int64)
    if (wanted < 0).any():
        missing = names[wanted < 0]
        raise DataError(
            f"{len(missing)} series of forecasts are not in train; the first is {shown(missing[0])}"
        )
    ends = row_ends(frame.starts, len(positions))
    values = []
    for series in wanted:
        rows = slice(frame.starts[series], ends[series])
        values_on_grid = np.full(int(positions[rows].max()) + 1, np.nan)
        values_on_grid[positions[rows]] = frame.targets[rows, 0]
        values.append(values_on_grid)
    return Histories(values, names, int(season_length))


def _positions(frame: LongFrame) -> np.ndarray:
    if len(frame.times) == len(frame.starts):  # one row in each series: no frequency is needed
        return np.zeros(len(frame.times), dtype=np.int64)
    return Frequency.of(None, frame).positions(frame.times, frame.starts, frame.ids)
