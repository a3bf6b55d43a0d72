from __future__ import annotations

import datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.cli.periods import month_numbers, parse_periods
from tsseq2seq.cli.times import parse_times, write_times
from tsseq2seq.errors import DataError, ParameterError


def read(*cells: str, **kwargs) -> list[str] | None:
    times = parse_times(pd.Series(cells, name="t"), **kwargs)
    return None if times is None else times.values.dt.strftime("%Y-%m-%d").tolist()


@pytest.mark.parametrize(
    ("cells", "first", "second"),
    [
        (("Jan-19", "Feb-19"), "2019-01-01", "2019-02-01"),
        (("January 19", "February 19"), "2019-01-01", "2019-02-01"),
        (("Dec-99", "Jan-00"), "1999-12-01", "2000-01-01"),
        (("01/2019", "02/2019"), "2019-01-01", "2019-02-01"),
        (("1/2019", "2/2019"), "2019-01-01", "2019-02-01"),
        (("01.2019", "02.2019"), "2019-01-01", "2019-02-01"),
        (("01-2019", "02-2019"), "2019-01-01", "2019-02-01"),
        (("2019M01", "2019M02"), "2019-01-01", "2019-02-01"),
        (("2019m1", "2019m2"), "2019-01-01", "2019-02-01"),
        (("2019-M01", "2019-M02"), "2019-01-01", "2019-02-01"),
        (("Q1 2010", "Q2 2010"), "2010-01-01", "2010-04-01"),
        (("Q1/2010", "Q2/2010"), "2010-01-01", "2010-04-01"),
        (("1Q2010", "2Q2010"), "2010-01-01", "2010-04-01"),
        (("2010:Q1", "2010:Q2"), "2010-01-01", "2010-04-01"),
        (("2021-W03", "2021-W04"), "2021-01-18", "2021-01-25"),
        (("2021W03", "2021W04"), "2021-01-18", "2021-01-25"),
        (("W03 2021", "W04 2021"), "2021-01-18", "2021-01-25"),
        (("2021-W03-2", "2021-W03-3"), "2021-01-19", "2021-01-20"),
    ],
)
def test_periods_as_people_write_them(cells, first, second):
    assert read(*cells) == [first, second]


@pytest.mark.parametrize(
    "cells", [("Jan-19", "Feb-19"), ("01/2019", "02/2019"), ("2019M01", "2019M02"), ("2020-W53", "2021-W01")]
)
def test_forecasts_are_written_in_the_same_style(cells):
    times = parse_times(pd.Series(cells))
    assert write_times(times.values, times.style).tolist() == list(cells)


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2199, 12, 1)))
def test_weeks_agree_with_the_standard_library(day):
    year, week, weekday = day.isocalendar()
    found = parse_periods(pd.Series([f"{year}-W{week:02}-{weekday}"]))
    assert found is not None
    assert found[0].iloc[0].date() == day


@pytest.mark.parametrize(
    "cells",
    [("Jan-01", "Jan-02"), ("19-Jan", "20-Jan"), ("1-Jan", "2-Jan"), ("Jan-49", "Feb-49"), ("01.02.24",)],
)
def test_two_digits_that_could_be_days_or_of_either_century_are_refused(cells):
    with pytest.raises(DataError, match=f"'t' has .*{cells[0]}"):
        read(*cells)


def test_the_format_may_be_said():
    assert read("01.02.24", "02.02.24", date_format="%d.%m.%y") == ["2024-02-01", "2024-02-02"]
    assert read("03/04/2020", "04/04/2020", date_format="%m/%d/%Y") == ["2020-03-04", "2020-04-04"]
    assert read("202013", "202014", date_format="%G%V") == ["2020-03-23", "2020-03-30"]
    with pytest.raises(ParameterError, match="--date-format is '%Q'"):
        read("2020", date_format="%Q")


def test_numbers_are_no_months():
    assert read("10.2345", "11.2345") is None
    assert month_numbers(pd.Series(["Sept.", "MAY"])) == [9, 5]
    assert month_numbers(pd.Series(["Mayor"])) is None
