"""The rows of the horizon are found wherever they stand, by a second way of looking."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.horizon_rows import horizon_rows
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.errors import DataError

COLUMNS = Columns(future=("price",))
STEPS = 3


def panel_of(lengths: list[int]) -> Panel:
    parts = [
        pd.DataFrame({"unique_id": f"s{place}", "ds": pd.date_range("2024-01-01", periods=length), "y": 1.0})
        for place, length in enumerate(lengths)
    ]
    frame = read_long_frame(pd.concat(parts, ignore_index=True), Columns())
    return make_panel(frame, Frequency.parse("D"))


def horizon_of(panel: Panel) -> pd.DataFrame:
    return pd.DataFrame(
        {"unique_id": panel.ids.repeat(STEPS), "ds": panel.future_times(STEPS), "price": 1.0}
    ).reset_index(drop=True)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=4), st.integers(0, 10**6))
def test_rows_in_any_order_among_others(lengths: list[int], seed: int) -> None:
    panel = panel_of(lengths)
    whole = horizon_of(panel)
    others = [whole.assign(unique_id="other"), whole.assign(ds=whole["ds"] + pd.Timedelta(days=40))]
    future = pd.concat([whole, *others]).sample(frac=1, random_state=seed % 2**32).reset_index(drop=True)
    rows = horizon_rows(panel, COLUMNS, future, STEPS)
    pd.testing.assert_frame_equal(future.iloc[rows].reset_index(drop=True), whole, check_index_type=False)


@given(st.sets(st.integers(0, 5)))
def test_rows_that_are_not_needed_may_lack(lacking: set[int]) -> None:
    panel = panel_of([4, 2])
    future = horizon_of(panel).drop(index=list(lacking)).reset_index(drop=True)
    needed = np.array([min([place for place in lacking if place < STEPS], default=STEPS),
                       min([place - STEPS for place in lacking if place >= STEPS], default=STEPS)])  # fmt: skip
    rows = horizon_rows(panel, COLUMNS, future, STEPS, needed=needed)
    assert {place for place in range(6) if rows[place] < 0} == lacking
    if lacking:
        with pytest.raises(DataError, match=f"{len(lacking)} of 6 rows"):
            horizon_rows(panel, COLUMNS, future, STEPS)


def test_rows_that_are_there_twice_are_named() -> None:
    panel = panel_of([4, 2])
    whole = horizon_of(panel)
    with pytest.raises(DataError, match="two rows for series 's1' at 2024-01-04"):
        horizon_rows(panel, COLUMNS, pd.concat([whole, whole[4:5]], ignore_index=True), STEPS)
