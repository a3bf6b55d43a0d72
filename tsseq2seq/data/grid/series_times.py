"""Time stamps of many series, one after the other, as pandas indexes and as numpy arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import pandas as pd

from tsseq2seq.data.blocks import series_blocks
from tsseq2seq.data.grid.clock_change import doubled_hour
from tsseq2seq.data.series_rows import row_counts
from tsseq2seq.errors import DataError

__all__ = ["Names", "SeriesTimes", "TimedRows", "Times", "as_index", "from_numbers", "to_numbers"]

# Where so many rows share their time stamp, they are parts of something.
_PARTS = 0.5

Times: TypeAlias = pd.Index | pd.Series | np.ndarray
Names: TypeAlias = Sequence[object] | pd.Index | np.ndarray


@runtime_checkable
class TimedRows(Protocol):
    """The rows of all series, sorted by series and time, such as a long frame or :class:`SeriesTimes`."""

    @property
    def times(self) -> Times:
        """(rows,), time stamps."""
        ...

    @property
    def starts(self) -> np.ndarray:
        """(series,), the first row of each series."""
        ...

    @property
    def ids(self) -> Names:
        """(series,), their names."""
        ...


@dataclass(frozen=True)
class SeriesTimes:
    """The rows of all series, sorted by series and time.

    Attributes
    ----------
    times
        (rows,), integers or datetimes.
    starts
        (series,), the first row of each series.
    ids
        (series,), their names.
    """

    times: pd.Index
    starts: np.ndarray
    ids: Names

    @cached_property
    def lengths(self) -> np.ndarray:
        """(series,), the number of rows of each series."""
        return row_counts(self.starts, len(self.times))

    @cached_property
    def same_series(self) -> np.ndarray:
        """(rows - 1,), whether the next row belongs to the same series."""
        same_series = np.ones(max(len(self.times) - 1, 0), dtype=bool)
        same_series[self.starts[(self.starts > 0) & (self.starts < len(self.times))] - 1] = False
        return same_series

    def first(self, values: np.ndarray) -> np.ndarray:
        """Return, for each row, the value in the first row of its series."""
        not_empty = self.lengths > 0
        return np.repeat(values[self.starts[not_empty]], self.lengths[not_empty])

    def blocks(self) -> Iterator[tuple[slice, SeriesTimes]]:
        """Yield blocks of whole series: their rows, and their time stamps."""
        for series, rows in series_blocks(self.starts, len(self.times)):
            part = SeriesTimes(self.times[rows], self.starts[series] - rows.start, self.ids[series])
            yield rows, part

    def name(self, row: int) -> str:
        """Return the name of the series of a row, for messages."""
        name = self.ids[int(np.searchsorted(self.starts, row, side="right")) - 1]
        return repr(name.item() if isinstance(name, np.generic) else name)

    def require_increasing(self, order: np.ndarray) -> None:
        """Refuse rows whose numbers in ``order`` do not increase within each series.

        Raises
        ------
        DataError
            Naming the first such series and row.
        """
        violations = np.flatnonzero((order[1:] <= order[:-1]) & self.same_series)
        if violations.size == 0:
            return
        row = int(violations[0]) + 1
        stamp, before = self.times[row], self.times[row - 1]
        if stamp == before:
            problem = f"has the time stamp {stamp} twice; {self._remedy(row)}"
        elif stamp < before:
            problem = f"has {stamp} after {before}; its rows must be sorted by time"
        else:
            problem = f"has two rows for one step of its frequency, {before} and {stamp}"
        raise DataError(f"series {self.name(row)} {problem}")

    def _remedy(self, row: int) -> str:
        """Return what to do about the time stamp of a row that stands twice."""
        series = int(np.searchsorted(self.starts, row, side="right")) - 1
        times = self.times[self.starts[series] : self.starts[series] + self.lengths[series]]
        if isinstance(times, pd.DatetimeIndex) and doubled_hour(times) is not None:
            return (
                "summer time ends there, and the clock shows that hour twice: give the time stamps a time "
                "zone with tz_localize(..., ambiguous='infer'), or convert them to UTC"
            )
        if times.duplicated(keep=False).mean() >= _PARTS:
            return (
                "if the rows belong to several series, name these in the id column; if they are parts of one "
                "total, add them up"
            )
        return "keep one row of each"


def as_index(times: Times) -> pd.Index:
    """Return time stamps as an index.

    Raises
    ------
    DataError
        If they are neither integers nor datetimes, or one is missing.
    """
    index: pd.Index = pd.Index(times)
    if not (isinstance(index, pd.DatetimeIndex) or pd.api.types.is_integer_dtype(index.dtype)):
        raise DataError(f"time stamps have the type {index.dtype}; they must be datetimes or integers")
    if index.hasnans:
        row = int(np.argmax(index.isna()))
        raise DataError(f"the time stamp in row {row} is missing (rows sorted by series)")
    return index


def to_numbers(index: pd.Index, wall_time: bool) -> np.ndarray:
    """Return an index as int64 or datetime64, the latter in local time or, without ``wall_time``, in UTC."""
    if not isinstance(index, pd.DatetimeIndex):
        return index.to_numpy(dtype=np.int64)
    return (index.tz_localize(None) if wall_time else _in_utc(index)).to_numpy()


def from_numbers(numbers: np.ndarray, like: pd.Index, wall_time: bool) -> pd.Index:
    """Undo :func:`to_numbers`: return an index with the type, time zone and unit of ``like``.

    A local time that the clocks skip becomes the first time after it. Of a local time that occurs twice, when
    the clocks go back, the first is taken.

    Raises
    ------
    DataError
        If the type cannot hold the numbers.
    """
    if not isinstance(like, pd.DatetimeIndex):
        if np.array_equal(numbers.astype(like.to_numpy().dtype), numbers):
            return pd.Index(numbers, dtype=like.dtype)
        raise DataError(f"time stamps of the type {like.dtype} cannot hold {numbers.max()}")
    index = pd.DatetimeIndex(numbers)
    if like.tz is None:
        return index
    if not wall_time:
        return index.tz_localize("UTC").tz_convert(like.tz)
    first = np.ones(len(index), dtype=bool)
    return index.tz_localize(like.tz, ambiguous=first, nonexistent="shift_forward")


def _in_utc(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return index if index.tz is None else index.tz_convert(None)
