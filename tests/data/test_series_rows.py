"""Series whose rows lie one after the other: each way to say it is held against a plain loop."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.series_rows import (
    row_counts,
    row_ends,
    row_offsets,
    row_starts,
    series_of_rows,
    steps_of_rows,
)

COUNTS = st.lists(st.integers(1, 9), min_size=1, max_size=12)


def by_loop(counts: list[int]) -> dict[str, list[int]]:
    """Starts, ends, and the series and the step of each row, one row after the other."""
    told: dict[str, list[int]] = {"starts": [], "ends": [], "series": [], "steps": []}
    for series, count in enumerate(counts):
        told["starts"].append(len(told["series"]))
        for step in range(count):
            told["series"].append(series)
            told["steps"].append(step)
        told["ends"].append(len(told["series"]))
    return told


@given(COUNTS)
def test_all_ways_to_say_it_agree_with_a_loop(counts: list[int]) -> None:
    told = by_loop(counts)
    starts, rows = np.array(told["starts"]), sum(counts)
    assert row_counts(starts, rows).tolist() == counts
    assert row_ends(starts, rows).tolist() == told["ends"]
    assert series_of_rows(starts, rows).tolist() == told["series"]
    assert row_starts(np.array(told["series"])).tolist() == told["starts"]
    assert row_offsets(np.array(counts)).tolist() == [0, *told["ends"]]
    assert steps_of_rows(np.array(counts)).tolist() == told["steps"]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_series_without_rows_take_no_room(counts: list[int]) -> None:
    told = by_loop(counts)
    assert row_counts(np.array(told["starts"]), sum(counts)).tolist() == counts
    assert series_of_rows(np.array(told["starts"]), sum(counts)).tolist() == told["series"]
    assert steps_of_rows(np.array(counts)).tolist() == told["steps"]


def test_codes_need_not_count_from_0() -> None:
    assert row_starts(np.array([7, 7, -1, -1, 7])).tolist() == [0, 2, 4]
    assert row_starts(np.array([5])).tolist() == [0]
