"""Blocks of rows, in which large panels are read, so that intermediate arrays stay small.

A block is large enough that a numpy call pays, and small enough for the processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tsseq2seq.data.series_rows import row_ends

__all__ = ["ROWS", "row_blocks", "series_blocks"]

ROWS = 2**19


def row_blocks(rows: int, size: int | None = None) -> Iterator[slice]:
    """Yield blocks of ``size`` rows (None: ``ROWS``); the last one may be smaller.

    Examples
    --------
    >>> list(row_blocks(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = size or ROWS
    for first in range(0, rows, step):
        yield slice(first, min(first + step, rows))


def series_blocks(starts: np.ndarray, rows: int, size: int | None = None) -> Iterator[tuple[slice, slice]]:
    """Yield blocks of whole series, whose rows lie one after the other.

    Parameters
    ----------
    starts
        (series,), the first row of each.
    rows
        Number of rows of all series.
    size
        Rows of a block at the most, except for a single series that is longer. None: ``ROWS``.

    Yields
    ------
    series, rows
        The numbers of the series in a block, and their rows.

    Examples
    --------
    >>> [(s.stop, r.stop) for s, r in series_blocks(np.array([0, 3, 4, 9]), 10, size=4)]
    [(2, 4), (3, 9), (4, 10)]
    """
    ends = row_ends(starts, rows)
    first = 0
    while first < len(starts):
        begin = int(starts[first])
        stop = max(first + 1, int(np.searchsorted(ends, begin + (size or ROWS), side="right")))
        yield slice(first, stop), slice(begin, int(ends[stop - 1]))
        first = stop
