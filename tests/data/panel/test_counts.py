"""An output for counts refuses what is none, and names the first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.counts import check_counts
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.errors import DataError


def panel_of(values, ids=None) -> Panel:
    df = pd.DataFrame({"ds": np.arange(len(values)), "y": np.asarray(values, dtype=float)})
    if ids is not None:
        df["unique_id"] = ids
    return make_panel(read_long_frame(df, Columns()), Frequency.parse(1))


@pytest.mark.parametrize("value", [-1.0, 0.5, 1e6 + 0.25])
def test_values_that_are_not_counts_are_refused(value: float) -> None:
    panel = panel_of([1.0, 2.0, 3.0, value], ["a", "a", "b", "b"])
    message = rf"the output is for counts, but series 'b' is {value:g} at 3; .*whole numbers from 0 on"
    with pytest.raises(DataError, match=message.replace("+", r"\+")):
        check_counts(panel)


@pytest.mark.parametrize("values", [[0.0, 3.0, np.nan, 1e6], np.arange(50.0) ** 3, [np.nan, np.nan]])
def test_counts_and_missing_values_are_accepted(values) -> None:
    check_counts(panel_of(values))
