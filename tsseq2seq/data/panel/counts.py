"""Check that all values of a panel are counts: whole numbers from 0 on."""

from __future__ import annotations

import numpy as np

from tsseq2seq.data.panel.offending_value import describe_offending_value
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.errors import DataError

__all__ = ["check_counts"]


def check_counts(panel: Panel) -> None:
    """Refuse values that are not counts, for an output distribution of counts.

    Raises
    ------
    DataError
        Naming the first offending value.
    """
    for series in range(panel.count):
        values = panel.original(series)
        with np.errstate(invalid="ignore"):
            offends = (values < 0) | (np.abs(values - np.round(values)) > 1e-3)
        if offends.any():
            offence = describe_offending_value(panel, series, values, offends)
            raise DataError(
                f"the output is for counts, but {offence}; values must be whole numbers from 0 on"
            )
