"""A panel survives being taken apart, written as JSON, and put together again."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.calendar import Calendar
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.panel_storage import panel_from_parts, panel_to_parts
from tsseq2seq.errors import ParameterError


def panel_of(ds, ids=("a",), freq=None) -> Panel:
    parts = [pd.DataFrame({"unique_id": [name] * len(ds), "ds": ds}) for name in ids]
    df = pd.concat(parts, ignore_index=True)
    df["y"] = np.random.default_rng(0).normal(size=len(df))
    frame = read_long_frame(df, Columns())
    return make_panel(frame, Frequency.of(freq, frame))


def there_and_back(panel: Panel) -> Panel:
    meta, tensors = panel_to_parts(panel)
    return panel_from_parts(json.loads(json.dumps(meta)), tensors)


BERLIN = pd.date_range("2024-03-30", periods=72, freq="h", tz="Europe/Berlin")

TIMES = {
    "integers": np.arange(5, 50, 5),
    "negative integers": np.arange(-9, 0),
    "seconds": pd.date_range("2024-01-01", periods=9, freq="D", unit="s"),
    "nanoseconds": pd.date_range("2024-01-01 00:00:00.000000001", periods=9, freq="h", unit="ns"),
    "before 1970": pd.date_range("1900-01-31", periods=9, freq="ME"),
    "daylight saving": BERLIN,
    "fixed offset": pd.date_range("2024-01-01", periods=9, freq="h", tz="+05:30"),
    "UTC": pd.date_range("2024-01-01", periods=9, freq="15min", tz="UTC"),
    "weeks": pd.date_range("2024-01-03", periods=9, freq="W-WED"),
    "quarters": pd.date_range("2024-02-01", periods=9, freq="QS-FEB"),
    "business days": pd.bdate_range("2024-01-01", periods=30),
}


@pytest.mark.parametrize("ds", TIMES.values(), ids=TIMES.keys())
def test_time_stamps_survive(ds) -> None:
    panel = panel_of(ds)
    back = there_and_back(panel)
    pd.testing.assert_index_equal(back.starts, panel.starts, check_names=False)
    assert back.frequency.alias == panel.frequency.alias
    ahead, ahead_back = (p.frequency.future(p.ends(), 5) for p in (panel, back))
    pd.testing.assert_index_equal(ahead_back, ahead, check_names=False)


def test_the_calendar_of_a_grid_that_changes_its_clocks_survives() -> None:
    calendar = Calendar(["hour", "day_of_week"])
    df = pd.concat(
        pd.DataFrame({"unique_id": name, "ds": BERLIN[shift:], "y": 1.0})
        for name, shift in (("a", 5), ("b", 0))
    )
    coders = Coders(calendar=calendar)
    panel = make_panel(read_long_frame(df, Columns()), Frequency.parse("h"), coders)
    meta, tensors = panel_to_parts(panel)
    assert not [name for name in tensors if "calendar" in name], "it is computed again"
    back = panel_from_parts(json.loads(json.dumps(meta)), tensors, coders)
    for name in ("rows", "first", "last"):
        assert torch.equal(getattr(back.calendar, name), getattr(panel.calendar, name))
    assert panel_from_parts(meta, tensors).calendar is None


@pytest.mark.parametrize("names", [["b", "a"], [2, 1], [1.5, 0.5], ["ä", "日本"]], ids=str)
def test_names_and_tensors_survive(names: list) -> None:
    panel = panel_of(np.arange(9), names)
    back = there_and_back(panel)
    pd.testing.assert_index_equal(back.ids, panel.ids, check_names=False)
    assert (back.targets, back.named) == (("y",), True)
    for name in ("values", "observed", "offsets", "origin", "unit"):
        assert torch.equal(getattr(back, name), getattr(panel, name)), name
    np.testing.assert_array_equal(back.original(1), panel.original(1))


def test_names_that_json_cannot_hold_are_refused() -> None:
    panel = panel_of(np.arange(9), [pd.Timestamp("2024-01-01")])
    with pytest.raises(ParameterError, match="named by a Timestamp; a saved model can hold text and numbers"):
        panel_to_parts(panel)


def test_files_keep_the_names_that_tensors_had_in_the_first_version():
    _, tensors = panel_to_parts(panel_of(pd.date_range("2024-01-01", periods=9)))
    assert set(tensors) == {
        f"panel.{name}" for name in ("values", "observed", "offsets", "location", "scale")
    }
