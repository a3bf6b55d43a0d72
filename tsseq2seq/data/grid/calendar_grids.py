"""Grids whose steps differ in length: months, business days, any other pandas offset."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from tsseq2seq.data.grid.grids import Grid, counted_alias

__all__ = ["BusinessDayGrid", "MonthGrid", "OffsetGrid"]

_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True)
class MonthGrid(Grid):
    """Every so many months, always on the same day of the month.

    Attributes
    ----------
    months
        Months of a step.
    day
        1 to 31. A shorter month has its last day instead.
    business
        True, for ``day`` 1 or 31 only: the first or last business day (Monday to Friday) of the month.
    cycle
        3 if all points lie in the same month of the quarter, 12 if in the same month of the year, else 1.
    anchor
        This month: its number (January = 1) modulo ``cycle``.
    """

    months: int
    day: int = 1
    business: bool = False
    cycle: Literal[1, 3, 12] = 1
    anchor: int = 0

    @property
    def alias(self) -> str:
        """Return the pandas alias, or ``'M-15'`` for the 15th and the like."""
        if 1 < self.day < 31:
            return counted_alias(self.months, f"M-{self.day}")
        name = ("B" if self.business else "") + {1: "M", 3: "Q", 12: "Y"}[self.cycle]
        name += "S" if self.day == 1 else "E"
        if self.cycle > 1:
            # pandas names quarters by their last month if at its end (QE-DEC), else by the first (QS-JAN)
            last_quarter = 9 if self.cycle == 3 and self.day == 31 else 0
            name += "-" + _MONTH_NAMES[last_quarter + (self.anchor or self.cycle) - 1]
        return counted_alias(self.months // self.cycle, name)

    def positions(self, times: np.ndarray, first: np.ndarray) -> np.ndarray:
        """Return the steps between the months, whatever the day."""
        months = times.astype("M8[M]") - self._anchored(first)
        return months.astype(np.int64) // self.months

    def advance(self, start: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Return the grid's day of the month that many steps later, at the time of day of ``start``."""
        dates = self._dates(self._anchored(start) + positions * self.months)
        return dates.astype(start.dtype) + (start - start.astype("M8[D]"))

    def seasons(self) -> tuple[int, ...]:
        """Return the steps of a year."""
        return (12 // self.months,) if 12 % self.months == 0 and self.months < 12 else ()

    def _anchored(self, times: np.ndarray) -> np.ndarray:
        """Return the months of ``times``; one that ``anchor`` forbids becomes the last allowed before."""
        months = times.astype("M8[M]")
        return months - (months.astype(np.int64) + 1 - self.anchor) % self.cycle

    def _dates(self, months: np.ndarray) -> np.ndarray:
        first = months.astype("M8[D]")
        last = (months + 1).astype("M8[D]") - 1
        if not self.business:
            return np.minimum(first + (self.day - 1), last)
        if self.day == 1:
            return np.busday_offset(first, 0, roll="forward")
        return np.busday_offset(last, 0, roll="backward")


@dataclass(frozen=True)
class BusinessDayGrid(Grid):
    """Every ``days``-th business day, Monday to Friday; holidays are gaps."""

    days: int = 1

    @property
    def alias(self) -> str:
        """Return the pandas alias."""
        return counted_alias(self.days, "B")

    def positions(self, times: np.ndarray, first: np.ndarray) -> np.ndarray:
        """Return the steps between, counted in days from Monday to Friday."""
        return np.busday_count(first.astype("M8[D]"), times.astype("M8[D]")) // self.days

    def advance(self, start: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Return the business day that many steps later, at the time of day of ``start``."""
        date = start.astype("M8[D]")
        dates = np.busday_offset(date, positions * self.days, roll="backward")
        return dates.astype(start.dtype) + (start - date)

    def seasons(self) -> tuple[int, ...]:
        """Return the steps of a week."""
        return (5,) if self.days == 1 else ()


@dataclass(frozen=True)
class OffsetGrid(Grid):
    """Any other pandas offset, such as ``WOM-3FRI``, with the same points for all series.

    The points have the time of day of the earliest stamp.
    """

    name: str

    @property
    def alias(self) -> str:
        """Return the pandas alias."""
        return self.name

    def positions(self, times: np.ndarray, first: np.ndarray) -> np.ndarray:
        """Return the number of points between, in steps."""
        if len(times) == 0:
            return np.zeros(0, dtype=np.int64)
        points = self._points_until(first, times.max())
        steps = np.searchsorted(points, times, side="right") - np.searchsorted(points, first, side="right")
        return steps // self._offset.n

    def advance(self, start: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Return the points that many steps later, from a list of all points."""
        if len(start) == 0:
            return start
        points = self._points_until(start, start.max())
        index = np.searchsorted(points, start, side="right") - 1 + positions * self._offset.n
        return self._first_points(start, int(index.max()) + 1)[index]

    @cached_property
    def _offset(self) -> pd.offsets.BaseOffset:
        return to_offset(self.name)

    def _begin(self, start: np.ndarray) -> pd.Timestamp:
        return self._offset.base.rollback(pd.Timestamp(start.min()))

    def _points_until(self, start: np.ndarray, end: np.datetime64) -> np.ndarray:
        # one point more, as pandas may round the end down to before the last one
        beyond = pd.Timestamp(end) + self._offset.base
        points = pd.date_range(self._begin(start), beyond, freq=self._offset.base)
        return points.to_numpy().astype(start.dtype)

    def _first_points(self, start: np.ndarray, count: int) -> np.ndarray:
        points = pd.date_range(self._begin(start), periods=count, freq=self._offset.base)
        return points.to_numpy().astype(start.dtype)
