"""Time stamps whose parts stand in several columns: a date and a clock time, a year and a month."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from tsseq2seq.cli import show
from tsseq2seq.cli.notation import Notation
from tsseq2seq.cli.numbers import parse_integers
from tsseq2seq.cli.periods import month_numbers, parse_periods, parse_weeks
from tsseq2seq.cli.times import parse_times
from tsseq2seq.errors import DataError, shown

__all__ = ["join_times"]

_CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*([AaPp])?\.?(?:[Mm]\.?)?"
# Columns in which 800 is a time of the day.
_CLOCKS = ("time", "hhmm", "clock", "time of day", "uhrzeit", "zeit", "heure", "hora", "ora", "tijd")
_HOURS = ("hour", "hr", "he", "hour ending", "hour_ending", "hourending", "stunde", "heure", "hora")
_YEARS = ("year", "yr", "jahr", "année", "annee", "año", "ano", "anno")
_MONTHS = ("month", "mon", "monat", "mois", "mes", "mese", "mm")
_DAYS = ("day", "dd", "tag", "jour", "día", "dia", "day of month")
_QUARTERS = ("quarter", "qtr", "quartal", "trimestre", "q")
_WEEKS = ("week", "wk", "kw", "woche", "semaine", "semana")


def join_times(
    table: pd.DataFrame, time: str | None, taken: Collection[str], notation: Notation
) -> tuple[pd.DataFrame, str | None]:
    """Join the columns of a time stamp into one, and say so.

    Parameters
    ----------
    table
        As it was read.
    time
        The column that the user named, or several, separated by commas.
    taken
        Columns that play another role.
    notation
        How the file writes dates.

    Returns
    -------
    table
        Its first column is the joined one, which stands for the others; or the same table, where a single
        column has the whole time stamp.
    time
        The name of the joined column, of those that it was joined of; otherwise as it was.

    Examples
    --------
    >>> table = pd.DataFrame({"date": ["2024-01-01"] * 2, "time": ["00:00", "01:00"], "load": ["5", "6"]})
    >>> joined, time = join_times(table, None, (), Notation())
    >>> time, joined[time].dt.hour.tolist(), list(joined)
    ('date time', [0, 1], ['date time', 'load'])
    """
    several = time is not None and time not in table.columns and "," in time
    pieces = [piece.strip() for piece in time.split(",")] if several and time is not None else table.columns
    free = [name for name in table.columns if name in pieces and name not in taken]
    found = _date_and_clock(table, free, time, notation) or _year_and_period(table, free, time, notation)
    if found is None:
        return table, time
    names, stamps = found
    name = " ".join(names)
    if time is not None and time not in (*names, name) and not several:
        return table, time
    show.tell(f"note: {' and '.join(map(shown, names))} are read together, as the time stamps {shown(name)}")
    rest = table.drop(columns=names)
    rest.insert(0, name, stamps)
    rest.attrs = dict(table.attrs)
    return rest, name


def _date_and_clock(
    table: pd.DataFrame, free: list[str], time: str | None, notation: Notation
) -> tuple[list[str], pd.Series] | None:
    clocks = {name: parsed for name in free if (parsed := _clock(table[name])) is not None}
    if not clocks and table.columns.isin(_spellings(_HOURS)).any():
        clocks = {name: parsed for name in free if (parsed := _hours(name, table[name])) is not None}
    if len(clocks) != 1 or time in clocks:
        return None
    clock, since_midnight = next(iter(clocks.items()))
    dates = {}
    for name in [time] if time is not None and time in table.columns else free:
        parsed = None if name == clock else _whole_days(table[name], notation)
        if parsed is not None:
            dates[name] = parsed
    if len(dates) != 1:
        return None
    date, days = next(iter(dates.items()))
    if not days.duplicated().any():
        return None  # a time of each day, such as that of sunrise
    return [date, clock], days + since_midnight


def _clock(column: pd.Series) -> pd.Series | None:
    """Return clock times as durations since midnight; None if a cell is anything else."""
    if len(column) == 0 or not isinstance(column.iloc[0], str):
        return None
    cells = column.astype(str).str.strip()
    if str(column.name).strip().lower() in _CLOCKS and cells.str.fullmatch(r"\d{1,4}").all():
        cells = cells.str.zfill(4)
        cells = cells.str[:2] + ":" + cells.str[2:]
    if ":" not in cells.iloc[0][:3]:
        return None
    parts = cells.str.extract(f"^{_CLOCK}$")
    if parts[0].isna().any():
        return None
    hours, minutes = pd.to_numeric(parts[0]), pd.to_numeric(parts[1])
    half = parts[3].astype(object).str.lower()
    hours = hours.where(half.isna(), hours % 12) + 12 * (half == "p")
    seconds = pd.to_numeric(parts[2]).fillna(0)
    if (hours > 24).any() or (minutes > 59).any() or (seconds >= 60).any():
        return None
    total = (hours * 60 + minutes) * 60 + seconds
    return pd.to_timedelta((total * 1000).round().astype("int64"), unit="ms")


def _hours(name: str, column: pd.Series) -> pd.Series | None:
    """Return hours of the day, 0 to 23 or 1 to 24, as durations from midnight to where they begin."""
    hours = parse_integers(column) if name.lower() in _HOURS else None
    if hours is None or not hours.between(0, 24).all() or (hours.min() == 0 and hours.max() == 24):
        return None
    return pd.to_timedelta(hours - int(hours.max() == 24), unit="h")


def _whole_days(column: pd.Series, notation: Notation) -> pd.Series | None:
    try:
        times = parse_times(column, date_format=notation.date_format)
    except DataError:  # if the column is chosen, the user hears of it
        return None
    if times is None or times.values.isna().any() or times.values.dt.tz is not None:
        return None
    return times.values if (times.values == times.values.dt.normalize()).all() else None


def _year_and_period(
    table: pd.DataFrame, free: list[str], time: str | None, notation: Notation
) -> tuple[list[str], pd.Series] | None:
    if time in table.columns or (time is None and "ds" in table.columns):
        return None
    years = _called(free, _YEARS)
    if years is None:
        return None
    numbers = parse_integers(table[years])
    if numbers is None or not numbers.between(1800, 2200).all():
        return None
    others = [name for name in free if name != years]
    if time is None and any(_whole_days(table[name], notation) is not None for name in others):
        return None
    for names, read in ((_MONTHS, _months), (_QUARTERS, _quarters), (_WEEKS, _weeks)):
        part = _called(others, names)
        stamps = None if part is None else read(numbers, table[part])
        if part is not None and stamps is not None and stamps.notna().all():
            day = _called(others, _DAYS) if names is _MONTHS else None
            days = None if day is None else parse_integers(table[day])
            if day is None or days is None or not days.between(1, 31).all():
                return [years, part], stamps
            dates = stamps + pd.to_timedelta(days - 1, unit="D")
            return ([years, part, day], dates) if (dates.dt.month == stamps.dt.month).all() else None
    return None


def _months(years: pd.Series, column: pd.Series) -> pd.Series | None:
    months = month_numbers(column)
    if months is None:
        return None
    text = years.astype(str) + "-" + pd.Series(months, index=years.index).astype(str)
    return pd.to_datetime(text, format="%Y-%m", errors="coerce")


def _quarters(years: pd.Series, column: pd.Series) -> pd.Series | None:
    number = column.astype(str).str.strip().str.upper().str.removeprefix("Q")
    periods = parse_periods(years.astype(str) + "Q" + number)
    return None if periods is None else periods[0]


def _weeks(years: pd.Series, column: pd.Series) -> pd.Series | None:
    weeks = parse_integers(column)
    return None if weeks is None else parse_weeks(years, weeks)


def _called(free: list[str], names: tuple[str, ...]) -> str | None:
    found = [name for name in free if name.strip().lower() in names]
    return found[0] if len(found) == 1 else None


def _spellings(names: tuple[str, ...]) -> list[str]:
    return [spelling for name in names for spelling in (name, name.title(), name.upper())]
