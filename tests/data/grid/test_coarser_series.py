"""Series on a coarser grid than the panel, against a loop over each series' steps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.grid.coarser_series import refuse_coarser_series
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.grid.series_times import SeriesTimes
from tsseq2seq.errors import FrequencyError

STEPS = st.lists(
    st.lists(st.integers(1, 3), max_size=6) | st.integers(1, 20).map(lambda step: [step] * 5),
    min_size=1,
    max_size=5,
)


def is_coarse(steps: list[int]) -> bool:
    """At least three steps, no two of which differ by a third, that leave out twelve points or more."""
    if len(steps) < 3 or max(steps) > 1.31 * min(steps):
        return False
    return len(steps) * (min(steps) - 1) >= 12


@given(STEPS)
def test_the_first_such_series_is_named(steps_of_series: list[list[int]]) -> None:
    positions = [np.cumsum([0, *steps]) for steps in steps_of_series]
    starts = np.cumsum([0, *map(len, positions)])[:-1]
    names = [f"s{number}" for number in range(len(positions))]
    rows = SeriesTimes(pd.Index(np.concatenate(positions)), starts, names)
    coarse = [name for name, steps in zip(names, steps_of_series, strict=True) if is_coarse(steps)]
    if not coarse:
        refuse_coarser_series(rows, np.concatenate(positions), "1")
        return
    with pytest.raises(FrequencyError, match=f"'{coarse[0]}'"):
        refuse_coarser_series(rows, np.concatenate(positions), "1")


@pytest.mark.parametrize(
    ("freq", "stamps"),
    [
        ("D", pd.date_range("2023-01-01", periods=24, freq="SMS")),
        ("D", pd.date_range("2023-01-31", periods=24, freq="SME")),
        ("D", pd.date_range("2023-01-01", periods=12, freq="MS")),
        ("D", pd.date_range("2023-01-31", periods=12, freq="BME")),
        ("W-SUN", pd.Timestamp("2023-01-29") + pd.to_timedelta(7 * np.cumsum(np.resize([4, 4, 5], 12)), "D")),
        ("MS", pd.date_range("2010-01-01", periods=12, freq="QS")),
        ("h", pd.date_range("2023-01-01", periods=24, freq="8h")),
    ],
    ids=str,
)
def test_calendars_that_people_add_up_by_are_coarser(freq: str, stamps: pd.DatetimeIndex) -> None:
    """Half months, months, quarters, 4-4-5 weeks: their totals are no values of the finer grid."""
    frequency = Frequency.parse(freq)
    rows = SeriesTimes(stamps, np.array([0]), ["a"])
    with pytest.raises(FrequencyError, match="coarser"):
        refuse_coarser_series(rows, frequency.positions(stamps, rows.starts, rows.ids), freq)
