"""Steps held out of training, and the errors of the forecasts there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

import tsseq2seq
from tsseq2seq.cli import show
from tsseq2seq.cli.history import HistoryTable
from tsseq2seq.cli.scores import score
from tsseq2seq.errors import ParameterError, shown
from tsseq2seq.evaluation.rolling_origins import read_origins

__all__ = ["HeldOut", "hold_out", "tell_errors"]


@dataclass(frozen=True)
class HeldOut:
    """A history, cut.

    Attributes
    ----------
    before
        The rows to train on.
    steps
        How many steps of each series are held out.
    freq
        The step of time, found in the whole history.
    """

    before: pd.DataFrame
    steps: int
    freq: str


def hold_out(history: HistoryTable, steps: int, *, horizon: int, freq: str | None) -> HeldOut:
    """Hold out the last steps of each series.

    Raises
    ------
    ParameterError
        If they are fewer than the horizon, or no series is longer.
    """
    if steps < horizon:
        raise ParameterError(
            f"--hold-out is {steps}, but --horizon is {horizon}; hold out at least one horizon, so that its "
            "forecast can be compared"
        )
    columns = history.columns
    origins = read_origins(history.frame, columns, freq)
    cutoffs = origins.lengths - steps
    if (cutoffs < 1).all():
        raise ParameterError(
            f"--hold-out is {steps}, but the longest series has {origins.lengths.max()} steps; hold out fewer"
        )
    short = np.flatnonzero(cutoffs < 1)
    if len(short):
        show.tell(
            f"note: {len(short):,} of {len(cutoffs):,} series have no more than {steps} steps and are not "
            f"trained on; the first is {shown(origins.ids[short[0]])}"
        )
    before = history.frame.iloc[origins.before(np.maximum(cutoffs, 0))]
    return HeldOut(before, steps, str(origins.frequency.alias))


def tell_errors(fitted: tsseq2seq.Seq2SeqForecaster, history: HistoryTable, held: HeldOut) -> None:
    """Forecast the held-out steps, one horizon after the other, and print the errors."""
    windows = held.steps // fitted.horizon
    forecasts = fitted.predict_cutoffs(history.frame, windows=windows)
    scores, _ = score(forecasts, history.frame, history.columns, freq=held.freq, back=held.steps)
    count = "1 forecast" if windows == 1 else f"{windows:,} forecasts"
    show.tell(f"errors in the last {held.steps} steps, which were not trained on ({count} of each series):")
    show.put(show.format_scores(scores))
