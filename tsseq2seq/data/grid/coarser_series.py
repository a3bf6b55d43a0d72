"""Detect series of a coarser frequency than the panel's, which would look like series full of gaps."""

from __future__ import annotations

import numpy as np

from tsseq2seq.data.grid.series_times import SeriesTimes
from tsseq2seq.data.series_rows import row_offsets
from tsseq2seq.errors import FrequencyError

__all__ = ["coarser_row", "refuse_coarser_history", "refuse_coarser_series"]

# A series is coarser, and its gaps are no chance, if it has at least 3 steps, whose lengths differ by less
# than a third (months by a tenth, the 4 and 5 weeks of retailers by a quarter, half months have 13 to 17
# days), and which leave out at least 12 points of the panel's grid.
_COARSE_STEPS = 3
_COARSE_SPREAD = 1.31
_COARSE_MISSING = 12
# A coarse grid may have gaps of its own: then more steps must be alike, and three of four of them.
_GAPPED_STEPS = 8
_GAPPED_SHARE = 0.75


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
    row = coarser_row(rows, positions)
    if row is not None:
        raise FrequencyError(
            f"series {rows.name(row)} is regular on a coarser grid than the others, which advance by "
            f"'{alias}'; it starts {_begin(rows, row)}. Series of different frequencies need models of "
            f"their own; if the rows between are merely missing, pass freq='{alias}'"
        )


def refuse_coarser_history(rows: SeriesTimes, positions: np.ndarray, alias: str) -> None:
    """Refuse a history in which a series is regular on a coarser grid than that of a fitted model.

    Two steps of a series are enough to judge it by, where ``fit`` wants three.

    Parameters
    ----------
    rows, positions, alias
        As for :func:`refuse_coarser_series`; the grid is the model's.

    Raises
    ------
    FrequencyError
        Naming the first such series and its stamps.

    Examples
    --------
    >>> import pandas as pd
    >>> times = pd.Index([0, 7, 14])
    >>> refuse_coarser_history(SeriesTimes(times, np.array([0]), ["a"]), times.to_numpy(), "1")
    Traceback (most recent call last):
    tsseq2seq.errors.FrequencyError: series 'a' is regular on a coarser grid than the model's, ...
    """
    row = coarser_row(rows, positions, least_steps=2)
    if row is not None:
        raise FrequencyError(
            f"series {rows.name(row)} is regular on a coarser grid than the model's, which was fitted on "
            f"steps of '{alias}'; it starts {_begin(rows, row)}. Fit a model of its own on it; if the rows "
            "between are merely missing, put them in without a value (NaN)"
        )


def coarser_row(rows: SeriesTimes, positions: np.ndarray, least_steps: int = _COARSE_STEPS) -> int | None:
    """Return the first row of the first series that is regular on a coarser grid; None: there is none.

    Parameters
    ----------
    rows, positions
        As for :func:`refuse_coarser_series`.
    least_steps
        A series with fewer steps cannot be judged.
    """
    for block, part in rows.blocks():
        series = np.flatnonzero(part.lengths > 1)
        if not series.size:
            continue
        steps = np.diff(positions[block])[part.same_series]
        counts = part.lengths[series] - 1
        begins = row_offsets(counts)[:-1]
        least = np.minimum.reduceat(steps, begins)
        alike = np.add.reduceat(steps <= _COARSE_SPREAD * np.repeat(least, counts), begins, dtype=np.int64)
        regular = (counts >= least_steps) & (alike == counts)
        regular |= (alike >= _GAPPED_STEPS) & (alike >= _GAPPED_SHARE * counts)
        coarse = series[regular & (alike * (least - 1) >= _COARSE_MISSING)]
        if coarse.size:
            return block.start + int(part.starts[coarse[0]])
    return None


def _begin(rows: SeriesTimes, row: int) -> str:
    return ", ".join(str(stamp) for stamp in rows.times[row : row + 3])
