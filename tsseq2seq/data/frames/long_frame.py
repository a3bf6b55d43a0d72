"""Long frames, with one row for each series and time stamp: checked, and sorted by series and time."""

from __future__ import annotations

import datetime
import difflib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsseq2seq.data.blocks import row_blocks
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.series_names import check_series_names
from tsseq2seq.data.frames.target_numbers import target_numbers
from tsseq2seq.data.frames.weights import read_weights
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.series_rows import (
    row_counts,
    row_ends,
    row_offsets,
    row_starts,
    series_of_rows,
    steps_of_rows,
)
from tsseq2seq.errors import DataError, ParameterTypeError, shown

__all__ = [
    "LongFrame",
    "check_columns",
    "read_long_frame",
    "read_times",
    "take_series",
    "without_last_steps",
]

# Forecasts and intervals lie some deviations beyond the values, and must be numbers too.
_LARGEST = 1e305


@dataclass(frozen=True)
class LongFrame:
    """The rows of a frame, sorted by series (in order of first appearance) and time.

    Attributes
    ----------
    ids
        Names of the series.
    has_ids
        Whether the frame had a column of series names.
    times
        (rows,), time stamps.
    starts
        (series,), the first row of each series.
    targets
        (rows, Y), float64, NaN where missing.
    columns
        Which column plays which role.
    covariates
        The covariates' columns, unchanged, with sorted rows.
    weights
        (rows,), how much each row counts in the loss, 1 at the most. None: all the same.
    """

    ids: pd.Index
    has_ids: bool
    times: pd.Index
    starts: np.ndarray
    targets: np.ndarray
    columns: Columns
    covariates: pd.DataFrame
    weights: np.ndarray | None = None

    @property
    def row_counts(self) -> np.ndarray:
        """(series,), the number of rows of each series."""
        return row_counts(self.starts, len(self.times))

    @property
    def series_of_rows(self) -> np.ndarray:
        """(rows,), the number of the series of each row."""
        return series_of_rows(self.starts, len(self.times))

    @property
    def lowest(self) -> float:
        """The lowest target; NaN if none was observed."""
        return float(np.fmin.reduce(self.targets, axis=None))

    @property
    def lowest_of_targets(self) -> np.ndarray:
        """(Y,), the lowest value of each target; NaN where none was observed."""
        return np.asarray(np.fmin.reduce(self.targets, axis=0))


def read_long_frame(df: pd.DataFrame, columns: Columns) -> LongFrame:
    """Return a frame's rows, checked and sorted.

    Parameters
    ----------
    df
        A long frame with rows in any order.
    columns
        Which column plays which role; those of the result are without weights, which only a fit reads.

    Raises
    ------
    ParameterTypeError
        If ``df`` is not a pandas frame.
    DataError
        If a column is missing or has the wrong type, there are no rows, or a value is infinite;
        the message names the column and the first offending row.

    Examples
    --------
    >>> df = pd.DataFrame({"ds": [2, 1], "y": [20.0, 10.0]})
    >>> read_long_frame(df, Columns()).targets.tolist()
    [[10.0], [20.0]]
    """
    if not isinstance(df, pd.DataFrame):
        raise ParameterTypeError(f"df is a {type(df).__name__}; it must be a pandas DataFrame")
    check_columns(df, [columns.time, *columns.quantities])
    if len(df) == 0:
        raise DataError("df has no rows; at least one observation is needed")
    if columns.id not in (None, Columns().id):
        check_columns(df, [str(columns.id)])
    has_ids = columns.id in df.columns
    codes, ids = (
        _series_codes(df, str(columns.id)) if has_ids else (np.zeros(len(df), dtype=np.int64), pd.Index([0]))
    )
    times = read_times(df, columns.time)
    numbers = [_numbers(df, name, columns, has_ids) for name in columns.targets]
    targets = numbers[0][:, None] if len(numbers) == 1 else np.column_stack(numbers)  # a view where it can be
    covariates = df[list(columns.covariates)].reset_index(drop=True)
    weights = read_weights(df, columns, ~np.isnan(targets).all(axis=1))
    order = _order(codes, times)
    if order is not None:
        weights = None if weights is None else weights[order]
        codes, times, targets = codes[order], times[order], targets[order]
        covariates = covariates.iloc[order].reset_index(drop=True)
    starts = row_starts(codes)
    return LongFrame(ids, has_ids, times, starts, targets, columns.unweighted, covariates, weights)


