"""Frames with time stamps, or series and time stamps, in the index."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tsseq2seq.data.frames.column_type import as_pandas_type, pandas_type, time_type
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frame_kind import FrameKind
from tsseq2seq.data.frames.long_frame import check_columns
from tsseq2seq.errors import DataError, ParameterError

__all__ = ["from_indexed", "is_time_index", "time_levels", "timed_index", "to_indexed"]


def time_levels(df: pd.DataFrame, columns: Columns) -> tuple[str, ...]:
    """Return the role of each level of the index, ``"time"`` or ``"id"``; empty if the index has no role.

    A level with the name of the time or the id column has this role. A DatetimeIndex or PeriodIndex is time.
    An integer index is time if it has a name, or if all columns are targets and covariates. Of two levels,
    the one with dates is time; of two without names and dates, the second one.

    Raises
    ------
    DataError
        If an index of several levels may hold time, but the roles of its levels cannot be decided.
    """
    index = df.index
    if isinstance(index, pd.MultiIndex):
        return _levels_of_several(df, columns)
    if columns.time in df.columns:
        holds_id = index.name is not None and index.name == columns.id and columns.id not in df.columns
        return ("id",) if holds_id else ()
    if index.name == columns.time or is_time_index(index):
        return ("time",)
    roles = {columns.time, *columns.quantities}
    is_integer = pd.api.types.is_integer_dtype(index.dtype)
    if is_integer and (index.name is not None or (len(df.columns) > 0 and set(df.columns) <= roles)):
        return ("time",)
    return ()


def is_time_index(index: pd.Index) -> bool:
    """Return whether an index holds datetimes or periods."""
    return isinstance(index, pd.DatetimeIndex | pd.PeriodIndex) or (
        pd.api.types.is_datetime64_any_dtype(index.dtype)
    )


def from_indexed(
    df: pd.DataFrame, columns: Columns, levels: tuple[str, ...]
) -> tuple[pd.DataFrame, FrameKind]:
    """Return the long frame, with the levels of the index as columns.

    Parameters
    ----------
    df
        The frame.
    columns
        Which column plays which role.
    levels
        As returned by :func:`time_levels`.

    Raises
    ------
    ParameterError
        If a level holds series, but ``id_col`` is None.
    """
    if "id" in levels and columns.id is None:
        raise ParameterError(
            "id_col is None, which says that there is one series, but a level of df's index holds series; "
            "pass its name as id_col"
        )
    names = {"id": columns.id, "time": columns.time}
    long = df.reset_index(drop=True)
    for level, role in enumerate(levels):
        long.insert(level, names[role], df.index.get_level_values(level), allow_duplicates=True)
    check_columns(long, [name for name in names.values() if name is not None and name in long])
    return long, FrameKind(
        form="index",
        id=None if columns.id not in long else pandas_type(long[columns.id].dtype),
        time=time_type(long[columns.time].dtype),
        levels=levels,
        level_names=tuple(df.index.names),
        freq=index_freq(df.index),
    )


def to_indexed(frame: pd.DataFrame, kind: FrameKind, columns: Columns) -> pd.DataFrame | pd.Series:
    """Return a forecast with series and time in the index; a point forecast of a Series is a Series."""
    typed = frame.copy(deep=False)
    for name, column_type in ((columns.id, kind.id), (columns.time, kind.time)):
        if name in typed:
            typed[name] = as_pandas_type(typed[name], column_type)
    roles = {"id": columns.id, "time": columns.time}
    index: pd.Index
    if len(kind.levels) == 1:
        index = pd.Index(typed[roles[kind.levels[0]]]).rename(kind.level_names[0])
        index = index if kind.levels == ("id",) else timed_index(index, kind)
    else:
        index = pd.MultiIndex.from_arrays([typed[roles[role]] for role in kind.levels])
        index = index.set_names(list(kind.level_names))
    # if id_col is not the default, reading a Series adds a column of series names, which is dropped here
    used = {"id", *kind.levels} if kind.form == "series" else set(kind.levels)
    dropped = [str(roles[role]) for role in used if roles[role] in typed]
    body = typed.drop(columns=dropped).set_axis(index)
    if kind.form == "series" and len(body.columns) == 1:
        point = body.iloc[:, 0]
        return point if kind.name is None else point.rename(kind.name)
    return body


def index_freq(index: pd.Index) -> str | None:
    """Return the freq attribute of a DatetimeIndex as text; None if it has none."""
    return index.freqstr if isinstance(index, pd.DatetimeIndex) and index.freq is not None else None


def timed_index(index: pd.Index, kind: FrameKind) -> pd.Index:
    """Return an index with the ``freq`` of the kind, if its time stamps follow this frequency."""
    if kind.freq is None or not isinstance(index, pd.DatetimeIndex) or len(index) == 0:
        return index
    expected = pd.date_range(index[0], periods=len(index), freq=kind.freq, unit=index.unit, name=index.name)
    return expected if expected.equals(index) else index


def _levels_of_several(df: pd.DataFrame, columns: Columns) -> tuple[str, ...]:
    index, names = df.index, list(df.index.names)
    roles: dict[Any, str] = {columns.id: "id", columns.time: "time"}
    named_roles = tuple("" if name is None else roles.get(name, "") for name in names)
    if columns.time in df.columns:
        if columns.id in df.columns or "id" not in named_roles:
            return ()
        raise DataError(
            f"df has the series {columns.id!r} in its index and {columns.time!r} in a column; use "
            "df.reset_index(level=0)"
        )
    if sorted(named_roles) == ["id", "time"]:
        return named_roles
    dated = [is_time_index(index.get_level_values(level)) for level in range(index.nlevels)]
    if index.nlevels == 2 and sum(dated) == 1:
        return ("time", "id") if dated[0] else ("id", "time")
    if names == [None, None] and pd.api.types.is_integer_dtype(index.get_level_values(1).dtype):
        return ("id", "time")
    raise DataError(
        f"df has no column {columns.time!r}, and an index whose levels are {names}; name those of the series "
        f"and of time with df.rename_axis(index=[{columns.id!r}, {columns.time!r}]), or use df.reset_index()"
    )
