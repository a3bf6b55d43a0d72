"""Names of months in the languages in which files are written, made English."""

from __future__ import annotations

import re

import pandas as pd

__all__ = ["MONTHS", "with_english_months"]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# German, French, Spanish, Italian, Dutch and Portuguese; none of them means another month elsewhere.
_NAMES = (
    "januar jänner janvier janv enero ene gennaio gen januari janeiro",
    "februar feber février fevrier févr fevr fév fev febrero febbraio februari fevereiro",
    "märz maerz mär mrz mars marzo maart mrt março marco",
    "april avril avr abril abr aprile",
    "mai mayo maggio mag mei maio",
    "juni juin junio giugno giu junho",
    "juli juillet juil julio luglio lug julho",
    "august août aout agosto ago augustus",
    "september septembre septiembre settembre set setembro",
    "oktober okt octobre octubre ottobre ott outubro out",
    "november novembre noviembre novembro",
    "dezember dez décembre decembre déc diciembre dic dicembre dezembro",
)
_ENGLISH = {
    name: month.title()
    for month, names in zip(MONTHS, _NAMES, strict=True)
    for name in (month, *names.split())
}
_WORD = re.compile(r"([^\W\d_]{3,12})\.?")


def with_english_months(cells: pd.Series) -> pd.Series:
    """Return text in which names of months of other languages are English abbreviations.

    Examples
    --------
    >>> with_english_months(pd.Series(["März 2024", "1. Okt. 2024", "3 mai 2024", "May 2024"])).tolist()
    ['Mar 2024', '1. Oct 2024', '3 May 2024', 'May 2024']
    """
    return cells.astype(object).str.replace(
        _WORD, lambda word: _ENGLISH.get(word[1].casefold(), word[0]), regex=True
    )
