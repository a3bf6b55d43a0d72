"""Integers that count the time since 1970 are told, with how they become dates; counts of rows are not."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq import Network, Seq2SeqForecaster, Training
from tsseq2seq.data.panel.unix_times import unix_unit
from tsseq2seq.errors import DataWarning

UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@given(
    start=st.datetimes(datetime(1991, 1, 1), datetime(2090, 1, 1)),
    minutes=st.sampled_from([1, 5, 15, 60, 24 * 60, 7 * 24 * 60]),
    unit=st.sampled_from(sorted(UNITS)),
)
def test_the_unit_is_found(start: datetime, minutes: int, unit: str) -> None:
    first = int(start.replace(second=0, microsecond=0, tzinfo=UTC).timestamp())
    times = (first + 60 * minutes * np.arange(40)) * UNITS[unit]
    assert unix_unit(pd.Index(times), 60 * minutes * UNITS[unit]) == unit


@given(first=st.integers(0, 10**8), step=st.integers(1, 10**6), count=st.integers(2, 100))
def test_counts_have_none(first: int, step: int, count: int) -> None:
    assert unix_unit(pd.Index(first + step * np.arange(count)), step) is None


def fit(freq: int | None, unit: str = "s") -> Seq2SeqForecaster:
    days = pd.date_range("2024-01-01", periods=40)
    df = pd.DataFrame({"ds": days.as_unit(unit).asi8, "y": np.arange(40.0) % 7})
    training = Training(max_steps=1, progress=False)
    return Seq2SeqForecaster(3, freq=freq, network=Network(hidden_size=4), training=training).fit(df)


@pytest.mark.parametrize("unit", UNITS)
def test_fit_says_it_once_with_the_remedy(unit: str) -> None:
    with pytest.warns(DataWarning, match=f'2024-01-01.*to_datetime.*unit="{unit}"') as caught:
        fit(None, unit)
    assert [one.filename for one in caught] == [__file__]


def test_who_says_that_they_are_numbers_hears_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(86_400)
