"""Blocks cut rows and series without loss, and what is read does not depend on their size."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data import blocks
from tsseq2seq.data.blocks import row_blocks, series_blocks
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, fit_coders, make_panel
from tsseq2seq.errors import DataError, FrequencyError

SIZES = [1, 2, 3, 7, 50]


@given(st.integers(0, 40), st.integers(1, 50))
def test_row_blocks_tile_the_rows(rows: int, size: int) -> None:
    found = [row for block in row_blocks(rows, size) for row in range(rows)[block]]
    assert found == list(range(rows))
    assert all(block.stop - block.start <= size for block in row_blocks(rows, size))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(1, 30))
def test_series_blocks_hold_whole_series_and_are_as_large_as_may_be(lengths: list[int], size: int) -> None:
    ends = np.cumsum(lengths)
    starts = ends - lengths
    pieces = list(series_blocks(starts, int(ends[-1]), size))
    assert [s for series, _ in pieces for s in range(len(lengths))[series]] == list(range(len(lengths)))
    for series, rows in pieces:
        assert rows == slice(int(starts[series.start]), int(ends[series.stop - 1]))
        assert rows.stop - rows.start <= size or series.stop == series.start + 1
    for (_, before), (after, _) in itertools.pairwise(pieces):
        assert int(ends[after.start]) - before.start > size, "the next series would have found room"


def frame_of(alias: str, tz: str | None = None) -> pd.DataFrame:
    """Series with gaps in their rows and in their values, of several lengths, one of them a single row."""
    rng = np.random.default_rng(0)
    parts = []
    for name, length in {"a": 20, "b": 1, "c": 9, "d": 33, "e": 2}.items():
        stamps = (
            np.arange(5, 5 + length)
            if alias == "1"
            else pd.date_range("2024-01-31", periods=length, freq=alias, tz=tz)
        )
        part = pd.DataFrame({"unique_id": name, "ds": stamps, "y": rng.normal(size=length)})
        part["z"], part["heat"] = rng.normal(size=length), rng.normal(size=length)
        part.loc[rng.random(length) < 0.2, "y"] = np.nan
        parts.append(part.drop(index=part.index[1:-1][rng.random(max(length - 2, 0)) < 0.1]))
    return pd.concat(parts, ignore_index=True)


def panel_of(df: pd.DataFrame) -> Panel:
    frame = read_long_frame(df, Columns(targets=("y", "z"), future=("heat",)))
    frequency = Frequency.of(None, frame)
    return make_panel(frame, frequency, fit_coders(frame))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("alias", ["1", "h", "D", "B", "W-WED", "MS", "ME", "QE-DEC", "15min"])
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_panel_does_not_depend_on_the_blocks(
    size: int, alias: str, shuffled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    df = frame_of(alias)
    if shuffled:
        df = df.sample(frac=1, random_state=0)
    expected = panel_of(df)
    monkeypatch.setattr(blocks, "ROWS", size)
    panel = panel_of(df)
    assert panel.frequency.alias == expected.frequency.alias == alias
    for name in ("values", "observed", "offsets", "origin", "unit"):
        assert torch.equal(getattr(panel, name), getattr(expected, name))
    assert panel.future is not None
    assert expected.future is not None
    assert torch.equal(panel.future.numbers, expected.future.numbers)
    assert panel.ids.equals(expected.ids)
    assert panel.starts.equals(expected.starts)


@pytest.mark.parametrize("size", SIZES)
def test_clocks_that_change_do_not_depend_on_the_blocks(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    stamps = pd.date_range("2024-03-30", periods=72, freq="h", tz="Europe/Berlin")
    df = pd.DataFrame({"unique_id": np.repeat(["a", "b"], 36), "ds": stamps, "y": 1.0, "z": 2.0, "heat": 0.0})
    monkeypatch.setattr(blocks, "ROWS", size)
    panel = panel_of(df)
    assert panel.frequency.alias == "h"
    assert panel.offsets.tolist() == [0, 36, 72]


@pytest.mark.parametrize("size", SIZES)
def test_the_first_offender_is_named_whatever_the_blocks(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "ROWS", size)
    days = pd.date_range("2024-01-01", periods=30, freq="D")
    off = pd.concat(
        [pd.DataFrame({"unique_id": name, "ds": days, "y": 1.0, "z": 1.0, "heat": 0.0}) for name in "abc"],
        ignore_index=True,
    )
    off.loc[[40, 70], "ds"] += pd.Timedelta(hours=1)
    with pytest.raises(FrequencyError, match="series 'b': the time stamp 2024-01-11 01:00:00 does not lie"):
        panel_of(off)
    twice = frame_of("D")
    twice = pd.concat([twice, twice[twice["unique_id"] == "d"].iloc[[4]]])
    with pytest.raises(DataError, match=r"series 'd' has the time stamp .* twice"):
        panel_of(twice)
    coarse = pd.concat(
        [frame_of("D"), pd.DataFrame({"unique_id": "weekly", "ds": days[::7].union(days[::7] + pd.Timedelta(35, "D"))})]
    ).assign(y=1.0, z=1.0, heat=0.0)  # fmt: skip
    with pytest.raises(FrequencyError, match="series 'weekly' is regular on a coarser grid"):
        panel_of(coarse)


def test_a_sorted_frame_of_one_target_is_not_copied() -> None:
    df = pd.DataFrame({"unique_id": np.repeat(["a", "b"], 50), "ds": np.tile(np.arange(50), 2), "y": 1.0})
    frame = read_long_frame(df, Columns())
    assert np.shares_memory(frame.targets, df["y"].to_numpy())
