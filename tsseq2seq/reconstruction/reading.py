"""Reading: the frame or the array that an autoencoder is given, laid on the model's grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frames import FrameKind, give_back, read_frame
from tsseq2seq.data.frames.long_frame import LongFrame, read_long_frame
from tsseq2seq.data.panel.history_times import check_history_times
from tsseq2seq.data.panel.panel import Panel, make_panel, panel_rows
from tsseq2seq.data.panel.sparse_grid import warn_of_holes
from tsseq2seq.data.series_rows import steps_of_rows
from tsseq2seq.errors import DataError, DataWarning, shown, warn
from tsseq2seq.reconstruction.fitted import FittedWindows
from tsseq2seq.reconstruction.levels import Levels

__all__ = ["Reading", "Rows", "read_rows", "read_windows"]


@dataclass(frozen=True)
class Rows:
    """The rows of an input.

    Attributes
    ----------
    frame
        The rows, checked and sorted.
    kind
        The kind of the input.
    width
        Length of the windows that the rows of an array are. None: it is no array of windows.
    """

    frame: LongFrame
    kind: FrameKind
    width: int | None = None


def read_rows(data: Any, columns: Columns, window_length: int | None) -> Rows:  # noqa: ANN401 (any kind)
    """Read a frame, or an array of windows, of which the rows become one series, one after the other.

    Raises
    ------
    DataError
        If the rows of an array have another length than ``window_length``, or fewer than two steps.
    """
    width = _width(data)
    if width is None:
        frame, kind = read_frame(data, columns)
        return Rows(read_long_frame(frame, columns), kind)
    if width < 2:
        raise DataError(f"df is an array whose rows are windows of {width} steps; they must have 2 at least")
    if window_length is not None and width != window_length:
        raise DataError(
            f"df is an array whose rows are windows of {width} steps, but window_length is {window_length}; "
            "pass a Series or an array of one dimension to have it cut into windows, and a wide frame for "
            "series side by side"
        )
    flat = data.reshape(-1) if isinstance(data, np.ndarray) else [one for row in data for one in row]
    frame, kind = read_frame(flat, columns)
    return Rows(read_long_frame(frame, columns), kind, width)


@dataclass(frozen=True)
class Reading:
    """An input on the grid of a fitted model.

    Attributes
    ----------
    fitted
        The model.
    rows
        The input.
    panel
        Its series.
    places
        (rows,), the panel's row of each row of the input.
    levels
        By what the series are scaled as a whole.
    """

    fitted: FittedWindows
    rows: Rows
    panel: Panel
    places: np.ndarray
    levels: Levels

    @property
    def step(self) -> int | None:
        """Time steps between windows, where the input fixes them."""
        return self.rows.width

    def values(self) -> np.ndarray:
        """Return the targets exactly as they were given, for each step of the grid: (steps, Y)."""
        values = np.full(tuple(self.panel.values.shape), np.nan)
        values[self.places] = self.rows.frame.targets
        return values

    def give_back(self, quantities: dict[str, np.ndarray]) -> Any:  # noqa: ANN401 (the input's kind)
        """Return quantities of each step, (steps,) each, as a frame of the input's kind."""
        panel, columns = self.panel, self.fitted.columns
        if self.rows.width is not None:
            stacked = np.stack(
                [np.asarray(q, dtype=np.float64).reshape(-1, self.rows.width) for q in quantities.values()],
                axis=-1,
            )
            return stacked[..., 0] if len(quantities) == 1 else stacked
        lengths = panel.lengths.cpu().numpy()
        series = np.arange(panel.count).repeat(lengths)
        data: dict[str, Any] = {}
        if panel.named:
            data[str(columns.id)] = panel.ids[series]
        data[columns.time] = panel.frequency.advance(panel.starts[series], steps_of_rows(lengths))
        return give_back(pd.DataFrame(data | quantities), self.rows.kind, columns)


def read_windows(fitted: FittedWindows, data: Any) -> Reading:  # noqa: ANN401 (any kind of frame)
    """Read an input with the columns, and lay it on the grid, that a model was fitted on.

    Raises
    ------
    TsSeq2SeqError
        If a column is missing, rows lie off the grid, or no series is as long as a window.

    Warns
    -----
    DataWarning
        If some series are shorter than a window, and so have no reconstruction.
    """
    rows = read_rows(data, fitted.columns, fitted.resolved.window_length)
    frame, frequency = rows.frame, fitted.panel.frequency
    positions = frequency.positions(frame.times, frame.starts, frame.ids)
    check_history_times(fitted.panel, frame, positions)
    panel = make_panel(frame, frequency, fitted.coders, positions=positions)
    fitted.resolved.resolved_scaling.check(panel)
    warn_of_holes(panel, frame)
    _check_lengths(panel, fitted.resolved.window_length)
    places = panel_rows(frame, positions, panel.offsets.numpy())
    panel = panel.to(fitted.device)
    return Reading(fitted, rows, panel, places, fitted.levels_of(panel))


def _check_lengths(panel: Panel, window_length: int) -> None:
    lengths = panel.lengths.numpy()
    short = np.flatnonzero(lengths < window_length)
    if not len(short):
        return
    name = f"series {shown(panel.ids[short[0]])}" if panel.named else "the series"
    first = f"{name} has {lengths[short[0]]} steps"
    if len(short) == len(lengths):
        raise DataError(
            f"{first}, fewer than the {window_length} of a window"
            + (f", and so have the {len(short) - 1} others" if len(short) > 1 else "")
            + "; give as many steps before those that are wanted"
        )
    warn(
        f"{first}, fewer than the {window_length} of a window; it and {len(short) - 1} more of "
        f"{len(lengths)} series have no reconstruction and no score",
        DataWarning,
    )


def _width(data: Any) -> int | None:  # noqa: ANN401 (any kind)
    """Return the length of the rows of an array or a list of lists; None for anything else."""
    if isinstance(data, np.ndarray) and data.ndim == 2:
        return int(data.shape[1])
    is_nested = isinstance(data, list | tuple) and len(data) > 0
    if is_nested and all(isinstance(row, list | tuple | np.ndarray) for row in data):
        widths = {len(row) for row in data}
        if len(widths) > 1:
            raise DataError(
                f"df is a list of windows of different lengths, {sorted(widths)[:5]}; they must be of one"
            )
        return widths.pop()
    return None
