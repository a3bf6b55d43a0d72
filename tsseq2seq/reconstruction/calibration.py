"""Calibration: how large errors are of steps that were not trained on, and which score is an anomaly's.

The score of a step is the root mean square, over the targets observed at it, of its errors in units of the
usual error. So it has no unit, and is comparable between series.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tsseq2seq.data.series_rows import row_offsets
from tsseq2seq.errors import DataWarning, warn

__all__ = ["Calibration", "step_scores", "usual_errors"]

# A series with fewer steps held back takes the usual error of all series, and so does one with fewer windows:
# the errors of one window are alike, and say little of the next.
_ENOUGH_STEPS, _ENOUGH_WINDOWS = 30, 3


@dataclass(frozen=True)
class Calibration:
    """What was learnt from the errors of the steps held back.

    Attributes
    ----------
    own
        (series, Y), the usual error of each series trained on, in units of its deviation.
    pooled
        (Y,), that of all series, for series that were not trained on.
    threshold
        Scores above it are anomalies.
    steps
        Number of steps that the threshold was taken from.
    """

    own: np.ndarray
    pooled: np.ndarray
    threshold: float
    steps: int

    @classmethod
    def of(
        cls,
        errors: np.ndarray,
        spread: np.ndarray,
        lengths: np.ndarray,
        held_back: np.ndarray,
        *,
        window_length: int,
        false_alarms: float,
    ) -> Calibration:
        """Take usual errors and threshold from the errors of a panel.

        Parameters
        ----------
        errors
            (rows, Y), absolute, in original units; NaN where there is none.
        spread
            (series, Y), the deviation of each series.
        lengths
            (series,), rows of each series.
        held_back
            (rows,), True at the steps held back. If none of them has a value, the errors of training must do.
        window_length
            Steps of a window.
        false_alarms
            Share of usual steps whose scores are above the threshold.

        Warns
        -----
        DataWarning
            If steps were not held back, or are too few for the rate.
        """
        # steps that were held back but are missing tell nothing
        trained = not (held_back & np.isfinite(errors).any(1)).any()
        counted = np.ones_like(held_back) if trained else held_back
        enough = max(_ENOUGH_STEPS, _ENOUGH_WINDOWS * window_length)
        own, pooled = usual_errors(np.where(counted[:, None], errors, np.nan), spread, lengths, enough=enough)
        scores = step_scores(errors, np.repeat(own * spread, lengths, axis=0))[counted]
        scores = np.sort(scores[~np.isnan(scores)])
        # of n usual scores and one more, the highest k are equally likely to be the new one's
        rank = math.ceil((1 - false_alarms) * (len(scores) + 1))
        threshold = float(scores[min(rank, len(scores)) - 1]) if len(scores) else math.inf
        _warn_of_few(len(scores), rank, false_alarms, trained=trained)
        return cls(own, pooled, threshold, len(scores))


def usual_errors(
    errors: np.ndarray, spread: np.ndarray, lengths: np.ndarray, *, enough: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the median error of each series (series, Y), and that of all (Y,), in units of their deviation.

    Where more than half of the errors are 0, it is their mean.

    Parameters
    ----------
    errors, spread, lengths
        As of :meth:`Calibration.of`; NaN at steps that are not counted.
    enough
        Steps that a series must have for an error of its own.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = errors / np.repeat(spread, lengths, axis=0)
    relative[~np.isfinite(relative)] = np.nan
    pooled = np.array([_usual(column) for column in relative.T])
    own = np.tile(pooled, (len(lengths), 1))
    offsets = row_offsets(lengths)
    for series in range(len(lengths)):
        part = relative[offsets[series] : offsets[series + 1]]
        for target in np.flatnonzero((~np.isnan(part)).sum(0) >= enough):
            usual = _usual(part[:, target])
            own[series, target] = usual if usual > 0 else pooled[target]
    return own, pooled


def step_scores(errors: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Return the score of each step, (rows,); NaN where nothing was observed.

    Parameters
    ----------
    errors
        (rows, Y), absolute, in original units; NaN where there is none.
    usual
        (rows, Y), the usual error in the same units. Where it is 0, any error is infinitely unusual.

    Examples
    --------
    >>> step_scores(np.array([[3.0, 4.0], [np.nan, 2.0], [np.nan, np.nan]]), np.ones((3, 2))).round(2)
    array([3.54, 2.  ,  nan])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = errors / usual
    shares = np.where(errors == 0, 0.0, shares)
    seen = ~np.isnan(shares)
    count = seen.sum(1)
    # the largest is taken out, so that no square overflows
    largest = np.max(shares, axis=1, initial=0.0, where=seen)
    unit = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    squares = np.sum(np.square(shares / unit[:, None], where=seen, out=np.zeros_like(shares)), axis=1)
    return np.where(count > 0, unit * np.sqrt(squares / np.maximum(count, 1)), np.nan)


def _usual(errors: np.ndarray) -> float:
    known = errors[~np.isnan(errors)]
    if not len(known):
        return 0.0
    median = float(np.median(known))
    return median if median > 0 else float(known.mean())


def _warn_of_few(count: int, rank: int, false_alarms: float, *, trained: bool) -> None:
    if trained:
        warn(
            "the series hold fewer than three windows, or no value in those held back for the threshold: it "
            "was taken from steps that were trained on, and new data will have more false alarms. Take a "
            "shorter window_length, or more data",
            DataWarning,
        )
    elif rank > count:
        least = math.ceil(1 / false_alarms) - 1
        warn(
            f"false_alarms is {false_alarms:g}, which takes at least {least} steps held back, but there are "
            f"{count}: the threshold is the highest of their scores, and stands for about "
            f"{1 / (count + 1):.2g}. Give more data, or a false_alarms of at least that",
            DataWarning,
        )
