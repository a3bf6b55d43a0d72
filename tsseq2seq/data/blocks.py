"""Large panels are read block by block, so that what is computed on the way stays small.

A block is large enough to be worth a numpy call, and small enough to stay near the processor.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tsseq2seq.data.series_rows import row_ends

__all__ = ["ROWS", "row_blocks", "series_blocks"]

ROWS = 2**19


def row_blocks(rows: int, size: int | None = None) -> Iterator[slice]:
    """Cut rows into blocks of ``size``; None: ``ROWS``.

    Examples
    --------
    >>> list(row_blocks(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = size or ROWS
    for first in range(0, rows, step):
        yield slice(first, min(first + step, rows))


def series_blocks(starts: np.ndarray, rows: int, size: int | None = None) -> Iterator[tuple[slice, slice]]:
    """Cut series, which lie one after the other, into blocks of whole series.

    Parameters
    ----------
    starts
        (series,), the first row of each.
    rows
        How many there are in all.
    size
        Rows of a block; more where a single series has more. None: ``ROWS``.

    Yields
    ------
    series, rows
        Which series a block holds, and which rows.

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
