"""Parsing periods that are written as text: months, quarters and ISO weeks."""

from __future__ import annotations

import re

import pandas as pd

from tsseq2seq.cli.month_names import MONTHS, with_english_months

__all__ = ["month_numbers", "parse_periods", "parse_weeks"]

_MONTH_NAME = (
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|tember|t|ober|ember)?\.?"
)

_YEAR = r"(?P<year>\d{4})"
# The number is that of the period within the year.
_MONTH = re.compile(rf"{_YEAR}[ -]?M(?P<number>0?[1-9]|1[0-2])", re.IGNORECASE)
_QUARTERS = (
    re.compile(rf"{_YEAR}[ :/.-]?Q(?P<number>[1-4])", re.IGNORECASE),
    re.compile(rf"Q(?P<number>[1-4])[ :/.-]?{_YEAR}", re.IGNORECASE),
    re.compile(rf"(?P<number>[1-4])Q[ :/.-]?{_YEAR}", re.IGNORECASE),
)
_WEEKS = (
    re.compile(rf"{_YEAR}[ -]?W(?P<number>\d{{1,2}})(?:-?(?P<day>[1-7]))?", re.IGNORECASE),
    re.compile(rf"W(?P<number>\d{{1,2}})[ /-]?{_YEAR}(?P<day>)", re.IGNORECASE),
)


def parse_periods(cells: pd.Series) -> tuple[pd.Series, str | None] | None:
    """Parse months such as ``2019M01``, quarters such as ``Q1 2010``, and weeks such as ``2021-W03``.

    Parameters
    ----------
    cells
        Text without blanks around it.

    Returns
    -------
    tuple or None
        The first day of each period, of weeks the Monday, NaT where a cell is otherwise; and how dates
        were written, for ``strftime``, if it can repeat that. None if the first cell is no period.

    Examples
    --------
    >>> values, style = parse_periods(pd.Series(["Q1 2010", "Q2 2010"]))
    >>> values.dt.strftime("%Y-%m-%d").tolist(), style
    (['2010-01-01', '2010-04-01'], None)
    >>> parse_periods(pd.Series(["2020-W53", "2021-W01"]))[0].dt.strftime("%Y-%m-%d").tolist()
    ['2020-12-28', '2021-01-04']
    """
    first = cells.iloc[0]
    if _MONTH.fullmatch(first):
        return _months(cells, _MONTH, 1), _style(first, {"%YM%m": r"\d{4}M\d\d", "%Y-M%m": r"\d{4}-M\d\d"})
    for pattern in _QUARTERS:
        if pattern.fullmatch(first):
            return _months(cells, pattern, 3), None
    for pattern in _WEEKS:
        if pattern.fullmatch(first):
            found = _whole(cells, pattern)
            day = found["day"].where(found["day"].fillna("") != "", "1")
            styles = {"%G-W%V": r"\d{4}-W\d\d", "%GW%V": r"\d{4}W\d\d"}
            return parse_weeks(found["year"], found["number"], day), _style(first, styles)
    return None


def parse_weeks(years: pd.Series, weeks: pd.Series, days: pd.Series | str = "1") -> pd.Series:
    """Return the days of ISO weeks, by default their Mondays; NaT where a year has no such week."""
    text = years.astype("string") + "-" + weeks.astype("string").str.zfill(2) + "-" + days
    return pd.to_datetime(text, format="%G-%V-%u", errors="coerce")


def month_numbers(cells: pd.Series) -> list[int] | None:
    """Return months by number or name as numbers; None if a cell is anything else.

    Examples
    --------
    >>> month_numbers(pd.Series(["Jan", "february", "März"])), month_numbers(pd.Series(["3", "13"]))
    ([1, 2, 3], None)
    """
    text = cells.astype(str).str.strip().str.lower()
    if text.str.fullmatch(r"0?[1-9]|1[0-2]").all():
        return text.astype(int).tolist()
    names = with_english_months(text).str.lower().str.extract(f"^{_MONTH_NAME}$")[0]
    return None if names.isna().any() else [MONTHS.index(name) + 1 for name in names]


def _months(cells: pd.Series, pattern: re.Pattern[str], length: int) -> pd.Series:
    found = _whole(cells, pattern)
    month = (pd.to_numeric(found["number"]) - 1) * length + 1
    text = found["year"].astype("string") + "-" + month.astype("Int64").astype("string")
    return pd.to_datetime(text, format="%Y-%m", errors="coerce")


def _whole(cells: pd.Series, pattern: re.Pattern[str]) -> pd.DataFrame:
    whole = re.compile(f"^(?:{pattern.pattern})$", pattern.flags)
    return cells.astype(object).str.extract(whole)


def _style(first: str, styles: dict[str, str]) -> str | None:
    return next((style for style, written in styles.items() if re.fullmatch(written, first)), None)
