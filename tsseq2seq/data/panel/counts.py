"""Whether series are counts: whole numbers from 0 on."""

from __future__ import annotations

import numpy as np

from tsseq2seq.data.panel.offending_value import offending_value
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.errors import DataError

__all__ = ["check_counts"]


def check_counts(panel: Panel) -> None:
    """Refuse values that are no counts, for an output that needs them.

    Raises
    ------
    DataError
        Naming the first offending value.
    """
    for series in range(panel.count):
        values = panel.original(series)
        with np.errstate(invalid="ignore"):
            part = (values < 0) | (np.abs(values - np.round(values)) > 1e-3)
        if part.any():
            where = offending_value(panel, series, values, part)
            raise DataError(f"the output is for counts, but {where}; values must be whole numbers from 0 on")
