"""Integers that are dates written as numbers, such as 20240229: counted on, they leave the calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsseq2seq.data.grid.series_times import SeriesTimes
from tsseq2seq.errors import FrequencyError

__all__ = ["DateFormat", "find_date_format", "refuse_integer_dates"]

_YEARS = (1800, 2200)
# Most stamps must be dates; the others are typing errors. Plain numbers are in all months by chance for so
# few rows only.
_LEAST_SHARE = 0.9
_LEAST_ROWS = 3
# So many rows are looked at before all of a large panel.
_FIRST_LOOK = 1000


@dataclass(frozen=True)
class DateFormat:
    """A way to write dates as whole numbers.

    Attributes
    ----------
    name
        What a stamp shows, for messages.
    remedy
        Python that makes dates of a column ``ds``.
    unit
        What a year is multiplied by: 10000 for 20240229.
    is_date
        Tells which rests of a division by the unit, with their years, are there in the calendar.
    years
        How many different years must be seen, where plain numbers are easily taken for dates of one.
    """

    name: str
    remedy: str
    unit: int
    is_date: Callable[[np.ndarray, np.ndarray], np.ndarray]
    years: int = 1

    def fits(self, stamps: np.ndarray, step: int) -> bool:
        """Tell whether distinct numbers are such dates, which counting on by a step would leave.

        Parameters
        ----------
        stamps
            Distinct numbers.
        step
            The greatest one of which all differences within a series are multiples.
        """
        if step % self.unit == 0:
            return False  # the same day of every year: counting on is right
        years = np.unique(stamps // self.unit)
        return self.share(stamps) >= _LEAST_SHARE and len(years) >= self.years

    def share(self, stamps: np.ndarray) -> float:
        """Return which share of numbers are such dates."""
        years, rest = np.divmod(stamps, self.unit)
        known = (years >= _YEARS[0]) & (years <= _YEARS[1])
        return float((known & self.is_date(np.where(known, years, _YEARS[0]), rest)).mean())


def _is_day(years: np.ndarray, rest: np.ndarray) -> np.ndarray:
    months, days = np.divmod(rest, 100)
    possible = (months >= 1) & (months <= 12) & (days >= 1)
    first = (years - 1970).astype("M8[Y]").astype("M8[M]") + np.where(possible, months - 1, 0)
    lengths = ((first + 1).astype("M8[D]") - first.astype("M8[D]")).astype(np.int64)
    return possible & (days <= lengths)


def _up_to(most: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    return lambda years, rest: (rest >= 1) & (rest <= most)


# In this order: a column of months could be one of weeks too. A quarter has so few that numbers in a row
# are taken for one unless they leap from year to year.
_FORMATS = (
    DateFormat("days (YYYYMMDD)", 'pd.to_datetime(df["ds"], format="%Y%m%d")', 10_000, _is_day),
    DateFormat("months (YYYYMM)", 'pd.to_datetime(df["ds"], format="%Y%m")', 100, _up_to(12)),
    DateFormat(
        "ISO weeks (YYYYWW)", 'pd.to_datetime(df["ds"].astype(str) + "1", format="%G%V%u")', 100, _up_to(53)
    ),
    DateFormat("days of the year (YYYYDDD)", 'pd.to_datetime(df["ds"], format="%Y%j")', 1000, _up_to(366)),
    DateFormat(
        "quarters (YYYYQ)",
        'pd.PeriodIndex((df["ds"] // 10).astype(str) + "Q" + (df["ds"] % 10).astype(str), freq="Q")'
        ".to_timestamp()",
        10,
        _up_to(4),
        years=2,
    ),
)


def find_date_format(rows: SeriesTimes) -> DateFormat | None:
    """Return how dates are written as integers; None: these are datetimes, or plain numbers.

    Parameters
    ----------
    rows
        The time stamps of all series.

    Examples
    --------
    >>> rows = SeriesTimes(pd.Index([202311, 202312, 202401]), np.array([0]), ["a"])
    >>> find_date_format(rows).name
    'months (YYYYMM)'
    >>> find_date_format(SeriesTimes(pd.Index(range(1990, 2021)), np.array([0]), ["a"]))
    """
    if isinstance(rows.times, pd.DatetimeIndex) or not rows.same_series.any():
        return None
    numbers = rows.times.to_numpy(dtype=np.int64)
    some = np.unique(numbers[:: max(1, len(numbers) // _FIRST_LOOK)])
    if not any(form.share(some) >= _LEAST_SHARE for form in _FORMATS):
        return None
    stamps = np.unique(numbers)
    if len(stamps) < _LEAST_ROWS:
        return None
    step = int(np.gcd.reduce(np.diff(numbers)[rows.same_series]))
    return next((form for form in _FORMATS if form.fits(stamps, step)), None)


def refuse_integer_dates(rows: SeriesTimes) -> None:
    """Refuse integers that are dates.

    Parameters
    ----------
    rows
        The time stamps of all series.

    Raises
    ------
    FrequencyError
        Saying what they show, and how they become dates.

    Examples
    --------
    >>> refuse_integer_dates(SeriesTimes(pd.Index([20240228, 20240229, 20240301]), np.array([0]), ["a"]))
    Traceback (most recent call last):
    tsseq2seq.errors.FrequencyError: the time stamps are integers that look like days (YYYYMMDD), ...
    """
    form = find_date_format(rows)
    if form is None:
        return
    shown = ", ".join(str(stamp) for stamp in rows.times[:3])
    raise FrequencyError(
        f"the time stamps are integers that look like {form.name}, the first of them {shown}; counted on, "
        f'they would leave the calendar. Make dates of them, here of a column "ds": {form.remedy}. If they '
        "are plain numbers, pass freq=1"
    )
