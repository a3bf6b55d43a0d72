"""Future covariates of a command: checking them before training, and the table to fill in."""

from __future__ import annotations

import dataclasses
import warnings

import pandas as pd

from tsseq2seq.cli.history import HistoryTable
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frames import read_frame
from tsseq2seq.data.frames.long_frame import LongFrame, read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.future_frame import extend_panel, future_frame
from tsseq2seq.data.panel.panel import fit_coders, make_panel
from tsseq2seq.errors import DataWarning

__all__ = ["check_future", "future_rows"]


def future_rows(history: HistoryTable, freq: str | None, horizon: int) -> pd.DataFrame:
    """Return the rows of future covariates that a forecast needs, their values missing."""
    columns, frame, frequency = _read(history, freq)
    return future_frame(make_panel(frame, frequency), columns, horizon)


def check_future(future: pd.DataFrame, history: HistoryTable, freq: str | None, horizon: int) -> None:
    """Check future covariates before training, so that no training is lost to a missing row.

    Raises
    ------
    DataError
        If a row is missing or occurs twice; the message names it.
    """
    columns, frame, frequency = _read(history, freq)
    coders = fit_coders(frame)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # fit and predict give it again
        extend_panel(make_panel(frame, frequency, coders), coders, columns, future, horizon)


def _read(history: HistoryTable, freq: str | None) -> tuple[Columns, LongFrame, Frequency]:
    """Read the history, without past and static covariates, which are not needed."""
    columns = dataclasses.replace(history.columns.unweighted, past=(), static=())
    frame = read_long_frame(read_frame(history.frame, columns)[0], columns)
    return columns, frame, Frequency.of(freq, frame)
