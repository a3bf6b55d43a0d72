"""Parsing and writing columns of dates, in the formats common in files."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

import pandas as pd

from tsseq2seq.cli.compact_dates import parse_compact
from tsseq2seq.cli.month_names import MONTHS, with_english_months
from tsseq2seq.cli.periods import parse_periods
from tsseq2seq.errors import DataError, ParameterError, shown

__all__ = ["NUMBER", "ParsedTimes", "parse_times", "write_times"]

_CLOCKS = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f",
    " %I:%M %p", " %I:%M:%S %p",
)  # fmt: skip
_DATES = (
    "%Y-%m", "%Y-%m-%d", "%Y/%m", "%Y/%m/%d", "%Y.%m", "%Y.%m.%d", "%d.%m.%Y", "%b %Y", "%B %Y", "%b-%Y",
    "%Y %b", "%Y-%b", "%m/%Y", "%m-%Y", "%m.%Y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%d. %b %Y", "%b %d, %Y",
    "%B %d, %Y", "%b %d %Y",
)  # fmt: skip
# A year and a number, which may be that of another part of the year.
_NUMBERED_MONTHS = ("%Y-%m", "%Y/%m", "%Y.%m", "%m/%Y", "%m-%Y", "%m.%Y")
# Whether the day or the month comes first is decided from the whole column.
_EITHER_WAY = re.compile(r"(\d{1,2})([/-])(\d{1,2})[/-](\d{4}|\d{2})(?!\d)")
_TWO_DIGITS = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2}(?!\d)")
_MONTH_AND_TWO_DIGITS = re.compile(r"([A-Za-z]{3,9})\.?([ /'-])(\d{2})")
_TWO_DIGITS_AND_MONTH = re.compile(r"(\d{1,2})([ /'-])([A-Za-z]{3,9})")
_MONTH_DOT_YEAR = r"(?:0[1-9]|1[0-2])\.(?:1[89]|20|21)\d\d"
# Two digits of a year between these could be of either century.
_EITHER_CENTURY = (41, 69)
# So many cells are looked at before all.
_FEW = 100
# Time stamps are plain numbers, whatever dates they resemble.
NUMBER = "number"
# A column with fewer dates than this is not one of dates; with more, the others are typing errors.
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


def parse_times(
    column: pd.Series, style: str | None = None, *, date_format: str | None = None
) -> ParsedTimes | None:
    """Parse a column of dates.

    Parameters
    ----------
    column
        Text, or datetimes. Text may be ISO 8601, dates with names of months (English, German, French,
        Spanish, Italian, Dutch or Portuguese), quarters (``2020Q1``), ISO weeks, ``20200131``, ``202001``,
        or day, month and year as numbers, in an order that the column makes clear.
    style
        Format to try first.
    date_format
        Format that the user says, for ``strptime``; ``"number"``: time stamps are numbers.

    Returns
    -------
    ParsedTimes or None
        None if the column does not hold dates.

    Raises
    ------
    DataError
        If the order of day and month is ambiguous, years have two digits, or months could be quarters.
    ParameterError
        If ``date_format`` is no format.

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
    if date_format == NUMBER:
        return None
    times = None if style is None else _parse_as(cells, style)
    if date_format is not None:
        times = ParsedTimes(_read(cells, date_format), date_format)
    elif times is None:
        times = _parse_text(cells, column.name)
    if times is None or times.values.isna().any():
        times = _of_other_language(cells, date_format, column.name) or times
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
        if (_read(written, style) == values).all():
            return written
    if (values == values.dt.normalize()).all():
        return values.dt.strftime("%Y-%m-%d")
    return values.astype(str)


def _parse_text(cells: pd.Series, name: object) -> ParsedTimes | None:
    first = cells.iloc[0]
    _check_two_digits(cells, name)
    if first.isdecimal():
        compact = parse_compact(cells)
        return None if compact is None else ParsedTimes(*compact)
    if _EITHER_WAY.match(first):
        return _parse_either_way(cells, name)
    periods = parse_periods(cells)
    if periods is not None:
        return ParsedTimes(*periods)
    if _MONTH_AND_TWO_DIGITS.fullmatch(first):
        return _parse_short_years(cells, name)
    for date in _DATES:
        for clock in _CLOCKS:
            if date == "%m.%Y" and not cells.str.fullmatch(_MONTH_DOT_YEAR).all():
                continue  # 10.2345 is a number
            if _fits(first, date + clock):
                values = pd.to_datetime(cells, format=date + clock, errors="coerce")
                if values.notna().mean() >= _LEAST_SHARE:
                    _check_months(cells, values, date, name)
                    return ParsedTimes(values, date + clock)
    if re.match(r"\d{4}-\d\d-\d\d", first):
        return ParsedTimes(_iso(cells), None)
    return None


def _check_months(cells: pd.Series, values: pd.Series, style: str, name: object) -> None:
    """Refuse a year and a number that never is above 4: it may be that of a quarter."""
    if style not in _NUMBERED_MONTHS:
        return
    months, years = values.dt.month, values.dt.year
    if months.min() < months.max() <= 4 and years.min() < years.max():
        raise DataError(
            f"column {name!r} has dates such as {shown(cells.iloc[0])}, whose number is never above 4: that "
            f"of a month or a quarter; write quarters as 2024Q1, or say for months --date-format {style}"
        )


