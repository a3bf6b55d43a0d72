"""Columns whose values are parts of a time stamp, and would be taken for names of series."""

from __future__ import annotations

import re

import pandas as pd

from tsseq2seq.cli.month_names import with_english_months
from tsseq2seq.cli.numbers import parse_integers
from tsseq2seq.cli.periods import month_numbers

__all__ = ["part_of_time"]

_OF_A_DAY = {24: "hours", 48: "half hours", 96: "quarters of an hour"}
_WEEKDAYS = (
    "mon tue wed thu fri sat sun",
    "mo di mi do fr sa so",
    "mon die mit don fre sam son",
    "lun mar mer jeu ven sam dim",
    "lun mar mié jue vie sáb dom",
)
_CLOCK = r"\d{1,2}(?::\d\d)?(?::\d\d)?\s*(?:[ap]\.?m\.?|h)?"
_CLOCKS = re.compile(rf"(?:h|he|hr|hour)?[ _-]?{_CLOCK}(?:\s*(?:[-\u2013]|to)\s*{_CLOCK})?", re.IGNORECASE)
_QUARTERS = ({"q1", "q2", "q3", "q4"}, {"1q", "2q", "3q", "4q"}, {"i", "ii", "iii", "iv"})
_LEAST_CLOCKS = 12


def part_of_time(names: pd.Series, times: pd.Series) -> str | None:
    """Return what the names are, if they are the parts of a longer time: hours, days of the week, months.

    Parameters
    ----------
    names
        The cells of a column that could name series.
    times
        The time stamps of the same rows: datetimes, or integers.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2024-01-01"] * 24))
    >>> part_of_time(pd.Series(range(24)).astype(str), days)
    'hours'
    >>> part_of_time(pd.Series(["north", "south"]), days[:2]) is None
    True
    """
    distinct = pd.Series(names.dropna().unique()).astype(str).str.strip()
    words = set(distinct.str.lower().str.rstrip("."))
    dates = pd.api.types.is_datetime64_any_dtype(times.dtype)
    if _weekdays(words):
        return "days of the week"
    if words in _QUARTERS:
        return "quarters"
    if len(distinct) == 12 and month_numbers(with_english_months(distinct)) is not None:
        # twelve numbered shops are no months of days
        return "months" if not distinct.str.isdecimal().all() or _are_years(times) else None
    if not dates or not (times == times.dt.normalize()).all():
        return None
    integers = parse_integers(distinct)
    if integers is not None:
        counted = len(integers) in _OF_A_DAY and integers.max() - integers.min() == len(integers) - 1
        return _OF_A_DAY[len(integers)] if counted and integers.min() in (0, 1) else None
    clocks = len(distinct) >= _LEAST_CLOCKS and distinct.str.fullmatch(_CLOCKS).all()
    return "hours" if clocks else None


def _weekdays(words: set[str]) -> bool:
    if not 5 <= len(words) <= 7:
        return False
    return any(all(word.startswith(tuple(days.split())) for word in words) for days in _WEEKDAYS)


def _are_years(times: pd.Series) -> bool:
    years = parse_integers(times)
    return years is not None and bool(years.between(1800, 2200).all())
