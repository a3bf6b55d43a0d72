"""The frequency of a panel: its grid, inferred or parsed, with positions and future time stamps."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from tsseq2seq.data.grid.coarser_series import refuse_coarser_series
from tsseq2seq.data.grid.grid_inference import propose_grids
from tsseq2seq.data.grid.grid_parsing import parse_grid
from tsseq2seq.data.grid.grids import Grid
from tsseq2seq.data.grid.integer_dates import refuse_integer_dates
from tsseq2seq.data.grid.irregular_times import advise
from tsseq2seq.data.grid.series_times import (
    Names,
    SeriesTimes,
    TimedRows,
    Times,
    as_index,
    from_numbers,
    to_numbers,
)
from tsseq2seq.errors import DataError, FrequencyError, ParameterError

__all__ = ["Frequency", "FrequencyLike"]

#: What a user may write for a frequency.
FrequencyLike: TypeAlias = str | int | np.integer | pd.offsets.BaseOffset | datetime.timedelta


@dataclass(frozen=True)
class Frequency:
    """How time advances from one row of a series to the next.

    Each series starts at its first row and may have gaps. Steps of less than a day are lengths of time. Days
    and longer steps follow local time, so that midnights stay midnights when the clocks change.
    ``Frequency.parse(frequency.alias)`` returns an equal frequency.

    Attributes
    ----------
    grid
        The arithmetic of the grid.

    Examples
    --------
    >>> times = pd.to_datetime(["2024-01-31", "2024-02-29", "2024-05-31", "2024-06-30"])
    >>> frequency = Frequency.infer(times, starts=np.array([0]), ids=["a"])
    >>> frequency.alias, frequency.positions(times, np.array([0]), ["a"]).tolist()
    ('ME', [0, 1, 4, 5])
    >>> frequency.future(times[-1:], steps=2).strftime("%Y-%m-%d").tolist()
    ['2024-07-31', '2024-08-31']
    """

    grid: Grid

    @property
    def alias(self) -> str:
        """The pandas alias, ``'M-15'`` and the like, or the step of integers as text."""
        return self.grid.alias

    @property
    def kind(self) -> Literal["integer", "fixed", "calendar"]:
        """The steps: of integers, of a fixed length of time, or of days and months of the calendar."""
        return self.grid.kind

    @classmethod
    def of(cls, freq: FrequencyLike | Frequency | None, rows: TimedRows) -> Frequency:
        """Return the frequency as given, or infer it from rows.

        Parameters
        ----------
        freq
            As for :meth:`parse`, or a :class:`Frequency`, which is returned. None: infer it.
        rows
            The rows of all series, such as a :class:`~tsseq2seq.data.frames.long_frame.LongFrame`.

        Raises
        ------
        ParameterError
            If ``freq`` cannot be read.
        FrequencyError, DataError
            As for :meth:`infer`, if it is None.

        Examples
        --------
        >>> rows = SeriesTimes(pd.Index([10, 20, 40]), np.array([0]), pd.Index(["a"]))
        >>> Frequency.of(None, rows).alias, Frequency.of(5, rows).alias
        ('10', '5')
        """
        if isinstance(freq, Frequency):
            return freq
        return cls.infer(rows.times, rows.starts, rows.ids) if freq is None else cls.parse(freq)

    @classmethod
    def parse(cls, freq: FrequencyLike) -> Frequency:
        """Return the frequency of an alias, an offset, a length of time or an integer.

        Parameters
        ----------
        freq
            A pandas alias (old ones such as ``'H'`` too), ``'M-15'`` for the 15th of each month, a pandas
            offset, a length of time, or a positive integer for integer times.

        Raises
        ------
        ParameterError
            If it cannot be read; the message lists what is accepted.

        Examples
        --------
        >>> Frequency.parse("M").alias, Frequency.parse(pd.Timedelta("1h")).alias, Frequency.parse(1).kind
        ('ME', 'h', 'integer')
        """
        return cls(parse_grid(freq))

    @classmethod
    def infer(cls, times: Times, starts: np.ndarray, ids: Names) -> Frequency:
        """Infer the grid of a panel whose series may have gaps.

        The most common difference between the rows of a series is the step; of several, the smallest. Series
        with one row are not used.

        Parameters
        ----------
        times
            Time stamps of all rows, integers or datetimes, sorted by series and time.
        starts
            (series,), the first row of each series; the number of rows may follow as a last entry.
        ids
            (series,), the names of the series.

        Raises
        ------
        FrequencyError
            If no series has two rows, a time stamp lies off the grid, one series is regular on a coarser
            grid than the others, or integers are dates (20240229). The message names the first such series
            and its time stamps.
        DataError
            If a time stamp is missing, occurs twice in a series or is out of order.

        Examples
        --------
        >>> Frequency.infer(np.array([1990, 2000, 2020, 2000, 2010]), np.array([0, 3]), ["a", "b"]).alias
        '10'
        """
        rows = SeriesTimes(as_index(times), starts, ids)
        rows.require_increasing(to_numbers(rows.times, wall_time=False))
        if not rows.same_series.any():
            raise FrequencyError(
                "no series has two rows, so the time stamps do not show the frequency; pass it, for example "
                "freq='D' or freq='MS', or freq=1 where times are integers"
            )
        refuse_integer_dates(rows)
        candidates = [cls(grid) for grid in propose_grids(rows.times, rows.same_series)]
        for candidate in candidates:
            positions, on_grid = candidate._locate(rows)
            if on_grid.all():
                refuse_coarser_series(rows, positions, candidate.alias)
                return candidate
        best = max(candidates, key=lambda candidate: candidate._locate(rows)[1].sum())
        raise best._off_grid_error(
            rows,
            f"No freq was given, and '{best.alias}' is the most common step. {advise(rows)}. If another "
            "step is right, pass it as freq; series of different frequencies need models of their own",
        )

    def positions(self, times: Times, starts: np.ndarray, ids: Names) -> np.ndarray:
        """Return the position of each row: its grid steps from the first row of its series.

        Parameters
        ----------
        times, starts, ids
            As for :meth:`infer`.

        Returns
        -------
        ndarray
            (rows,), int64; 0 in the first row of each series, and increasing within it.

        Raises
        ------
        FrequencyError
            If a time stamp lies off the grid; the message names the first and its series.
        DataError
            If a time stamp is missing, occurs twice in a series or is out of order.

        Examples
        --------
        >>> times = pd.to_datetime(["2024-03-01", "2024-03-02", "2024-03-04", "2023-12-24", "2024-01-01"])
        >>> Frequency.parse("D").positions(times, np.array([0, 3]), ["a", "b"]).tolist()
        [0, 1, 3, 0, 8]
        """
        rows = SeriesTimes(as_index(times), starts, ids)
        rows.require_increasing(to_numbers(rows.times, wall_time=False))
        positions, on_grid = self._locate(rows)
        if not on_grid.all():
            raise self._off_grid_error(rows, "Correct the time stamps, or pass the freq on which they lie")
        # when the clocks go back, two different time stamps can have the same local time
        rows.require_increasing(positions)
        return positions

    def advance(self, start: Times, positions: np.ndarray | int) -> pd.Index:
        """Return the time stamps that lie a number of steps after others.

        Parameters
        ----------
        start
            (n,), time stamps on the grid.
        positions
            (n,) or one for all, in steps, at least 0.

        Returns
        -------
        Index
            (n,), of the same type, time zone and unit as ``start``.

        Raises
        ------
        ParameterError
            If a position is negative.
        FrequencyError
            If a start lies off the grid.
        DataError
            If the type of the time stamps cannot hold the result.

        Examples
        --------
        >>> Frequency.parse("QE").advance(pd.DatetimeIndex(["2024-03-31", "2024-06-30"]), np.array([1, 3]))
        DatetimeIndex(['2024-06-30', '2025-03-31'], dtype='datetime64[...]', freq=None)
        """
        index = as_index(start)
        positions = np.broadcast_to(np.asarray(positions, dtype=np.int64), index.shape)
        if (positions < 0).any():
            raise ParameterError(f"positions must be at least 0; the least is {positions.min()}")
        _, on_grid = self._locate(SeriesTimes(index, np.arange(len(index)), index))
        if not on_grid.all():
            stamp = index[int(np.argmin(on_grid))]
            raise FrequencyError(f"the time stamp {stamp} does not lie on the grid '{self.alias}'")
        numbers = to_numbers(index, self.grid.wall_time)
        advanced = self.grid.advance(numbers, positions)
        if ((positions > 0) & (advanced <= numbers)).any():
            raise DataError(f"time stamps of the type {index.dtype} cannot hold {positions.max()} more steps")
        return from_numbers(advanced, index, self.grid.wall_time)

    def future(self, last: Times, steps: int) -> pd.Index:
        """Return the time stamps that follow the last one of each series.

        Parameters
        ----------
        last
            (series,), time stamps on the grid.
        steps
            Time stamps of each series.

        Returns
        -------
        Index
            (series × steps,), the first series first.

        Raises
        ------
        FrequencyError, DataError
            As for :meth:`advance`.

        Examples
        --------
        >>> Frequency.parse(2).future(np.array([10, 21]), steps=3).tolist()
        [12, 14, 16, 23, 25, 27]
        """
        index = as_index(last)
        return self.advance(index.repeat(steps), np.tile(np.arange(1, steps + 1), len(index)))

    def season_candidates(self) -> tuple[int, ...]:
        """Return the usual seasonal periods of this frequency, in steps.

        Examples
        --------
        >>> [Frequency.parse(alias).season_candidates() for alias in ["h", "D", "MS", "YE"]]
        [(24, 168), (7, 365), (12,), ()]
        """
        return self.grid.seasons()

    def exact_seasons(self) -> tuple[float, ...]:
        """Return the exact lengths of :meth:`season_candidates`, of which a year of days is no whole number.

        Examples
        --------
        >>> [Frequency.parse(alias).exact_seasons() for alias in ["h", "D", "W"]]
        [(24, 168), (7, 365.2425), (52.1775,)]
        """
        return self.grid.exact_seasons()

    def _locate(self, rows: SeriesTimes) -> tuple[np.ndarray, np.ndarray]:
        """Return the position of each row, and whether it lies on the grid of its series."""
        self._require_kind(rows.times)
        positions = np.empty(len(rows.times), dtype=np.int64)
        on_grid = np.empty(len(rows.times), dtype=bool)
        for block, part in rows.blocks():
            positions[block], on_grid[block] = self._locate_block(part)
        return positions, on_grid

    def _locate_block(self, rows: SeriesTimes) -> tuple[np.ndarray, np.ndarray]:
        wall_time = self.grid.wall_time
        numbers = to_numbers(rows.times, wall_time)
        first = rows.first(numbers)
        positions = self.grid.positions(numbers, first)
        points = self.grid.advance(first, positions)
        on_grid = points == numbers
        off_grid = np.flatnonzero(~on_grid)
        if off_grid.size and wall_time and isinstance(rows.times, pd.DatetimeIndex) and rows.times.tz:
            # a local time that the clocks skip lies on the grid as the first time after it
            on_grid[off_grid] = from_numbers(points[off_grid], rows.times, wall_time) == rows.times[off_grid]
        return positions, on_grid

    def _require_kind(self, index: pd.Index) -> None:
        if (self.kind == "integer") == isinstance(index, pd.DatetimeIndex):
            wanted = "a step of time like 'h'" if self.kind == "integer" else "an integer"
            raise FrequencyError(
                f"time stamps of the type {index.dtype} do not fit '{self.alias}'; freq must be {wanted}"
            )

    def _off_grid_error(self, rows: SeriesTimes, advice: str) -> FrequencyError:
        """Return the error that names the first row off the grid."""
        positions, on_grid = self._locate(rows)
        row = int(np.argmin(on_grid))
        numbers = rows.first(to_numbers(rows.times, self.grid.wall_time))[[row, row, row]]
        nearby = self.grid.advance(numbers, np.maximum(positions[row] + np.array([-1, 0, 1]), 0))
        points = from_numbers(np.unique(nearby), rows.times, self.grid.wall_time)
        return FrequencyError(
            f"series {rows.name(row)}: the time stamp {rows.times[row]} does not lie on the grid "
            f"'{self.alias}', which near it has {', '.join(str(point) for point in points)}. {advice}"
        )
