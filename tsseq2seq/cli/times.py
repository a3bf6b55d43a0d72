"""Parsing and writing columns of dates, in the formats common in files."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

import pandas as pd

from tsseq2seq.errors import DataError

__all__ = ["ParsedTimes", "parse_times", "write_times"]

_CLOCKS = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f",
    " %I:%M %p", " %I:%M:%S %p",
)  # fmt: skip
_DATES = (
    "%Y-%m", "%Y-%m-%d", "%Y/%m", "%Y/%m/%d", "%Y.%m", "%Y.%m.%d", "%d.%m.%Y", "%b %Y", "%B %Y", "%b-%Y",
    "%Y %b", "%Y-%b", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y",
)  # fmt: skip
# Whether the day or the month comes first is decided from the whole column.
_EITHER_WAY = re.compile(r"(\d{1,2})([/-])(\d{1,2})[/-](\d{4}|\d{2})(?!\d)")
_QUARTER = re.compile(r"(\d{4})[ -]?Q([1-4])", re.IGNORECASE)
_COMPACT = {8: "%Y%m%d", 6: "%Y%m"}
_COMPACT_YEARS = (1800, 2200)
# A column with a smaller share of dates is no column of dates; with a larger one, other cells are typing
# errors.
_LEAST_SHARE = 0.9


@dataclass(frozen=True)
class ParsedTimes:
    """A column of dates.

    Attributes
    ----------
    values
        Datetimes; NaT where a cell is empty or cannot be read.
    style
        Format of the dates, for ``strftime``. None: they cannot be written back with one format.
    """

    values: pd.Series
    style: str | None


def parse_times(column: pd.Series, style: str | None = None) -> ParsedTimes | None:
    """Parse a column of dates.

    Parameters
    ----------
    column
        Text, or datetimes. Text may be ISO 8601, dates with names of months, quarters (``2020Q1``),
        ``20200131``, ``202001``, or day, month and year as numbers, in an order that the column makes clear.
    style
        Format to try first.

    Returns
    -------
    ParsedTimes or None
        None if the column does not hold dates.

    Raises
    ------
    DataError
        If the order of day and month is ambiguous, or years have two digits.

    Examples
    --------
    >>> parse_times(pd.Series(["04/23/2021", "4/3/2021"])).values.dt.strftime("%d %B").tolist()
    ['23 April', '03 April']
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return ParsedTimes(column, None)
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_integer_dtype(column.dtype):
        return None
    cells = column.dropna()
    if len(cells) and isinstance(cells.iloc[0], datetime.date):
        return ParsedTimes(pd.to_datetime(column), None)
    cells = cells.astype(str).str.strip()
    cells = cells[cells != ""]
    if len(cells) == 0:
        return None
    times = None if style is None else _parse_as(cells, style)
    if times is None:
        times = _parse_text(cells, column.name)
    if times is None or times.values.notna().sum() < _LEAST_SHARE * len(cells):
        return None
    return ParsedTimes(times.values.reindex(column.index), times.style)


def write_times(values: pd.Series, style: str | None) -> pd.Series:
    """Return time stamps as text: in the format ``style``, or in ISO 8601 if the format would lose a part.

    Examples
    --------
    >>> write_times(pd.Series(pd.to_datetime(["2021-05-01", "2021-06-01"])), "%Y-%m").tolist()
    ['2021-05', '2021-06']
    """
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values
    if values.dt.tz is not None:
        return values.map(lambda stamp: stamp.isoformat(sep=" "))
    if style is not None:
        written = values.dt.strftime(style)
        if (pd.to_datetime(written, format=style) == values).all():
            return written
    if (values == values.dt.normalize()).all():
        return values.dt.strftime("%Y-%m-%d")
    return values.astype(str)


def _parse_text(cells: pd.Series, name: object) -> ParsedTimes | None:
    first = cells.iloc[0]
    if first.isdecimal():
        return _parse_compact(cells)
    if _EITHER_WAY.match(first):
        return _parse_either_way(cells, name)
    if _QUARTER.fullmatch(first):
        months = cells.str.replace(
            _QUARTER, lambda quarter: f"{quarter[1]}-{3 * int(quarter[2]) - 2:02}", regex=True
        )
        return ParsedTimes(pd.to_datetime(months, format="%Y-%m", errors="coerce"), None)
    for date in _DATES:
        for clock in _CLOCKS:
            if _fits(first, date + clock):
                values = pd.to_datetime(cells, format=date + clock, errors="coerce")
                if values.notna().mean() >= _LEAST_SHARE:
                    return ParsedTimes(values, date + clock)
    if re.match(r"\d{4}-\d\d-\d\d", first):
        return ParsedTimes(_iso(cells), None)
    return None


def _parse_as(cells: pd.Series, style: str) -> ParsedTimes | None:
    values = pd.to_datetime(cells, format=style, errors="coerce")
    return ParsedTimes(values, style) if values.notna().all() else None


def _iso(cells: pd.Series) -> pd.Series:
    """Parse ISO 8601, with fractions and time zones; different offsets become UTC."""
    offsets = cells.str.extract(r":\d\d(?:\.\d+)?(Z|[+-]\d\d:?\d\d)$")[0]
    mixed = len(offsets.unique()) > 1
    return pd.to_datetime(cells, format="ISO8601", errors="coerce", utc=mixed)


def _parse_compact(cells: pd.Series) -> ParsedTimes | None:
    style = _COMPACT.get(len(cells.iloc[0]))
    if style is None or not cells.str.fullmatch(rf"\d{{{len(cells.iloc[0])}}}").all():
        return None
    values = pd.to_datetime(cells, format=style, errors="coerce")
    # plain numbers count as dates only if all of them are
    return ParsedTimes(values, style) if values.dt.year.between(*_COMPACT_YEARS).all() else None


def _parse_either_way(cells: pd.Series, name: object) -> ParsedTimes:
    parts = cells.str.extract(_EITHER_WAY)
    mark = parts[1].iloc[0]
    if (parts[3].str.len() == 2).any():
        raise DataError(
            f"column {name!r} has years of two digits, such as {cells.iloc[0]!r}; write dates as YYYY-MM-DD"
        )
    clock = next((c for c in _CLOCKS if _fits(cells.iloc[0], f"%d{mark}%m{mark}%Y{c}")), None) or next(
        (c for c in _CLOCKS if _fits(cells.iloc[0], f"%m{mark}%d{mark}%Y{c}")), ""
    )
    day_first, month_first = (
        ParsedTimes(pd.to_datetime(cells, format=style + clock, errors="coerce"), style + clock)
        for style in (f"%d{mark}%m{mark}%Y", f"%m{mark}%d{mark}%Y")
    )
    firsts, seconds = (pd.to_numeric(parts[part]) > 12 for part in (0, 2))
    if firsts.any() != seconds.any():
        return day_first if firsts.any() else month_first
    if not firsts.any() and not day_first.values.equals(month_first.values):
        raise DataError(
            f"column {name!r}: dates such as {cells.iloc[0]!r} could have the day or the month first, "
            "and no row tells; write them as YYYY-MM-DD"
        )
    return max(day_first, month_first, key=lambda times: times.values.notna().sum())


def _fits(text: str, style: str) -> bool:
    try:
        datetime.datetime.strptime(text, style)
    except ValueError:
        return False
    return True
