"""Whole numbers that are dates: read, or refused, but never counted on beyond the end of a year."""

from __future__ import annotations

import datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.cli.compact_dates import check_plain_time, parse_compact
from tsseq2seq.cli.typed import typed
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import DataError

COLUMNS = Columns(None, "t", ("y",))


def table(stamps) -> pd.DataFrame:
    return pd.DataFrame({"t": [str(stamp) for stamp in stamps], "y": "1"})


@pytest.mark.parametrize(
    ("style", "freq", "start"),
    [
        ("%Y%m%d", "D", "2023-11-20"),
        ("%Y%m", "MS", "2019-01-01"),
        ("%G%V", "W-MON", "2020-01-06"),
        ("%Y%j", "D", "2023-11-20"),
        ("%Y%m%d%H", "h", "2023-12-30"),
        ("%Y%m%d%H%M", "15min", "2023-12-31"),
    ],
)
@given(count=st.integers(1, 500))
def test_dates_written_as_numbers_are_dates_or_refused(style, freq, start, count):
    days = pd.Series(pd.date_range(start, periods=count, freq=freq))
    try:
        read, found = typed(table(days.dt.strftime(style)), COLUMNS)
    except DataError as error:
        refusal = str(error)
        assert "--freq 1" in refusal
        return
    # twelve weeks of a year are months too
    if found == style:
        assert read["t"].tolist() == days.tolist()
    else:
        assert (style, found) == ("%G%V", "%Y%m")
        assert count <= 12


def test_quarters():
    read, _ = typed(table([20193, 20194, 20201, 20202]), COLUMNS)
    assert read["t"].dt.strftime("%Y-%m").tolist() == ["2019-07", "2019-10", "2020-01", "2020-04"]


@pytest.mark.parametrize("stamps", [[202013, 202014, 202051], [2024001, 2024002], [20241, 20242]])
def test_what_no_turn_of_the_year_tells_is_refused(stamps):
    with pytest.raises(DataError, match=rf"'t' has '{stamps[0]}'.*--freq 1"):
        typed(table(stamps), COLUMNS)


def test_a_typing_error_does_not_make_numbers_of_dates():
    days = pd.Series(pd.date_range("2024-01-01", periods=60)).dt.strftime("%Y%m%d").tolist()
    days[59] = "20240230"
    with pytest.raises(DataError, match="'20240230' in row 60"):
        typed(table(days), COLUMNS)


@pytest.mark.parametrize(
    "numbers", [range(30), range(1950, 2020), range(100000, 100090), [1700000000, 1700003600]]
)
def test_plain_numbers_stay(numbers):
    cells = pd.Series([str(number) for number in numbers])
    assert parse_compact(cells) is None
    check_plain_time(cells, "t")


@given(st.lists(st.dates(datetime.date(1990, 1, 1), datetime.date(2080, 1, 1)), min_size=1, unique=True))
def test_any_days(days):
    cells = pd.Series([f"{day:%Y%m%d}" for day in days])
    found = parse_compact(cells)
    assert found is not None
    assert [stamp.date() for stamp in found[0]] == days
