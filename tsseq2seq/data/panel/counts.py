"""Check that all values of a panel are counts: whole numbers from 0 on."""

from __future__ import annotations

import numpy as np

from tsseq2seq.data.panel.offending_value import describe_offending_value
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.errors import DataError

__all__ = ["are_counts", "check_counts"]


def check_counts(panel: Panel) -> None:
    """Refuse values that are not counts, for an output distribution of counts.

    Raises
    ------
    DataError
        Naming the first offending value.
    """
    for series in range(panel.count):
        values = panel.original(series)
        offends = _no_counts(values)
        if offends.any():
            offence = describe_offending_value(panel, series, values, offends)
            raise DataError(
                f"the output is for counts, but {offence}; values must be whole numbers from 0 on"
            )


def are_counts(panel: Panel) -> bool:
    """Return whether all values are whole numbers from 0 on."""
    return not any(_no_counts(panel.original(series)).any() for series in range(panel.count))


def _no_counts(values: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.asarray((values < 0) | (np.abs(values - np.round(values)) > 1e-3))
