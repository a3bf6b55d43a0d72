"""Parts of a time stamp are not taken for names of series without a word."""

from __future__ import annotations

import pandas as pd
import pytest

from tsseq2seq.cli.columns import find_columns
from tsseq2seq.errors import DataError

DAYS = pd.date_range("2024-01-01", periods=8).strftime("%Y-%m-%d").tolist()
YEARS = [str(year) for year in range(2000, 2010)]
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTHS = pd.date_range("2024-01-01", periods=12, freq="MS").strftime("%b").tolist()


def table(times: list[str], names: list[object]) -> pd.DataFrame:
    rows = [(time, str(name), str(0.5 * n)) for n, time in enumerate(times) for name in names]
    return pd.DataFrame(rows, columns=["when", "part", "y"])


PARTS = {
    "hours": (DAYS, [*range(24)]),
    "hours from one": (DAYS, [*range(1, 25)]),
    "half hours": (DAYS, [*range(1, 49)]),
    "hour ending": (DAYS, [f"HE{hour:02}" for hour in range(1, 25)]),
    "ranges": (DAYS, [f"{hour:02}:00-{hour + 1:02}:00" for hour in range(24)]),
    "am and pm": (DAYS, [f"{hour or 12} {half}" for half in ("AM", "PM") for hour in range(12)]),
    "days of the week": ([str(week) for week in range(1, 9)], WEEKDAYS),
    "Wochentage": (DAYS, ["Mo", "Di", "Mi", "Do", "Fr"]),
    "months": (YEARS, MONTHS),
    "Monate": (YEARS, ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]),
    "numbered months": (YEARS, [*range(1, 13)]),
    "quarters": (YEARS, ["Q1", "Q2", "Q3", "Q4"]),
}


@pytest.mark.parametrize(("times", "names"), PARTS.values(), ids=PARTS.keys())
def test_they_are_refused_unless_the_user_says_so(times, names):
    rows = table(times, names)
    with pytest.raises(DataError, match=r"'part'.*--id-col part"):
        find_columns(rows, time="when")
    columns, guessed = find_columns(rows, time="when", id="part")
    assert columns.id == "part"
    assert "id" not in guessed


@pytest.mark.parametrize(
    ("times", "names"),
    [
        (DAYS, ["north", "south"]),
        (DAYS, [*range(1, 13)]),
        (DAYS, [*range(100, 124)]),
        (DAYS, ["Mona", "Frida"]),
        (DAYS, ["A1", "A2", "A3", "A4"]),
        (YEARS, ["Monaco", "Turkey", "Wales", "Thailand", "France", "Samoa"]),
        (YEARS, [1, 2, 3, 4]),
        (DAYS, ["early", "late", "night"]),
    ],
    ids=str,
)
def test_other_names_are_names(times, names):
    assert find_columns(table(times, names), time="when")[0].id == "part"
