"""The first value that offends, with its series and its time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.offending_value import describe_offending_value
from tsseq2seq.data.panel.panel import make_panel


def test_series_value_and_time_are_those_of_the_first() -> None:
    times = pd.date_range("2024-01-01", periods=4, freq="D")
    values = np.array([[1.0, 2.0], [3.0, -7.5], [-8.0, 4.0], [5.0, -9.0]])
    df = pd.concat(
        pd.DataFrame({"unique_id": name, "ds": times, "y": part[:, 0], "z": part[:, 1]})
        for name, part in (("a", np.abs(values)), ("b", values))
    )
    panel = make_panel(read_long_frame(df, Columns(targets=("y", "z"))), Frequency.parse("D"))
    found = describe_offending_value(panel, 1, panel.original(1), panel.original(1) < 0)
    assert found == "series 'b' is -7.5 at 2024-01-02 00:00:00"
