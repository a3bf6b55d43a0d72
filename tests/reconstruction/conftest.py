"""Panels of a few series."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel


@pytest.fixture
def panel_of() -> Callable[..., Panel]:
    """Make a panel of lists of numbers, on integer time or from a first day on."""

    def make(*series: list[float], start: str | None = None, freq: str = "D") -> Panel:
        pieces = []
        for number, values in enumerate(series):
            times = (
                range(len(values)) if start is None else pd.date_range(start, periods=len(values), freq=freq)
            )
            pieces.append(pd.DataFrame({"unique_id": f"s{number}", "ds": times, "y": values}))
        frame = read_long_frame(pd.concat(pieces), Columns())
        return make_panel(frame, Frequency.parse(1 if start is None else freq))

    return make
