"""Detect series of a coarser frequency than the panel's, which would look like series full of gaps."""

from __future__ import annotations

import numpy as np

from tsseq2seq.data.grid.series_times import SeriesTimes
from tsseq2seq.data.series_rows import row_offsets
from tsseq2seq.errors import FrequencyError

__all__ = ["refuse_coarser_series"]

# A series is coarser, and its gaps are no chance, if it has at least 3 steps, whose lengths differ by at most
# a fifth (months differ by a tenth), and which leave out at least 12 points of the panel's grid.
_COARSE_STEPS = 3
_COARSE_SPREAD = 1.2
_COARSE_MISSING = 12


def refuse_coarser_series(rows: SeriesTimes, positions: np.ndarray, alias: str) -> None:
    """Refuse a panel in which a series is regular on a coarser grid than the others.

    Parameters
    ----------
    rows
        The time stamps of all series.
    positions
        (rows,), the step of each on the panel's grid, counted from the first row of its series.
    alias
        The pandas alias of the panel's grid.

    Raises
    ------
    FrequencyError
        Naming the first such series and its time stamps.

    Examples
    --------
    >>> import pandas as pd
    >>> times = np.array([0, 1, 2, 0, 10, 20, 30])
    >>> rows = SeriesTimes(pd.Index(times), np.array([0, 3]), ["a", "b"])
    >>> refuse_coarser_series(rows, times, "1")
    Traceback (most recent call last):
    tsseq2seq.errors.FrequencyError: series 'b' is regular on a coarser grid than the others, ...
    """
    for block, part in rows.blocks():
        series = np.flatnonzero(part.lengths > 1)
        if not series.size:
            continue
        steps = np.diff(positions[block])[part.same_series]
        counts = part.lengths[series] - 1
        first_steps = row_offsets(counts)[:-1]
        least, most = np.minimum.reduceat(steps, first_steps), np.maximum.reduceat(steps, first_steps)
        regular = (counts >= _COARSE_STEPS) & (most <= _COARSE_SPREAD * least)
        coarse = series[regular & (counts * (least - 1) >= _COARSE_MISSING)]
        if coarse.size:
            raise _coarser_error(rows, block.start + int(part.starts[coarse[0]]), alias)


def _coarser_error(rows: SeriesTimes, row: int, alias: str) -> FrequencyError:
    shown = ", ".join(str(stamp) for stamp in rows.times[row : row + 3])
    return FrequencyError(
        f"series {rows.name(row)} is regular on a coarser grid than the others, which advance by "
        f"'{alias}'; it starts {shown}. Series of different frequencies need models of their own; "
        f"if the rows between are merely missing, pass freq='{alias}'"
    )
