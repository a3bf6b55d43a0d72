"""Parse the parameter ``freq`` into a grid."""

from __future__ import annotations

import datetime
import re
import warnings
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.tseries import offsets
from pandas.tseries.frequencies import to_offset

from tsseq2seq.data.grid.calendar_grids import BusinessDayGrid, MonthGrid, OffsetGrid
from tsseq2seq.data.grid.grids import DAY, FixedGrid, Grid, IntegerGrid
from tsseq2seq.errors import ParameterError

__all__ = ["parse_grid"]

# Aliases that pandas 2.2 deprecated and pandas 3 no longer reads.
_NEW_NAMES = {
    "H": "h", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns", "BH": "bh", "CBH": "cbh",
    "M": "ME", "Q": "QE", "A": "YE", "Y": "YE", "AS": "YS", "SM": "SME",
    "BM": "BME", "BQ": "BQE", "BA": "BYE", "BY": "BYE", "BAS": "BYS", "CBM": "CBME",
}  # fmt: skip

# Type of the offset: months in the cycle, day of the month, whether business days count.
_MONTHLY: dict[type, tuple[Literal[1, 3, 12], int, bool]] = {
    offsets.MonthBegin: (1, 1, False),
    offsets.MonthEnd: (1, 31, False),
    offsets.BMonthBegin: (1, 1, True),
    offsets.BMonthEnd: (1, 31, True),
    offsets.QuarterBegin: (3, 1, False),
    offsets.QuarterEnd: (3, 31, False),
    offsets.BQuarterBegin: (3, 1, True),
    offsets.BQuarterEnd: (3, 31, True),
    offsets.YearBegin: (12, 1, False),
    offsets.YearEnd: (12, 31, False),
    offsets.BYearBegin: (12, 1, True),
    offsets.BYearEnd: (12, 31, True),
}

_LENGTHS = {"weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"}


def parse_grid(freq: object) -> Grid:
    """Return the grid of a frequency.

    Parameters
    ----------
    freq
        A pandas alias (``'h'``, ``'W-SUN'``, ``'MS'``; old ones such as ``'H'`` too), ``'M-15'`` for the
        15th of each month, a pandas offset, a length of time, or a positive integer.

    Raises
    ------
    ParameterError
        If it is none of these, or the step is not positive.

    Examples
    --------
    >>> parse_grid("15min")
    FixedGrid(step=900000000000, weekday=None)
    >>> parse_grid(pd.DateOffset(months=1, day=15)).alias
    'M-15'
    """
    try:
        return _parse(freq)
    except (ValueError, TypeError, OverflowError) as error:
        raise ParameterError(
            f"freq is {freq!r}, which names no regular step of time ({error}). Accepted are pandas aliases "
            "such as 'h', '30min', 'D', 'B', 'W-SUN', 'MS', 'ME', 'QS' or 'YE-DEC', 'M-15' for the 15th of "
            "each month, a pandas offset or Timedelta, and a positive integer where times are integers"
        ) from error


def _parse(freq: object) -> Grid:
    # tested first, as isinstance takes numpy's time deltas for integers
    if isinstance(freq, datetime.timedelta | np.timedelta64):
        return FixedGrid(_positive(pd.Timedelta(freq)))
    if isinstance(freq, str):
        return _parse_text(freq.strip())
    if isinstance(freq, pd.offsets.BaseOffset):
        return _parse_offset(freq)
    if isinstance(freq, int | np.integer) and not isinstance(freq, bool):
        return IntegerGrid(_positive(int(freq)))
    raise TypeError(f"its type is {type(freq).__name__}")


def _parse_text(text: str) -> Grid:
    if text.isdecimal():
        return IntegerGrid(_positive(int(text)))
    on_day = re.fullmatch(r"(\d*)M-(\d{1,2})", text)
    if on_day:
        return MonthGrid(_positive(int(on_day[1] or 1)), day=_day_of_month(int(on_day[2])))
    units, dash, anchor = text.partition("-")
    units = re.sub(r"[A-Za-z]+", lambda name: _NEW_NAMES.get(name[0], name[0]), units)
    with warnings.catch_warnings():
        # deprecated aliases are accepted without a warning
        warnings.simplefilter("ignore")
        try:
            offset = to_offset(units + dash + anchor)
        except ValueError as error:
            raise ValueError("pandas does not know it") from error
    return _parse_offset(offset)


def _parse_offset(offset: pd.offsets.BaseOffset) -> Grid:
    count = _positive(offset.n)
    if isinstance(offset, offsets.Day):  # before Tick, which it is in pandas 2 only
        return FixedGrid(count * DAY)
    if isinstance(offset, offsets.Tick):
        return FixedGrid(_positive(pd.Timedelta(offset)))
    if type(offset) is offsets.DateOffset:
        return _parse_keywords(offset.kwds or {"days": 1}, count)
    weekday = getattr(offset, "weekday", None)
    if isinstance(offset, offsets.Week) and weekday is None:
        return FixedGrid(7 * count * DAY)
    if getattr(offset, "offset", None) or to_offset(offset.freqstr) != offset:
        raise ValueError(f"'{offset.freqstr}' leaves a part out or shifts days; holidays are gaps of 'B'")
    if isinstance(offset, offsets.Week):
        return FixedGrid(7 * count * DAY, weekday=weekday)
    if type(offset) is offsets.BusinessDay:
        return BusinessDayGrid(count)
    if type(offset) not in _MONTHLY:
        return OffsetGrid(offset.freqstr)
    cycle, day, business = _MONTHLY[type(offset)]
    month = getattr(offset, "startingMonth", None) or getattr(offset, "month", None) or 0
    return MonthGrid(count * cycle, day, business, cycle, month % cycle)


def _parse_keywords(keywords: dict[str, Any], count: int) -> Grid:
    """Return the grid of the keywords of ``pd.DateOffset(months=1, day=15)`` and the like."""
    if set(keywords) <= _LENGTHS:
        return FixedGrid(_positive(count * pd.Timedelta(**keywords)))
    months = 12 * keywords.get("years", 0) + keywords.get("months", 0)
    if set(keywords) <= {"years", "months", "day"} and "day" in keywords:
        return MonthGrid(_positive(count * months), day=_day_of_month(keywords["day"]))
    raise ValueError("months and years need their day and no more, as in pd.DateOffset(months=1, day=15)")


def _positive(step: int | pd.Timedelta) -> int:
    """Return the step as an integer, lengths of time in nanoseconds; refuse it unless it is positive."""
    if isinstance(step, int):
        number = step
    else:
        number = int(step.as_unit("ns").value) if step == step else 0  # NaT is not equal to itself
    if number <= 0:
        raise ValueError("the step must be positive")
    return number


def _day_of_month(day: int) -> int:
    if not 1 <= day <= 31:
        raise ValueError("the day of the month must be from 1 to 31")
    return day