def take_series(frame: LongFrame, series: np.ndarray) -> LongFrame:
    """Return the series with these numbers.

    Examples
    --------
    >>> df = pd.DataFrame({"unique_id": ["a", "a", "b"], "ds": [1, 2, 1], "y": [1.0, 2.0, 3.0]})
    >>> take_series(read_long_frame(df, Columns()), np.array([1])).ids.tolist()
    ['b']
    """
    counts = frame.row_counts[series]
    rows = frame.starts[series].repeat(counts) + steps_of_rows(counts)
    return LongFrame(
        ids=frame.ids[series],
        has_ids=frame.has_ids,
        times=frame.times[rows],
        starts=row_offsets(counts)[:-1],
        targets=frame.targets[rows],
        columns=frame.columns,
        covariates=frame.covariates.iloc[rows].reset_index(drop=True),
        weights=None if frame.weights is None else frame.weights[rows],
    )


def without_last_steps(frame: LongFrame, frequency: Frequency, steps: int) -> LongFrame:
    """Return a frame without the last ``steps`` grid steps of each series; series that are empty then go too.

    The frame itself is returned if ``steps`` is 0, or if no row would remain.

    Examples
    --------
    >>> frame = read_long_frame(pd.DataFrame({"ds": [1, 2, 5], "y": [1.0, 2.0, 3.0]}), Columns())
    >>> without_last_steps(frame, Frequency.parse(1), 2).times.tolist()
    [1, 2]
    """
    if steps == 0:
        return frame
    positions = frequency.positions(frame.times, frame.starts, frame.ids)
    series = frame.series_of_rows
    last = positions[row_ends(frame.starts, len(positions)) - 1]
    kept = positions <= last[series] - steps
    kept_series = np.unique(series[kept])
    if not len(kept_series):
        return frame
    return LongFrame(
        ids=frame.ids[kept_series],
        has_ids=frame.has_ids,
        times=frame.times[kept],
        starts=row_starts(series[kept]),
        targets=frame.targets[kept],
        columns=frame.columns,
        covariates=frame.covariates[kept].reset_index(drop=True),
        weights=None if frame.weights is None else frame.weights[kept],
    )


