"""Index arithmetic of series whose rows lie one after the other.

Each function leads from one of these to another; here for three series of 3, 1 and 2 rows::

    rows      0  1  2 | 3 | 4  5
    starts    0         3   4             the first row of each series
    ends                3   4      6      the row after the last one of each series
    offsets   0         3   4      6      the starts, and the number of rows at the end
    counts    3         1   2             the number of rows of each series
    series    0  0  0   1   2  2          the series of each row
    steps     0  1  2   0   0  1          the number of each row within its series
"""

from __future__ import annotations

import numpy as np

__all__ = ["row_counts", "row_ends", "row_offsets", "row_starts", "series_of_rows", "steps_of_rows"]


def row_counts(starts: np.ndarray, rows: int) -> np.ndarray:
    """Return (series,), the number of rows of each series.

    Parameters
    ----------
    starts
        (series,), the first row of each.
    rows
        Number of rows of all series.

    Examples
    --------
    >>> row_counts(np.array([0, 3, 4]), 9).tolist()
    [3, 1, 5]
    """
    return np.diff(np.append(starts, rows))


def row_ends(starts: np.ndarray, rows: int) -> np.ndarray:
    """Return (series,), the row after the last one of each series; parameters as in :func:`row_counts`.

    Examples
    --------
    >>> row_ends(np.array([0, 3, 4]), 9).tolist()
    [3, 4, 9]
    """
    return np.append(starts[1:], rows)


def series_of_rows(starts: np.ndarray, rows: int) -> np.ndarray:
    """Return (rows,), the number of the series of each row; parameters as in :func:`row_counts`.

    Examples
    --------
    >>> series_of_rows(np.array([0, 3, 4]), 6).tolist()
    [0, 0, 0, 1, 2, 2]
    """
    return np.repeat(np.arange(len(starts)), row_counts(starts, rows))


def row_starts(codes: np.ndarray) -> np.ndarray:
    """Return (series,), the first row of each series.

    Parameters
    ----------
    codes
        (rows,), the code of each row's series; at least one row. A series is a run of equal codes.

    Examples
    --------
    >>> row_starts(np.array([0, 0, 0, 1, 2, 2])).tolist()
    [0, 3, 4]
    """
    return np.append(0, np.flatnonzero(codes[1:] != codes[:-1]) + 1)


def row_offsets(counts: np.ndarray) -> np.ndarray:
    """Return (series + 1,), the first row of each series, and at the end the number of rows.

    Examples
    --------
    >>> row_offsets(np.array([3, 1, 5])).tolist()
    [0, 3, 4, 9]
    """
    return np.concatenate([[0], np.cumsum(counts)])


def steps_of_rows(counts: np.ndarray) -> np.ndarray:
    """Return (rows,), the number of each row within its series, from 0.

    Examples
    --------
    >>> steps_of_rows(np.array([3, 1, 2])).tolist()
    [0, 1, 2, 0, 0, 1]
    """
    offsets = row_offsets(counts)
    return np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts)
