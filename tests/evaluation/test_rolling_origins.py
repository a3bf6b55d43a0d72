"""Rows before and after rolling origins, against sets of steps written out."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.errors import DataError, DataWarning, FrequencyError
from tsseq2seq.evaluation.rolling_origins import read_origins

COLUMNS = Columns("shop", "day", ())


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Draw series with gaps, their rows in any order; ``step`` is counted from each series' start."""
    parts = []
    for name in draw(st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True)):
        length = draw(st.integers(2, 12))
        kept = draw(st.sets(st.integers(1, length - 1))) | {0, length - 1}
        parts.append(pd.DataFrame({"shop": name, "step": sorted(kept), "start": draw(st.integers(0, 9))}))
    df = pd.concat(parts, ignore_index=True)
    df["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(df["start"] + df["step"], unit="D")
    order = draw(st.permutations(range(len(df))))
    return df.iloc[list(order)].set_axis(np.arange(len(df)) % 3)


@settings(max_examples=60)
@given(df=frames(), horizon=st.integers(1, 4), windows=st.integers(1, 3), step=st.integers(1, 4))
def test_rows_and_stamps_of_each_cutoff(df: pd.DataFrame, horizon: int, windows: int, step: int) -> None:
    origins = read_origins(df, COLUMNS, Frequency.parse("D"))
    rows = list(zip(df["shop"], df["step"], strict=True))
    lengths = df.groupby("shop")["step"].max() + 1
    assert origins.ids.tolist() == df["shop"].drop_duplicates().tolist()
    assert origins.lengths.tolist() == lengths[origins.ids].tolist()
    if (lengths <= horizon).all():
        with pytest.raises(DataError, match="no series has a step before a horizon"):
            origins.cutoffs(horizon, windows, step, fitted=False)
        return
    wanted = {
        (number, name): lengths[name] - horizon - step * (windows - 1 - number)
        for number in range(windows)
        for name in origins.ids
    }
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        cutoffs = origins.cutoffs(horizon, windows, step, fitted=False)
    missing = sum(cutoff < 1 for cutoff in wanted.values())
    assert len(told) == bool(missing)
    if missing:
        first = next(name for name in origins.ids if wanted[0, name] < 1)
        assert f"{missing} of {len(wanted)} windows" in str(told[0].message)
        assert f"the first is {first!r} with {lengths[first]} steps" in str(told[0].message)
    for number, cutoff in enumerate(cutoffs):
        own = {name: wanted[number, name] for name in origins.ids}
        assert dict(zip(origins.ids, cutoff, strict=True)) == own
        before = [row for row, (name, at) in enumerate(rows) if at < own[name]]
        after = [
            row
            for row, (name, at) in enumerate(rows)
            if own[name] >= 1 and own[name] <= at < own[name] + horizon
        ]
        assert origins.before(cutoff).tolist() == before
        assert origins.after(cutoff, horizon).tolist() == after
        stamps = {
            name: df.loc[df["shop"] == name, "day"].min() + pd.Timedelta(days=int(at) - 1)
            for name, at in own.items()
            if at >= 1
        }
        assert origins.stamps(cutoff).to_dict() == stamps


@pytest.mark.parametrize(
    ("days", "alias"),
    [
        (pd.date_range("2024-01-31", periods=6, freq="ME"), "ME"),
        (pd.date_range("2024-03-30", periods=40, freq="h", tz="Europe/Berlin"), "h"),
        (pd.Index([1990, 2000, 2020, 2030]), "10"),
    ],
    ids=["months", "zone", "tens"],
)
def test_the_grid_is_inferred(days: pd.Index, alias: str) -> None:
    origins = read_origins(pd.DataFrame({"day": days}), Columns(None, "day", ()), None)
    assert origins.frequency.alias == alias
    (stamp,) = origins.stamps(origins.cutoffs(1, 1, 1)[0])
    assert stamp == days[-2]


def test_without_a_column_of_names_there_is_one_series() -> None:
    df = pd.DataFrame({"day": [3, 1, 2], "unique_id": ["a", "b", "c"]})
    origins = read_origins(df, Columns(None, "day", ()), None)
    assert origins.before(origins.cutoffs(1, 1, 1)[0]).tolist() == [1, 2]
    origins = read_origins(df.drop(columns="unique_id"), Columns("unique_id", "day", ()), None)
    assert origins.rows.tolist() == [1, 2, 0]


def test_a_column_of_names_that_was_asked_for_must_be_there() -> None:
    with pytest.raises(DataError, match="no column 'shop'"):
        read_origins(pd.DataFrame({"day": [1, 2]}), COLUMNS, None)


def test_something_must_be_there_to_fit_on() -> None:
    origins = read_origins(pd.DataFrame({"day": range(8)}), Columns(None, "day", ()), None)
    with pytest.raises(
        DataError,
        match=r"nothing to fit on before the first of 3 windows, which begins 9 steps before the end: "
        r"the longest series has 8 steps; pass fewer windows",
    ):
        origins.cutoffs(3, 3, 3)
    with pytest.warns(DataWarning, match="1 of 3 windows"):
        assert origins.cutoffs(3, 3, 3, fitted=False).tolist() == [[-1], [2], [5]]


def test_stamps_off_the_grid_and_twice_are_refused() -> None:
    with pytest.raises(FrequencyError, match="does not lie on the grid"):
        read_origins(pd.DataFrame({"day": [0, 2, 4, 5]}), Columns(None, "day", ()), Frequency.parse(2))
    with pytest.raises(DataError, match="twice"):
        read_origins(pd.DataFrame({"day": [0, 2, 2]}), Columns(None, "day", ()), None)
