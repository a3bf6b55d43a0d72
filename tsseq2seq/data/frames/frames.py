"""Read any kind of frame as a long pandas frame, and return forecasts as the kind of the input.

All other modules work with long pandas frames. The accepted kinds, and the forecasts for them:

=============================================  ==================================================
input                                          forecast
=============================================  ==================================================
long frame of pandas                           the same; names and time stamps of the same type
time, or series and time, in the index         the same index, with its name, type and zone
wide: time in the index, columns are series    time in the index, columns are series, or (series,
(or (series, quantity))                        quantity) if there is more than a point forecast
Series                                         Series; a frame of quantities with intervals
array or list of numbers, (T,) or (T, n)       array (horizon,) or (horizon, n), and a last axis
                                               for the quantities if there are several
polars, pyarrow and others, long               the same library; names and time stamps of the
                                               same type
=============================================  ==================================================

Time stamps given as text come back as datetimes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from tsseq2seq.data.frames.array_frame import from_array, to_array
from tsseq2seq.data.frames.column_type import ColumnType, as_pandas_type, empty_column, pandas_type, time_type
from tsseq2seq.data.frames.columns import FORECAST, Columns
from tsseq2seq.data.frames.frame_kind import FrameKind, frame_kind_from_parts, frame_kind_to_parts
from tsseq2seq.data.frames.indexed_frame import from_indexed, time_levels, to_indexed
from tsseq2seq.data.frames.long_frame import check_columns
from tsseq2seq.data.frames.narwhals_frame import eager_frame, from_narwhals, to_library
from tsseq2seq.data.frames.target_numbers import holds_numbers
from tsseq2seq.data.frames.wide_frame import from_wide, looks_wide, to_wide
from tsseq2seq.errors import DataError, ParameterTypeError

__all__ = [
    "FrameKind",
    "frame_kind_from_parts",
    "frame_kind_to_parts",
    "give_back",
    "give_back_future",
    "give_back_long",
    "read_forecast",
    "read_frame",
    "read_future",
]


def read_frame(data: Any, columns: Columns, *, name: str = "df") -> tuple[pd.DataFrame, FrameKind]:  # noqa: ANN401
    """Return a history as a long pandas frame, with the kind of the input.

    Parameters
    ----------
    data
        The history, of any kind in the table above.
    columns
        Which column plays which role; the long frame has these names. A frame is wide if time is in its
        index and none of its columns has one of these names.
    name
        Name of the input in messages.

    Returns
    -------
    frame
        A long frame of pandas is returned as it is. Rows are not yet checked.
    kind
        What :func:`give_back` needs to return forecasts as this kind.

    Raises
    ------
    ParameterTypeError
        If the input is of a kind that is not accepted.
    DataError
        If a column is missing, or time is neither in a column nor in the index.
    ParameterError
        If ``columns.id`` is None, but the input holds several series.

    Examples
    --------
    >>> wide = pd.DataFrame({"a": [1, 2], "b": [3, 4]}, index=pd.date_range("2024", periods=2))
    >>> frame, kind = read_frame(wide, Columns())
    >>> frame["unique_id"].tolist(), frame["y"].tolist(), kind.form
    (['a', 'a', 'b', 'b'], [1, 2, 3, 4], 'wide')
    """
    if isinstance(data, nw.DataFrame | nw.Series):
        data = data.to_native()
    if isinstance(data, pd.DataFrame | pd.Series):
        long, kind = (
            _read_pandas(data, columns, name)
            if isinstance(data, pd.DataFrame)
            else _read_series(data, columns, name)
        )
        return long, dataclasses.replace(kind, future=_future_types(long, columns))
    if isinstance(data, np.ndarray | list | tuple):
        return from_array(data, columns, name)
    frame = eager_frame(data, name)
    numeric = [column for column, dtype in frame.schema.items() if dtype.is_numeric()]
    _refuse_wide_by_column(frame.columns, numeric, columns, name, method="unpivot")
    return from_narwhals(frame, columns, name=name)


def read_future(data: Any, columns: Columns, kind: FrameKind, *, name: str = "future") -> pd.DataFrame:  # noqa: ANN401
    """Return future covariates of any kind as a long pandas frame.

    Parameters
    ----------
    data
        A long frame, or a frame with time, or series and time, in the index. For a wide history also a wide
        frame: its columns are (series, covariate), or the series if there is one covariate.
    columns
        Which column plays which role.
    kind
        The kind of the history.
    name
        Name of the input in messages.

    Raises
    ------
    ParameterTypeError, DataError
        As for :func:`read_frame`.

    Examples
    --------
    >>> prices = pd.DataFrame({"price": [1.5]}, index=pd.Index([8], name="day"))
    >>> columns = Columns(time="day", future=("price",))
    >>> read_future(prices, columns, FrameKind(form="index"))
       day  price
    0    8    1.5
    """
    if isinstance(data, np.ndarray | list | tuple):
        raise ParameterTypeError(
            f"{name} is a {type(data).__name__}, whose columns have no names; it must be a frame with the "
            f"time stamps of the horizon and {list(columns.future)}"
        )
    if isinstance(data, nw.DataFrame | nw.Series):
        data = data.to_native()
    future_columns = dataclasses.replace(columns.unweighted, targets=(), past=(), static=())
    if isinstance(data, pd.Series):
        data = _named_covariate(data, columns, name)
    if not isinstance(data, pd.DataFrame):
        return from_narwhals(eager_frame(data, name), future_columns, name=name)[0]
    if columns.time in data.columns and not isinstance(data.columns, pd.MultiIndex):
        levels = time_levels(data, future_columns)
        return from_indexed(data, future_columns, levels)[0] if levels else data
    if isinstance(data.columns, pd.MultiIndex):
        return from_wide(data, future_columns, columns.future, name=name, trim=False)[0]
    if kind.form == "wide" and not set(data.columns) & {*columns.future, columns.id}:
        return from_wide(data, future_columns, columns.future, name=name, trim=False)[0]
    levels = time_levels(data, future_columns)
    return from_indexed(data, future_columns, levels)[0] if levels else data


def give_back(frame: pd.DataFrame, kind: FrameKind, columns: Columns) -> Any:  # noqa: ANN401
    """Return a long forecast as the kind of the input.

    Parameters
    ----------
    frame
        Series (if they are named), time stamps and quantities, sorted by series and time.
    kind
        As returned by :func:`read_frame`.
    columns
        The names of the id and the time column.

    Returns
    -------
    object
        See the table above. ``frame`` itself is not changed.

    Raises
    ------
    DataError
        If the type of the input's time stamps cannot hold those of the forecast.

    Examples
    --------
    >>> forecast = pd.DataFrame({"ds": [3, 4], "Seq2Seq": [0.5, 0.7]})
    >>> give_back(forecast, FrameKind(form="array", library="numpy"), Columns())
    array([0.5, 0.7])
    """
    if kind.form == "array":
        return to_array(frame, kind, columns)
    if kind.form == "wide":
        return to_wide(frame, kind, columns)
    if kind.form in ("index", "series"):
        return to_indexed(frame, kind, columns)
    return give_back_long(frame, kind, columns)


def give_back_long(frame: pd.DataFrame, kind: FrameKind, columns: Columns) -> Any:  # noqa: ANN401
    """Return samples, backtests and other long results as a long frame of the input's library.

    Parameters
    ----------
    frame
        A long frame; time stamps in the time column, and in ``cutoff`` if there is one.
    kind, columns
        As for :func:`give_back`.

    Returns
    -------
    object
        A long frame of the input's library, or of pandas if the input was an array. Names and time stamps
        have the types of the input.
    """
    times = [name for name in (columns.time, "cutoff") if name in frame]
    if kind.library not in ("pandas", "numpy"):
        return to_library(frame, kind, columns.id, times)
    typed = frame.copy(deep=False)
    if columns.id in typed:
        typed[columns.id] = as_pandas_type(typed[columns.id], kind.id)
    for name in times:
        typed[name] = as_pandas_type(typed[name], kind.time)
    return typed


def give_back_future(frame: pd.DataFrame, kind: FrameKind, columns: Columns) -> Any:  # noqa: ANN401
    """Return the rows of future covariates to fill in, with the types that the history's have.

    Parameters
    ----------
    frame
        Series and time stamps of the horizon.
    kind, columns
        As for :func:`give_back`.

    Returns
    -------
    object
        As for :func:`give_back_long`, with a column of nothing for each future covariate; see
        :func:`~tsseq2seq.data.frames.column_type.empty_column`.
    """
    types, empty = dict(kind.future), frame.copy(deep=False)
    of_pandas = kind.library in ("pandas", "numpy")
    for name in columns.future:
        described = types.get(name)
        nothing = empty_column(len(frame), described) if of_pandas or described is None else None
        empty[name] = pd.Series([None] * len(frame), dtype=object) if nothing is None else nothing
    return give_back_long(empty, kind, columns)


def _future_types(frame: pd.DataFrame, columns: Columns) -> tuple[tuple[str, ColumnType | None], ...]:
    there = [name for name in columns.future if int((frame.columns == name).sum()) == 1]
    return tuple((name, pandas_type(frame[name].dtype)) for name in there)


def _read_pandas(df: pd.DataFrame, columns: Columns, name: str) -> tuple[pd.DataFrame, FrameKind]:
    if isinstance(df.columns, pd.MultiIndex) or looks_wide(df, columns):
        return from_wide(df, columns, columns.quantities, name=name)
    levels = time_levels(df, columns)
    if levels:
        return from_indexed(df, columns, levels)
    numeric = [str(c) for place, c in enumerate(df.columns) if holds_numbers(df.iloc[:, place])]
    _refuse_wide_by_column(df.columns.tolist(), numeric, columns, name, method="melt")
    if columns.time not in df and len(df.columns) and len(numeric) == len(df.columns):
        shown = ", ".join(repr(c) for c in df.columns[:20])
        if df.index.dtype == object:
            kinds = " and ".join(dict.fromkeys(type(stamp).__name__ for stamp in df.index))
            raise DataError(
                f"{name} has no column {columns.time!r}, and its index holds {kinds} rather than time stamps "
                f"of one kind; convert it, such as with {name}.index = pd.to_datetime({name}.index)"
            )
        raise DataError(
            f"{name} has no column {columns.time!r}, and its index merely numbers the rows; it has: {shown}. "
            f"Put the time stamps into the index, or give it the name {columns.time!r} if it counts time"
        )
    check_columns(df, [columns.time], name=name)
    named = columns.id in df.columns and int((df.columns == columns.id).sum()) == 1
    return df, FrameKind(
        id=pandas_type(df[columns.id].dtype) if named else None, time=time_type(df[columns.time].dtype)
    )


def _read_series(series: pd.Series, columns: Columns, name: str) -> tuple[pd.DataFrame, FrameKind]:
    needed = list(columns.quantities)
    if len(needed) > 1:
        raise DataError(f"{name} is a Series, but the model reads {needed}; pass a frame with these columns")
    df = series.to_frame(columns.targets[0])
    levels = time_levels(df, columns)
    if not levels:
        raise DataError(
            f"the index of the Series {name} has the type {series.index.dtype}; it must hold datetimes, "
            "periods or integers"
        )
    long, kind = from_indexed(df, columns, levels)
    if columns.id not in (None, Columns().id, *long.columns):
        long.insert(0, str(columns.id), 0 if series.name is None else series.name)  # type: ignore[arg-type]
    return long, dataclasses.replace(kind, form="series", name=series.name)


def _named_covariate(series: pd.Series, columns: Columns, name: str) -> pd.DataFrame:
    if len(columns.future) == 1 and series.name in (None, columns.future[0]):
        return series.to_frame(columns.future[0])
    raise DataError(
        f"{name} is a Series named {series.name!r}, but the future covariates are {list(columns.future)}; "
        "pass a frame with these columns"
    )


def _refuse_wide_by_column(
    names: Sequence[Any], numeric: Sequence[str], columns: Columns, name: str, *, method: str
) -> None:
    """Refuse a frame with a column of time and a column for each series."""
    roles = {columns.id, *columns.quantities}
    series = [column for column in numeric if column != columns.time]
    if columns.time not in names or roles & set(names) or len(series) < 2:
        return
    target, shown = columns.targets[0], ", ".join(repr(column) for column in list(names)[:20])
    new_name = "var_name" if method == "melt" else "variable_name"
    index = "" if method == "unpivot" else f"{name}.set_index({columns.time!r}), or "
    remedy = f"{index}{name}.{method}({'index=' * (method == 'unpivot')}{columns.time!r}, "
    raise DataError(
        f"{name} has no column {target!r}; it has: {shown}. If one of them is the target, pass target_col; "
        f"if each is a series, pass {remedy}{new_name}={columns.id!r}, value_name={target!r})"
    )


def read_forecast(data: Any, kind: FrameKind, columns: Columns) -> pd.DataFrame:  # noqa: ANN401
    """Undo :func:`give_back`: return a forecast of any kind as a long pandas frame.

    Raises
    ------
    ParameterTypeError
        If the forecast is an array, which holds no time stamps.
    """
    if isinstance(data, np.ndarray):
        raise ParameterTypeError(
            "the forecast is an array, which has no time stamps; fit on a Series or a frame instead"
        )
    quantities = (FORECAST,)
    if kind.form == "wide" and isinstance(data.columns, pd.MultiIndex):
        quantities = tuple(data.columns.get_level_values(1).unique())
    elif not isinstance(data, pd.Series) and kind.form != "wide":
        quantities = tuple(name for name in data.columns if str(name).startswith(FORECAST))
    forecast_columns = Columns(columns.id, columns.time, quantities)
    return read_frame(data, forecast_columns, name="forecast")[0]
