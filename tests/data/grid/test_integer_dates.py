"""Dates written as integers are refused in every notation; honest integer times never are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.grid.integer_dates import find_date_format
from tsseq2seq.data.grid.series_times import SeriesTimes
from tsseq2seq.errors import FrequencyError


def rows_of(*series: np.ndarray) -> SeriesTimes:
    starts = np.cumsum([0, *map(len, series)])[:-1]
    return SeriesTimes(pd.Index(np.concatenate(series)), starts, list(range(len(series))))


def written(style: str) -> Callable[[pd.DatetimeIndex], np.ndarray]:
    return lambda times: times.strftime(style).astype(np.int64).to_numpy()


NOTATIONS = {
    "days": ("D", written("%Y%m%d"), "%Y%m%d"),
    "business days": ("B", written("%Y%m%d"), "%Y%m%d"),
    "Sundays": ("W", written("%Y%m%d"), "%Y%m%d"),
    "months": ("MS", written("%Y%m"), "%Y%m"),
    "ends of months": ("ME", written("%Y%m%d"), "%Y%m%d"),
    "weeks": ("W-MON", written("%G%V"), "%G%V"),
    "ordinals": ("D", written("%Y%j"), "%Y%j"),
    "quarters": ("QS", lambda times: (times.year * 10 + times.quarter).to_numpy(), 'freq="Q"'),
}


@pytest.mark.parametrize("notation", NOTATIONS.values(), ids=NOTATIONS.keys())
@given(
    start=st.dates(min_value=pd.Timestamp("1950-01-01").date(), max_value=pd.Timestamp("2060-01-01").date()),
    count=st.integers(60, 300),
)
def test_dates_are_refused_with_their_format(
    notation: tuple[str, Callable[[pd.DatetimeIndex], np.ndarray], str], start: object, count: int
) -> None:
    freq, write, style = notation
    rows = rows_of(write(pd.date_range(start, periods=count, freq=freq)))
    with pytest.raises(FrequencyError, match=r"to_datetime|PeriodIndex") as caught:
        Frequency.infer(rows.times, rows.starts, rows.ids)
    assert style in str(caught.value)
    # who says that they are numbers is believed
    assert Frequency.of(1, rows).alias == "1"


@given(start=st.integers(0, 5), step=st.integers(1, 10), count=st.integers(2, 3000))
def test_counters_are_no_dates(start: int, step: int, count: int) -> None:
    assert find_date_format(rows_of(start + step * np.arange(count))) is None


@given(first=st.integers(1500, 2100), step=st.integers(1, 10), count=st.integers(2, 150))
def test_years_are_no_dates(first: int, step: int, count: int) -> None:
    assert find_date_format(rows_of(first + step * np.arange(count))) is None


UNIX = st.integers(0, 2_000_000_000)
STEPS = st.sampled_from([1, 60, 300, 900, 3600, 86_400, 604_800])


@given(start=UNIX, step=STEPS, count=st.integers(5, 500), unit=st.sampled_from([1, 1000, 10**6, 10**9]))
def test_unix_times_are_no_dates(start: int, step: int, count: int, unit: int) -> None:
    seconds = start // step * step + step * np.arange(count)
    # what is left of days since 1970 are five digits
    for times in (seconds * unit, np.unique(seconds // 86_400)):
        if len(times) > 10:
            assert find_date_format(rows_of(times)) is None


@given(st.integers(10_000, 99_999), st.integers(20, 500))
def test_row_numbers_of_five_digits_are_no_quarters(first: int, count: int) -> None:
    assert find_date_format(rows_of(first + np.arange(count))) is None


@given(st.lists(st.integers(0, 10**9), min_size=5, max_size=200, unique=True))
def test_any_numbers_are_no_dates(numbers: list[int]) -> None:
    if max(numbers) - min(numbers) > 10**6:
        assert find_date_format(rows_of(np.sort(numbers))) is None


@pytest.mark.parametrize("step", [100, 10_000])
def test_the_same_day_of_every_year_may_be_counted_on(step: int) -> None:
    assert find_date_format(rows_of(2000 * step + (701 if step > 100 else 7) + step * np.arange(24))) is None


def test_one_wrong_date_does_not_hide_the_others() -> None:
    times = written("%Y%m%d")(pd.date_range("2024-01-01", periods=90)).copy()
    times[59] = 20240230
    assert find_date_format(rows_of(np.sort(times))) is not None


def test_all_series_are_looked_at_together() -> None:
    months = written("%Y%m")(pd.date_range("2020-01-01", periods=6, freq="MS"))
    assert find_date_format(rows_of(months, months[2:])) is not None
    assert find_date_format(rows_of(np.arange(500), months)) is None