def check_columns(df: pd.DataFrame, wanted: Sequence[str], *, name: str = "df") -> None:
    """Refuse a frame, which messages call ``name``, that lacks a column, or has it twice.

    Raises
    ------
    DataError
        Naming the column, and the columns of the frame.
    """
    for column in wanted:
        count = int((df.columns == column).sum())
        if count == 1:
            continue
        if count > 1:
            raise DataError(f"{name} has {count} columns named {column!r}; column names must be unique")
        close = difflib.get_close_matches(str(column), [str(c) for c in df.columns], n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        there = ", ".join(repr(c) for c in df.columns[:20])
        raise DataError(f"{name} has no column {column!r}; it has: {there}{hint}")


def _series_codes(df: pd.DataFrame, name: str) -> tuple[np.ndarray, pd.Index]:
    """Return the number of each row's series, (rows,), and the names of the series."""
    check_columns(df, [name])
    missing = df[name].isna().to_numpy()
    if missing.any():
        row = int(np.argmax(missing))
        raise DataError(f"column {name!r} is empty in row {row}; every row needs a series name")
    starts = _run_starts(df[name])
    try:
        codes, ids = pd.factorize(df[name].iloc[starts])
    except TypeError as error:
        raise DataError(
            f"column {name!r} holds {shown(df[name].iloc[0])}; series names must be text or numbers"
        ) from error
    check_series_names(pd.Index(ids), name)
    # 32 bits save memory, as there is one code for each row
    return codes.astype(np.int32).repeat(row_counts(starts, len(df))), pd.Index(ids)


def _run_starts(column: pd.Series) -> np.ndarray:
    """Return the rows at which a name differs from the one before; they are few if rows are sorted by series.

    Names of the type ``object`` are not compared; all rows are returned.
    """
    if column.dtype == object or len(column) < 2:
        return np.arange(len(column))
    starts = [np.zeros(1, dtype=np.int64)]
    for block in row_blocks(len(column) - 1):
        names = column.array[block.start : block.stop + 1]
        differs = np.asarray(names[1:] != names[:-1], dtype=bool)
        starts.append(np.flatnonzero(differs) + block.start + 1)
    return np.concatenate(starts)


def read_times(df: pd.DataFrame, name: str) -> pd.Index:
    """Return a frame's time stamps: datetimes or integers.

    Raises
    ------
    DataError
        If one is missing or not a time stamp; the message names the row.
    """
    column = df[name]
    if column.isna().any():
        row = int(np.argmax(column.isna().to_numpy()))
        raise DataError(f"column {name!r} is empty in row {row}; every row needs a time stamp")
    if isinstance(column.dtype, pd.PeriodDtype):
        return pd.DatetimeIndex(column.dt.to_timestamp())
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return pd.DatetimeIndex(column)
    if pd.api.types.is_integer_dtype(column.dtype):
        if column.max() > np.iinfo(np.int64).max:
            raise DataError(f"column {name!r} holds {shown(column.max())}, beyond 64-bit integers")
        return pd.Index(column.to_numpy(dtype=np.int64))
    if pd.api.types.is_string_dtype(column.dtype) or column.dtype == object:
        return _parsed_times(column, name)
    raise DataError(
        f"column {name!r} has the type {column.dtype}; time stamps must be datetimes, integers or "
        f"ISO 8601 text. First value: {shown(column.iloc[0])}"
    )


def _parsed_times(column: pd.Series, name: str) -> pd.Index:
    readable = column.map(lambda value: isinstance(value, str | datetime.date | np.datetime64))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # pandas 2 warns of mixed zones, pandas 3 refuses
            parsed = pd.to_datetime(column.where(readable), format="ISO8601", errors="coerce")
    except (ValueError, FutureWarning) as error:
        raise DataError(
            f"column {name!r} mixes time zones (it begins with {shown(column.iloc[0])}); convert it with "
            "pandas.to_datetime(..., utc=True)"
        ) from error
    if parsed.isna().any():
        row = int(np.argmax(parsed.isna().to_numpy()))
        raise DataError(
            f"column {name!r} is text, and row {row}, {shown(column.iloc[row])}, is not an ISO 8601 date; "
            "convert the column with pandas.to_datetime"
        )
    return pd.DatetimeIndex(parsed)


def _numbers(df: pd.DataFrame, name: str, columns: Columns, has_ids: bool) -> np.ndarray:
    column = df[name]
    numbers = target_numbers(column, f"column {name!r}")
    infinite = np.isinf(numbers)
    if infinite.any():
        row = int(np.argmax(infinite))
        series = f" of series {shown(df[columns.id].iloc[row])}" if has_ids else ""
        raise DataError(
            f"column {name!r} is {numbers[row]} at {df[columns.time].iloc[row]}{series} (row {row}); "
            "values must be finite, or NaN where missing"
        )
    large = np.abs(numbers) > _LARGEST
    if large.any():
        row = int(np.argmax(large))
        raise DataError(
            f"column {name!r} is {numbers[row]} in row {row}; forecasts of values beyond ±{_LARGEST:g} would "
            "not be finite: give them in a larger unit"
        )
    return numbers


def _order(codes: np.ndarray, times: pd.Index) -> np.ndarray | None:
    """Return the order of rows by series and time, or None if they are in this order."""
    stamps = times.asi8 if isinstance(times, pd.DatetimeIndex) else times.to_numpy()
    for block in row_blocks(len(codes) - 1):
        following = slice(block.start + 1, block.stop + 1)
        same_series, next_series = codes[block] == codes[following], codes[block] < codes[following]
        if not (next_series | (same_series & (stamps[block] <= stamps[following]))).all():
            return np.lexsort((stamps, codes))
    return None
