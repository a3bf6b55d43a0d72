"""Time stamps that repeat within a series: what they may mean, and what tells the rows apart."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.grid.clock_change import doubled_hour
from tsseq2seq.errors import DataError, shown

__all__ = ["check_clock_change", "check_repeats"]

_MOST_CANDIDATES = 50
_MOST_SHOWN = 6
# Where so many rows share their time stamp, they are parts of something.
_PARTS = 0.5


def check_clock_change(times: pd.Series) -> None:
    """Refuse time stamps of one series that hold the hour twice at which summer time ends.

    Raises
    ------
    DataError
        Naming the time stamp, and time zones as the remedy.
    """
    if not pd.api.types.is_datetime64_any_dtype(times.dtype):
        return
    stamp = doubled_hour(pd.DatetimeIndex(times.dropna()))
    if stamp is not None:
        raise DataError(
            f"column {shown(times.name)} has {stamp} twice, as where summer time ends and the clock is put "
            f"back: name the place with --time-zone, such as Europe/Berlin, or write time stamps with their "
            f"offset from UTC, {stamp}+02:00 and {stamp}+01:00"
        )


def check_repeats(table: pd.DataFrame, frame: pd.DataFrame, columns: Columns) -> None:
    """Refuse time stamps that repeat within a series.

    Parameters
    ----------
    table
        All columns of the file.
    frame
        Those that play a role, typed, in the same rows.
    columns
        Which they are.

    Raises
    ------
    DataError
        Naming the first such time stamp, and the columns that tell the rows apart.
    """
    keys = [columns.time] if columns.id is None else [columns.id, columns.time]
    again = frame.duplicated(keys)
    if not again.any():
        return
    row = int(again.to_numpy().argmax())
    stamp = frame[columns.time].iloc[row]
    series = frame if columns.id is None else frame[frame[columns.id] == frame[columns.id].iloc[row]]
    check_clock_change(series[columns.time])
    of = "" if columns.id is None else f" of series {shown(frame[columns.id].iloc[row])}"
    raise DataError(
        f"column {shown(columns.time)} has {stamp} twice{of} (again in row {row + 1}); "
        + _remedy(table, frame, columns, float(frame.duplicated(keys, keep=False).mean()))
    )


def _remedy(table: pd.DataFrame, frame: pd.DataFrame, columns: Columns, share: float) -> str:
    apart = _telling_apart(table, frame, columns)
    if apart and columns.id is None:
        return f"name the column that tells the series apart with --id-col: {_listed(apart)}"
    if apart:
        return (
            f"{_listed(apart)} tells the rows apart; join it with {shown(columns.id)} into one column of "
            "names, and name that with --id-col"
        )
    if share >= _PARTS:
        return "no column tells the rows apart; if they are parts of one total, add them up"
    return "keep one row of each"


def _telling_apart(table: pd.DataFrame, frame: pd.DataFrame, columns: Columns) -> list[str]:
    """Return the columns that tell rows of one series and time apart, text before numbers."""
    used = {columns.time, columns.id, *columns.targets, *columns.past, *columns.future}
    keys = frame[[columns.time] if columns.id is None else [columns.id, columns.time]]
    names = [name for name in table.columns if name not in used][:_MOST_CANDIDATES]
    return [
        name
        for name in names
        if table[name].duplicated().any()
        and not keys.assign(**{"\0": table[name].to_numpy()}).duplicated().any()
    ]


def _listed(names: Sequence[str]) -> str:
    return " or ".join(shown(name) for name in names[:_MOST_SHOWN])
