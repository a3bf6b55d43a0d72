"""Check that no value of a panel is below 0."""

from __future__ import annotations

import numpy as np

from tsseq2seq.data.panel.offending_value import describe_offending_value
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.errors import DataError

__all__ = ["check_amounts"]

_ROUNDING = 2.0**-22


def check_amounts(panel: Panel) -> None:
    """Refuse values below 0, for an output distribution of amounts.

    Raises
    ------
    DataError
        Naming the first offending value.
    """
    for series in range(panel.count):
        values = panel.original(series)
        with np.errstate(invalid="ignore"):
            # the panel holds distances from the first value in float32, so that a 0 may come back below it
            offends = np.asarray(values < -_ROUNDING * np.nanmax(np.abs(values), initial=0.0))
        if offends.any():
            offence = describe_offending_value(panel, series, values, offends)
            raise DataError(f"the output is for amounts, but {offence}; values must be 0 or above it")
