"""Text for error messages about a value: its series, the value and its time."""

from __future__ import annotations

import numpy as np

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.errors import shown

__all__ = ["describe_offending_value"]


def describe_offending_value(panel: Panel, series: int, values: np.ndarray, offends: np.ndarray) -> str:
    """Return text that names the first offending value of a series.

    Parameters
    ----------
    panel
        All series.
    series
        Number of the series that has such a value.
    values, offends
        (T, Y), its original values, and which of them offend: at least one.

    Returns
    -------
    str
        Such as ``series 'store 1' is -3 at 2024-01-13``.
    """
    step, target = np.unravel_index(int(offends.argmax()), offends.shape)
    return f"series {shown(panel.ids[series])} is {values[step, target]:g} at {panel.time(series, int(step))}"
