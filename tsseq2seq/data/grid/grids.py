"""The interface of regular time grids, and the grids of integers and of fixed lengths of time.

Grids work on numpy arrays: integers, or ``datetime64`` of any unit in local time or UTC. ``frequency.py``
handles time zones, data types and error messages.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from tsseq2seq.errors import FrequencyError

__all__ = ["DAY", "FixedGrid", "Grid", "IntegerGrid", "counted_alias"]

# Lengths of time, in nanoseconds.
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
# The mean year of the calendar.
YEAR = 365.2425 * DAY

_A_MONDAY = np.datetime64("1970-01-05")
_WEEKDAY_NAMES = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


class Grid(ABC):
    """A rule that places grid points in time.

    A time stamp lies on the grid of ``first`` if and only if ``advance(first, positions(stamp, first))`` is
    the stamp itself. For any other time stamp the result is a grid point nearby.
    """

    kind: ClassVar[Literal["integer", "fixed", "calendar"]] = "calendar"

    @property
    @abstractmethod
    def alias(self) -> str:
        """The text that :func:`~tsseq2seq.data.grid.grid_parsing.parse_grid` turns into this grid."""

    @property
    def wall_time(self) -> bool:
        """Whether steps are counted in local time rather than in UTC."""
        return True

    @abstractmethod
    def positions(self, times: np.ndarray, first: np.ndarray) -> np.ndarray:
        """Return the number of grid steps from ``first`` to ``times``, element by element."""

    @abstractmethod
    def advance(self, start: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Return the grid points that lie ``positions`` steps after ``start``."""

    def seasons(self) -> tuple[int, ...]:
        """Return the usual seasonal periods of this grid, in whole steps."""
        return ()

    def exact_seasons(self) -> tuple[float, ...]:
        """Return the exact lengths of :meth:`seasons`, of which a year of days is no whole number."""
        return self.seasons()


@dataclass(frozen=True)
class IntegerGrid(Grid):
    """Every ``step``-th integer."""

    kind = "integer"

    step: int = 1

    @property
    def alias(self) -> str:
        """Return the step as text."""
        return str(self.step)

    def positions(self, times: np.ndarray, first: np.ndarray) -> np.ndarray:
        """Divide the difference by the step."""
        return (times - first) // self.step

    def advance(self, start: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Add the steps."""
        return start + positions * self.step


@dataclass(frozen=True)
class FixedGrid(Grid):
    """A fixed length of time.

    Attributes
    ----------
    step
        Length of a step in nanoseconds.
    weekday
        For steps of whole weeks, the day on which all points lie, Monday = 0. None: any day.
    """

    kind = "fixed"

    step: int
    weekday: int | None = None

    @property
    def alias(self) -> str:
        """Return the pandas alias."""
        days, rest = divmod(self.step, DAY)
        if rest:
            return to_offset(pd.Timedelta(self.step, unit="ns")).freqstr
        if self.weekday is None:
            return counted_alias(days, "D")
        return counted_alias(days // 7, f"W-{_WEEKDAY_NAMES[self.weekday]}")

    @property
    def wall_time(self) -> bool:
        """Whether steps are whole days, which keep their time of day when the clocks change."""
        return self.step % DAY == 0

    def positions(self, times: np.ndarray, first: np.ndarray) -> np.ndarray:
        """Divide the difference by the step."""
        return (times - self._anchored(first)) // self._step_like(times)

    def advance(self, start: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Add the steps to ``start``, or to the last ``weekday`` before it."""
        return self._anchored(start) + positions * self._step_like(start)

    def seasons(self) -> tuple[int, ...]:
        """Return the steps of two cycles, such as a day and a week, or an hour and a day."""
        if self.step % WEEK == 0:
            cycles = [52 * WEEK]
        elif self.step % DAY == 0:
            cycles = [WEEK, 365 * DAY]
        elif self.step >= 5 * MINUTE:
            cycles = [DAY, WEEK]
        elif self.step >= 5 * SECOND:
            cycles = [HOUR, DAY]
        else:
            cycles = [MINUTE, HOUR]
        return tuple(cycle // self.step for cycle in cycles if cycle % self.step == 0 and cycle > self.step)

    def exact_seasons(self) -> tuple[float, ...]:
        """Return the steps of the same cycles, a year with its leap days."""
        years = {52 * WEEK // self.step, 365 * DAY // self.step} if self.step % DAY == 0 else set[int]()
        return tuple(YEAR / self.step if season in years else season for season in self.seasons())

    def _anchored(self, times: np.ndarray) -> np.ndarray:
        """Return the last times on the grid's weekday, up to ``times``."""
        if self.weekday is None:
            return times
        days = (times - _A_MONDAY) // np.timedelta64(1, "D")
        return times - (days - self.weekday) % 7 * np.timedelta64(1, "D")

    def _step_like(self, times: np.ndarray) -> np.timedelta64:
        unit = np.datetime_data(times.dtype)[0]
        step = np.timedelta64(self.step, "ns").astype(f"m8[{unit}]")
        if step.astype("m8[ns]").astype(np.int64) != self.step:
            raise FrequencyError(
                f"time stamps of the type {times.dtype} cannot hold steps of '{self.alias}'; "
                "convert them to a finer unit, for example with .astype('datetime64[ns]')"
            )
        return step


def counted_alias(count: int, name: str) -> str:
    """Return an alias such as ``'D'`` or ``'2D'``."""
    return name if count == 1 else f"{count}{name}"
