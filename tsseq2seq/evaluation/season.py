"""The seasonal period by which the errors of a frame are scaled."""

from __future__ import annotations

import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import make_panel
from tsseq2seq.data.panel.seasonality import seasonal_periods

__all__ = ["season_of"]


def season_of(df: pd.DataFrame, columns: Columns, frequency: Frequency) -> int:
    """Return the shortest seasonal period of a long frame; 1 if there is none.

    Examples
    --------
    >>> df = pd.DataFrame({"ds": range(60), "y": [0, 1, 5, 2] * 15})
    >>> season_of(df, Columns(), Frequency.parse(1))
    4
    """
    bare = Columns(columns.id, columns.time, columns.targets)
    panel = make_panel(read_long_frame(df, bare), frequency)
    return next(iter(seasonal_periods(panel, frequency.exact_seasons())), 1)
