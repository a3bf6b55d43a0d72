"""Tables in which a column, or a row, is a series; and calendars of years and months."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsseq2seq.cli.column_kinds import ColumnKinds
from tsseq2seq.cli.notation import Notation
from tsseq2seq.cli.numbers import looks_numeric
from tsseq2seq.cli.periods import month_numbers
from tsseq2seq.cli.times import parse_times
from tsseq2seq.errors import DataError, shown

__all__ = ["LongTable", "check_not_wide", "long_table"]

_ID, _TIME, _TARGET = "unique_id", "ds", "y"
# Fewer columns named by dates may be anything, unless the user says that the table is wide.
_LEAST_TIMES = 3
_LEAST_IF_WIDE = 2
_MOST_LEADING = 20
_YEAR = r"(?:1[89]|20|21)\d\d"
_COUNTER = re.compile(r"([A-Za-z_ -]*)(\d+)")


@dataclass(frozen=True)
class LongTable:
    """A table with a row for each time and series, and the columns that play a role in it."""

    table: pd.DataFrame
    time: str
    id: str | None
    target: str = _TARGET


def check_not_wide(table: pd.DataFrame) -> None:
    """Refuse a table whose columns are named by time stamps: each row is a series.

    Raises
    ------
    DataError
        Naming the columns and ``--wide``.
    """
    leading = _leading(table, _LEAST_TIMES)
    if leading is None or any(_holds_dates(table[name]) for name in table.columns[:leading]):
        return
    names = table.columns[leading:]
    raise DataError(
        f"the names of {len(names)} columns, {shown(names[0])} to {shown(names[-1])}, are time stamps: if "
        "each row is a series, or a year, read them with --wide"
    )


def long_table(
    table: pd.DataFrame,
    *,
    time: str | None,
    id: str | None,
    targets: Sequence[str],
    notation: Notation,
) -> LongTable:
    """Give a table in which each column or each row is a series a row for each time and series.

    Parameters
    ----------
    table
        As it was read. If it has a column of time stamps, each other column of numbers is a series, called
        by the column's name. Else the names of columns are time stamps, or counted, and each row is a
        series, called by its first cell; rows of years with columns of months are one series.
    time, id, targets
        Columns that the user named; with ``targets``, only they are series.
    notation
        How the file writes numbers and dates.

    Raises
    ------
    DataError
        If neither columns nor rows are series.

    Examples
    --------
    >>> table = pd.DataFrame({"shop": ["a", "b"], "2024-01": ["1", "3"], "2024-02": ["2", ""]})
    >>> long = long_table(table, time=None, id=None, targets=(), notation=Notation())
    >>> long.table["shop"].tolist(), long.table["ds"].tolist(), long.table["y"].tolist()
    (['a', 'a', 'b', 'b'], ['2024-01', '2024-02', '2024-01', '2024-02'], ['1', '2', '3', ''])
    """
    kinds = ColumnKinds(table, notation)
    dated, counted = _leading(table, _LEAST_IF_WIDE), _counted(table)
    leading = counted if dated is None else dated
    time = time or _time_column(kinds, leading, id, counted=dated is None)
    if time is not None:
        return _from_columns(kinds, time, targets)
    if leading is None:
        raise DataError(
            "--wide is given, but no column holds time stamps and no columns are named by them; name the "
            "column of time stamps with --time-col, or say --no-time"
        )
    calendar = _calendar(table, leading)
    return calendar or _from_rows(table, leading, id, counted=dated is None)


def _from_columns(kinds: ColumnKinds, time: str, targets: Sequence[str]) -> LongTable:
    table = kinds.table
    series = [name for name in (targets or table.columns) if name != time and kinds.is_number(name)]
    if not series:
        raise DataError("--wide is given, but no column besides the time stamps holds numbers")
    if table[time].duplicated().any():
        raise DataError(
            f"--wide is given, but column {shown(time)} has {shown(_first_again(table[time]))} twice; each "
            "row must be a time of its own"
        )
    name = time if time not in (_ID, _TARGET) else _TIME
    data = {
        _ID: np.repeat(np.array(series, dtype=object), len(table)),
        name: np.tile(table[time].to_numpy(), len(series)),
        _TARGET: np.concatenate([table[name].to_numpy() for name in series]),
    }
    return LongTable(_begun(pd.DataFrame(data), _ID, ended=False), name, _ID)


def _from_rows(table: pd.DataFrame, leading: int, id: str | None, *, counted: bool) -> LongTable:
    others, times = list(table.columns[:leading]), table.columns[leading:]
    own = next((name for name in others if not table[name].duplicated().any()), None) if id is None else id
    if own is None and others:
        raise DataError(
            f"--wide is given, but no column tells the rows apart: {', '.join(map(shown, others[:6]))} hold "
            "names twice; make one that does, and name it with --id-col"
        )
    count = len(times)
    data = {name: table[name].repeat(count).to_numpy() for name in others}
    if own is None:
        own, data[_ID] = _ID, np.repeat([str(row + 1) for row in range(len(table))], count)
    data[_TIME] = np.tile([_counter(name) if counted else name for name in times], len(table))
    data[_TARGET] = table[list(times)].to_numpy().ravel()
    return LongTable(_begun(pd.DataFrame(data), own, ended=counted), _TIME, own)


def _calendar(table: pd.DataFrame, leading: int) -> LongTable | None:
    """Read rows of years with columns of months, or the other way round, as one series."""
    if leading != 1:
        return None
    rows, names = table.iloc[:, 0].astype(str).str.strip(), pd.Series(table.columns[1:])
    years = [cells.str.fullmatch(_YEAR).all() for cells in (rows, names)]
    months = [month_numbers(cells) for cells in (rows, names)]
    if years[0] and months[1] is not None:
        cells = table.iloc[:, 1:].to_numpy().ravel()
        stamps = [f"{year}-{month:02}" for year in rows for month in months[1]]
    elif years[1] and months[0] is not None:
        cells = table.iloc[:, 1:].to_numpy().T.ravel()
        stamps = [f"{year}-{month:02}" for year in names for month in months[0]]
    else:
        return None
    frame = pd.DataFrame({_TIME: stamps, _TARGET: cells}).sort_values(_TIME, ignore_index=True)
    there = np.flatnonzero(_filled(frame[_TARGET]))
    return LongTable(frame.iloc[: there[-1] + 1 if len(there) else None], _TIME, None)


def _time_column(kinds: ColumnKinds, leading: int | None, id: str | None, *, counted: bool) -> str | None:
    """Return the only column of dates, or else of a count; None if rows are series.

    Where columns are named by time stamps, only those before them are looked at.
    """
    names = [name for name in kinds.table.columns[:leading] if name != id]
    dates = [name for name in names if kinds.is_date(name)]
    if len(dates) > 1:
        raise DataError(
            f"{len(dates)} columns hold dates: {', '.join(map(shown, dates[:6]))}; choose one with --time-col"
        )
    if dates or (leading is not None and not counted):
        return dates[0] if dates else None
    growing = next((name for name in names if kinds.grows(name, (), evenly=True)), None)
    if growing is not None and leading is not None:
        raise DataError(
            f"--wide is given, and column {shown(growing)} could count time, or name rows; say which with "
            "--time-col or --id-col"
        )
    return growing


def _leading(table: pd.DataFrame, least: int) -> int | None:
    """Return how many columns stand before those that are named by time stamps; None if none are."""
    names = pd.Series([str(name).strip() for name in table.columns])
    for leading in range(min(_MOST_LEADING, len(names) - least) + 1):
        rest = names[leading:].reset_index(drop=True)
        if rest.str.fullmatch(_YEAR).all() or (len(rest) == 12 and month_numbers(rest) is not None):
            return leading
        try:
            times = parse_times(rest)
        except DataError:
            continue
        if times is not None and times.values.notna().all() and not times.values.duplicated().any():
            return leading
    return None


def _counted(table: pd.DataFrame) -> int | None:
    """Return how many columns stand before those that are counted, such as d_1, d_2."""
    parts = [_COUNTER.fullmatch(str(name)) for name in table.columns]
    leading = len(parts)
    while leading > 0:
        part, after = parts[leading - 1], parts[leading] if leading < len(parts) else None
        if part is None or (after is not None and (part[1] != after[1] or int(part[2]) + 1 != int(after[2]))):
            break
        leading -= 1
    if leading == 0 and not looks_numeric(table.iloc[:, 0]):
        leading = 1  # the names of the rows are counted with their values: V1, V2 …
    return leading if len(parts) - leading >= _LEAST_TIMES else None


def _counter(name: object) -> str:
    found = _COUNTER.fullmatch(str(name))
    assert found is not None
    return found[2]


def _begun(frame: pd.DataFrame, id: str, *, ended: bool) -> pd.DataFrame:
    """Leave out of each series the rows before its first value; if ``ended``, those after its last too."""
    filled = pd.Series(_filled(frame[_TARGET]))
    groups = filled.groupby(frame[id].to_numpy(), sort=False)
    kept = (groups.cumsum() > 0) | ~groups.transform("any")
    if ended:
        kept &= (groups.transform("sum") - groups.cumsum() > 0) | filled
    return frame[kept.to_numpy()].reset_index(drop=True)


def _filled(cells: pd.Series) -> np.ndarray:
    filled: np.ndarray = (cells.notna() & (cells.astype(str).str.strip() != "")).to_numpy(dtype=bool)
    return filled


def _first_again(cells: pd.Series) -> object:
    return cells[cells.duplicated()].iloc[0]


def _holds_dates(column: pd.Series) -> bool:
    try:
        return parse_times(column) is not None
    except DataError:
        return True