def _of_other_language(cells: pd.Series, date_format: str | None, name: object) -> ParsedTimes | None:
    """Read dates whose months have names that are not English; None if there are none."""
    # a glance first: most columns of text are no dates
    some = cells.iloc[:: max(1, len(cells) // _FEW)]
    if with_english_months(some).equals(some.astype(object)):
        return None
    english = with_english_months(cells)
    if date_format is None:
        times = _parse_text(english, name)
        return None if times is None else ParsedTimes(times.values, None)
    return ParsedTimes(_read(english, date_format.replace("%B", "%b")), None)


def _parse_as(cells: pd.Series, style: str) -> ParsedTimes | None:
    values = _read(cells, style)
    return ParsedTimes(values, style) if values.notna().all() else None


def _read(cells: pd.Series, style: str) -> pd.Series:
    """Read dates of one style; of weeks without a day the first one."""
    for week, day in (("%V", "%u"), ("%W", "%w"), ("%U", "%w")):
        if week in style and day not in style:
            cells, style = cells + "-1", f"{style}-{day}"
    try:
        return pd.to_datetime(cells, format=style, errors="coerce")
    except ValueError as error:
        raise ParameterError(
            f"--date-format is {shown(style)}; it must be as for strptime, such as %d.%m.%Y: {error}"
        ) from error


def _check_two_digits(cells: pd.Series, name: object) -> None:
    """Refuse days of months without a year, and years of two digits behind a day and a month."""
    first = cells.iloc[0]
    if _TWO_DIGITS.match(first) and cells.str.match(_TWO_DIGITS).mean() >= _LEAST_SHARE:
        raise DataError(
            f"column {name!r} has years of two digits, such as {shown(first)}; write dates as YYYY-MM-DD, or "
            "name their --date-format, such as %d.%m.%y"
        )
    if _TWO_DIGITS_AND_MONTH.fullmatch(first) and _named_months(cells, _TWO_DIGITS_AND_MONTH, 2):
        raise DataError(
            f"column {name!r} has dates such as {shown(first)}, whose number could be a year or a day; write "
            "them as YYYY-MM, or name their --date-format, such as %y-%b"
        )


def _parse_short_years(cells: pd.Series, name: object) -> ParsedTimes | None:
    """Read months such as Jan-19; refuse them where 19 could be a day, or of either century."""
    if not _named_months(cells, _MONTH_AND_TWO_DIGITS, 0):
        return None
    parts = cells.str.extract(_MONTH_AND_TWO_DIGITS)
    months, numbers = parts[0].str[:3].str.lower(), pd.to_numeric(parts[2])
    if ((months == months.shift()) & (numbers != numbers.shift()) & (numbers <= 31)).any():
        raise DataError(
            f"column {name!r} has dates such as {shown(cells.iloc[0])}, whose number could be a year or a "
            "day; write them as YYYY-MM, or name their --date-format, such as %b-%y"
        )
    if numbers.between(*_EITHER_CENTURY).any():
        raise DataError(
            f"column {name!r} has years of two digits, such as {shown(cells.iloc[0])}, whose century is in "
            "doubt; write years with four digits"
        )
    style = next(
        (s for s in (f"{month}{parts[1].iloc[0]}%y" for month in ("%b", "%B")) if _fits(cells.iloc[0], s)),
        None,
    )
    return None if style is None else ParsedTimes(_read(cells, style), style)


def _named_months(cells: pd.Series, pattern: re.Pattern[str], part: int) -> bool:
    names = cells.str.extract(pattern)[part].fillna("")
    return bool(names.str[:3].str.lower().isin(MONTHS).mean() >= _LEAST_SHARE)


def _iso(cells: pd.Series) -> pd.Series:
    """Parse ISO 8601, with fractions and time zones; different offsets become UTC."""
    offsets = cells.str.extract(r":\d\d(?:\.\d+)?(Z|[+-]\d\d:?\d\d)$")[0]
    mixed = len(offsets.unique()) > 1
    return pd.to_datetime(cells, format="ISO8601", errors="coerce", utc=mixed)


def _parse_either_way(cells: pd.Series, name: object) -> ParsedTimes:
    parts = cells.str.extract(_EITHER_WAY)
    mark = parts[1].iloc[0]
    if (parts[3].str.len() == 2).any():
        raise DataError(
            f"column {name!r} has years of two digits, such as {shown(cells.iloc[0])}; write dates as "
            "YYYY-MM-DD, or name their --date-format, such as %d/%m/%y"
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
            f"column {name!r}: dates such as {shown(cells.iloc[0])} could have the day or the month first, "
            "and no row tells; write them as YYYY-MM-DD, or say --date-format %d/%m/%Y or %m/%d/%Y"
        )
    return max(day_first, month_first, key=lambda times: times.values.notna().sum())


def _fits(text: str, style: str) -> bool:
    try:
        datetime.datetime.strptime(text, style)
    except ValueError:
        return False
    return True
