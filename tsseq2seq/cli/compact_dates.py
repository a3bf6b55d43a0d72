"""Parsing dates that are written as whole numbers: 20240131, 202401, the ISO week 202053."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tsseq2seq.cli.periods import parse_periods, parse_weeks
from tsseq2seq.errors import DataError, shown

__all__ = ["check_plain_time", "parse_compact"]

_STYLES = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M", 10: "%Y%m%d%H", 8: "%Y%m%d", 6: "%Y%m"}
_YEARS = (1800, 2200)
_MOST = 0.9


def parse_compact(cells: pd.Series) -> tuple[pd.Series, str | None] | None:
    """Parse whole numbers that are dates.

    Parameters
    ----------
    cells
        Text without blanks around it.

    Returns
    -------
    tuple or None
        Datetimes, NaT where a cell is no date, and how they are written. None if these are plain numbers.

    Examples
    --------
    >>> parse_compact(pd.Series(["202052", "202053", "202101"]))[0].dt.strftime("%Y-%m-%d").tolist()
    ['2020-12-21', '2020-12-28', '2021-01-04']
    """
    width = len(cells.iloc[0])
    if width < 5 or not cells.str.fullmatch(rf"\d{{{width}}}").all():
        return None
    style = _STYLES.get(width)
    if style is None:
        return _by_turn_of_year(cells)
    values = _read(cells, style)
    if values.notna().all():
        return values, style
    found = _by_turn_of_year(cells)
    if found is not None:
        return found
    # plain numbers that happen to be dates do not nearly all happen to be
    return (values, style) if len(cells) > 9 and values.notna().mean() >= _MOST else None


def check_plain_time(cells: pd.Series, name: object) -> None:
    """Refuse whole numbers that are probably dates, and would be counted on beyond the end of a year.

    Raises
    ------
    DataError
        Naming the first of them, and the options by which to say what they are.
    """
    found = _probable_format(cells)
    if found is not None:
        what, advice = found
        raise DataError(
            f"column {name!r} has {shown(cells.iloc[0])}, which could be {what} or a plain number; say with "
            f"--freq 1 that it is a number, {advice}"
        )


def _probable_format(cells: pd.Series) -> tuple[str, str] | None:
    width = len(cells.iloc[0])
    period = _PERIODS.get(width)
    if period is None or not cells.str.fullmatch(rf"\d{{{width}}}").all():
        return None
    years, numbers = pd.to_numeric(cells.str[:4]), pd.to_numeric(cells.str[4:])
    likely = years.between(1900, 2100).all() and numbers.between(1, period.longest).all()
    return (period.name, period.advice) if likely else None


@dataclass(frozen=True)
class _Period:
    """A way of counting within years; ``shortest`` and ``longest`` are the last numbers of years."""

    name: str
    shortest: int
    longest: int
    style: str | None
    advice: str


_PERIODS = {
    5: _Period("a year and a quarter", 4, 4, None, "or write quarters as 2024Q1"),
    6: _Period("a year and a week", 52, 53, "%G%V", "or with --date-format %G%V that it is an ISO week"),
    7: _Period("a year and a day of it", 365, 366, "%Y%j", "or with --date-format %Y%j that it is a day"),
}


def _by_turn_of_year(cells: pd.Series) -> tuple[pd.Series, str | None] | None:
    """Parse years and weeks, days or quarters, where one year is seen to end with its last."""
    width = len(cells.iloc[0])
    period = _PERIODS.get(width)
    if period is None:
        return None
    years, numbers = cells.str[:4], cells.str[4:]
    ends = pd.to_numeric(numbers).groupby(pd.to_numeric(years)).max()
    if len(ends) < 2 or not ends.iloc[:-1].between(period.shortest, period.longest).all():
        return None
    if width == 6:
        values = parse_weeks(years, numbers)
    elif width == 7:
        values = pd.to_datetime(cells, format="%Y%j", errors="coerce")
    else:
        quarters = parse_periods(years + "Q" + numbers)
        if quarters is None:
            return None
        values = quarters[0]
    if not values.dt.year.between(*_YEARS).all():
        return None
    return values, period.style


def _read(cells: pd.Series, style: str) -> pd.Series:
    values = pd.to_datetime(cells, format=style, errors="coerce")
    return values.where(values.dt.year.between(*_YEARS))
