"""Long frames of libraries other than pandas (polars, pyarrow, modin …), through narwhals.

Columns are converted through numpy arrays, so that only narwhals and the frame's own library are needed.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from tsseq2seq.data.frames.column_type import ColumnType
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frame_kind import FrameKind
from tsseq2seq.data.frames.long_frame import check_columns
from tsseq2seq.errors import DataWarning, ParameterTypeError, warn

__all__ = ["all_from_narwhals", "eager_frame", "from_narwhals", "to_library"]

# Types other than numbers that their name identifies.
_NAMED_TYPES = (nw.Boolean, nw.Categorical, nw.Date, nw.String)


_ACCEPTED = (
    "it must be a pandas DataFrame or Series, a numpy array or list of numbers, or a frame of polars, "
    "pyarrow or another library that narwhals reads"
)


def eager_frame(data: Any, name: str) -> nw.DataFrame[Any]:  # noqa: ANN401 (anything a user may pass)
    """Return the narwhals frame of an input that is a frame in memory.

    Raises
    ------
    ParameterTypeError
        If the input is a lazy frame, a Series, or no frame at all.
    """
    frame = nw.from_native(data, pass_through=True, allow_series=True)
    type_name = type(data).__name__
    if isinstance(frame, nw.LazyFrame):
        raise ParameterTypeError(f"{name} is a {type_name}, which is not in memory; pass {name}.collect()")
    if isinstance(frame, nw.Series):
        raise ParameterTypeError(
            f"{name} is a Series of {frame.implementation.value}, which has no time stamps; pass a frame, or "
            f"{name}.to_numpy() for the times 0, 1, 2 …"
        )
    if not isinstance(frame, nw.DataFrame):
        raise ParameterTypeError(f"{name} is a {type_name}; {_ACCEPTED}")
    return frame


def from_narwhals(
    frame: nw.DataFrame[Any], columns: Columns, *, name: str = "df"
) -> tuple[pd.DataFrame, FrameKind]:
    """Return the columns that have a role as a long pandas frame, with the kind of the whole.

    Nulls become NaN, NaT or None, decimals become floats, and categories become text.

    Raises
    ------
    DataError
        If a column is missing.
    """
    wanted = [columns.time, *columns.quantities]
    check_columns(pd.DataFrame(columns=frame.columns), wanted, name=name)
    ids = [columns.id] if columns.id in frame.columns else []
    long = pd.DataFrame({column: _to_pandas(frame[column]) for column in [*ids, *wanted]})
    kind = FrameKind(
        library=str(frame.implementation.value),
        id=_type(frame[columns.id].dtype) if columns.id in frame.columns else None,
        time=_type(frame[columns.time].dtype),
        future=tuple((column, _type(frame[column].dtype)) for column in columns.future),
    )
    return long, kind


def all_from_narwhals(frame: nw.DataFrame[Any]) -> tuple[pd.DataFrame, FrameKind]:
    """Return all columns as a pandas frame, with the kind, which holds the type of each."""
    whole = pd.DataFrame({column: _to_pandas(frame[column]) for column in frame.columns})
    types = tuple((column, _type(dtype)) for column, dtype in frame.schema.items())
    return whole, FrameKind(library=str(frame.implementation.value), future=types)


def to_library(frame: pd.DataFrame, kind: FrameKind, id_col: str | None, time_cols: Sequence[str]) -> Any:  # noqa: ANN401
    """Return a long pandas frame as a frame of the kind's library; NaN becomes null.

    Parameters
    ----------
    frame
        Series names, time stamps and numbers.
    kind
        As returned by :func:`from_narwhals`.
    id_col, time_cols
        The columns that are converted to the types of the kind.
    """
    columns, covariates = [], dict(kind.future)
    for name in frame.columns:
        described = kind.id if name == id_col else kind.time if name in time_cols else covariates.get(name)
        columns.append(_from_pandas(frame[name], described, kind.library).to_frame())
    # from_dict would infer the types anew
    return nw.concat(columns, how="horizontal").to_native()


def _to_pandas(column: nw.Series[Any]) -> pd.Series:
    dtype = column.dtype
    if isinstance(dtype, nw.Categorical | nw.Enum):
        # through text, as narwhals would read Arrow's null codes as a category
        return pd.Series(column.cast(nw.String()).to_numpy())
    if isinstance(dtype, nw.Decimal):
        return pd.Series(column.cast(nw.Float64()).to_numpy())
    if isinstance(dtype, nw.Boolean) and column.is_null().any():
        return pd.Series(column.to_numpy(), dtype="boolean")
    values = np.asarray(column.to_numpy())
    if isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
        return pd.Series(pd.DatetimeIndex(values).tz_localize("UTC").tz_convert(dtype.time_zone))
    return pd.Series(values)


def _from_pandas(column: pd.Series, column_type: ColumnType | None, library: str) -> nw.Series[Any]:
    name = str(column.name)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _datetimes(column, column_type, library)
    if column_type is not None:
        values, wanted = column.tolist(), _narwhals_type(column_type)
        if column_type.name == "Categorical":  # an older pyarrow encodes text only when it is a series
            return nw.new_series(name, values, nw.String(), backend=_backend(library)).cast(wanted)
        return nw.new_series(name, values, wanted, backend=_backend(library))
    if pd.api.types.is_float_dtype(column.dtype) and column.isna().any():
        values = [None if missing else value for value, missing in zip(column, column.isna(), strict=True)]
        return nw.new_series(name, values, nw.Float64(), backend=_backend(library))
    if pd.api.types.is_numeric_dtype(column.dtype):
        return nw.new_series(name, column.to_numpy(), backend=_backend(library))
    return nw.new_series(name, column.tolist(), backend=_backend(library))


def _datetimes(column: pd.Series, column_type: ColumnType | None, library: str) -> nw.Series[Any]:
    stamps = pd.DatetimeIndex(column)
    if column_type is not None and column_type.name == "Date":
        days = stamps.to_numpy().astype("datetime64[D]")
        return nw.new_series(str(column.name), days, backend=_backend(library))
    if stamps.unit == "s" and not (column_type is not None and column_type.name == "Datetime[s]"):
        stamps = stamps.as_unit("us")  # polars has no seconds
    utc = stamps if stamps.tz is None else stamps.tz_convert(None)
    native = nw.new_series(str(column.name), utc.to_numpy(), backend=_backend(library))
    if stamps.tz is None:
        return native
    zone = str(stamps.tz) if column_type is None or column_type.zone is None else column_type.zone
    if isinstance(stamps.tz, datetime.timezone) and library == "polars":
        if zone != "UTC":
            warn(
                f"polars has no time zone {zone}: the time stamps of {column.name!r} are in UTC", DataWarning
            )
        return native.dt.replace_time_zone("UTC")
    return native.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)


def _type(dtype: Any) -> ColumnType | None:  # noqa: ANN401 (a dtype of narwhals)
    if isinstance(dtype, nw.Enum):
        return ColumnType("Enum", categories=tuple(dtype.categories))
    if isinstance(dtype, nw.Datetime):
        return ColumnType(f"Datetime[{dtype.time_unit}]", zone=dtype.time_zone)
    if (dtype.is_numeric() and not dtype.is_decimal()) or isinstance(dtype, _NAMED_TYPES):
        return ColumnType(type(dtype).__name__)
    return None


def _narwhals_type(column_type: ColumnType) -> Any:  # noqa: ANN401
    if column_type.name == "Enum":
        return nw.Enum(list(column_type.categories or ()))
    return getattr(nw, column_type.name)()


def _backend(library: str) -> Any:  # noqa: ANN401 (typed differently from version to version)
    return nw.Implementation.from_backend(library)  # type: ignore[arg-type]
