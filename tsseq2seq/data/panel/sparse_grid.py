"""Integer time whose grid is mostly holes: numbers that count something other than steps."""

from __future__ import annotations

from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.errors import DataWarning, warn

__all__ = ["warn_of_holes"]

_MOSTLY = 0.5


def warn_of_holes(panel: Panel, frame: LongFrame) -> None:
    """Say so where more than half of the steps of integer time have no row.

    Parameters
    ----------
    panel, frame
        The series on their grid, and the rows that were laid on it.

    Warns
    -----
    DataWarning
        Naming the rows, the steps, and what may be meant.
    """
    steps, rows = len(panel.values), len(frame.times)
    if panel.frequency.kind != "integer" or steps - rows <= _MOSTLY * steps:
        return
    name = frame.columns.time
    warn(
        f"the integers in {name!r} lie on a grid of {steps} steps of {panel.frequency.alias}, of which only "
        f"{rows} have a row: the others count as missing. If they are dates, make dates of them "
        f'(pd.to_datetime); if only their order matters, number the rows: df["{name}"] = '
        'df.groupby("unique_id").cumcount()',
        DataWarning,
    )
