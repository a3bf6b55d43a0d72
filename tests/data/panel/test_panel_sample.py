"""A sample holds the last steps with their original values, of a limited number of series and steps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel import panel_sample
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.panel_sample import take_sample


def panel_of(*series: list[float]) -> Panel:
    parts = [
        pd.DataFrame({"unique_id": f"s{number}", "ds": np.arange(len(values)), "y": values})
        for number, values in enumerate(series)
    ]
    return make_panel(read_long_frame(pd.concat(parts), Columns()), Frequency.parse(1))


def test_shorter_series_have_padding_in_front() -> None:
    sample = take_sample(panel_of([5.0, 6.0, np.nan, 8.0], [1e6, 1e6 + 2]))
    assert sample.observed[..., 0].tolist() == [[True, True, False, True], [False, False, True, True]]
    np.testing.assert_array_equal(
        sample.original()[..., 0], [[5.0, 6.0, np.nan, 8.0], [np.nan, np.nan, 1e6, 1e6 + 2]]
    )
    assert sample.typical_length in (2, 4)


def test_only_the_last_steps_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_sample, "_MOST_STEPS", 3)
    sample = take_sample(panel_of([1.0, 2.0, 3.0, 4.0, 5.0], [7.0, 8.0]))
    np.testing.assert_array_equal(sample.original()[..., 0], [[3.0, 4.0, 5.0], [np.nan, 7.0, 8.0]])


def test_series_are_evenly_spaced_over_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_sample, "_MOST_SERIES", 3)
    sample = take_sample(panel_of(*[[float(number), float(number)] for number in range(9)]))
    assert sample.original()[:, 0, 0].tolist() == [0.0, 4.0, 8.0]
