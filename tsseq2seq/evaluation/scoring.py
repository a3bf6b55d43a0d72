"""The score of a fitted forecaster on what happened after its training data."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.errors import DataError, DataWarning, shown
from tsseq2seq.evaluation.metrics import mase_scale
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.forecast_columns import forecast_columns
from tsseq2seq.forecasting.history_times import check_history_times

__all__ = ["negative_mase"]


def negative_mase(
    several: Sequence[FittedSeries],
    rows: LongFrame,
    future: pd.DataFrame,
    *,
    paths: int,
    seed: int,
) -> float:
    """Forecast from the end of what was fitted, and return −MASE (Hyndman & Koehler 2006).

    Absolute errors are divided by the mean absolute seasonal difference of the series' training data,
    averaged over each series' rows and then over series (and targets).

    Parameters
    ----------
    several
        The networks, fitted on the same series; of several the median is scored.
    rows
        What happened; steps after the training data of series that were in it.
    future
        The same rows, with their future covariates.
    paths, seed
        Sample paths behind the median of a distribution.

    Raises
    ------
    DataError
        If a row belongs to no series that was fitted, or lies before the end of one.
    """
    fitted = several[0]
    series, steps = _steps_ahead(fitted, rows)
    most = int(steps.max())
    needed = np.zeros(fitted.panel.count, dtype=np.int64)
    np.maximum.at(needed, series, steps)
    each = []
    for one in several:
        windows = one.forecast_windows(one.panel, future, one.checked_horizon(most), needed=needed)
        each.append(forecast_columns(one, windows, conformal=None, levels=[], paths=paths, seed=seed))
    columns = {name: np.median([forecasts[name] for forecasts in each], axis=0) for name in each[0]}
    panel, season = fitted.panel, fitted.resolved.season_length or 1
    errors: list[float] = []
    left_out: list[object] = []
    for target, forecasts in enumerate(columns.values()):
        error = np.abs(rows.targets[:, target] - forecasts[series, steps - 1])
        for number in np.unique(series):
            scale = mase_scale(panel.original(int(number))[:, target], season)
            own = error[(series == number) & ~np.isnan(rows.targets[:, target])]
            if not len(own):
                continue
            if scale > 0 and not np.isnan(own).any():
                errors.append(float(own.mean() / scale))
            else:
                left_out.append(panel.ids[number])
    if left_out and errors:
        warnings.warn(
            f"score: {len(left_out)} series are left out, because their training history does not vary or "
            f"their forecast is missing; the first is {shown(left_out[0])}",
            DataWarning,
            stacklevel=3,
        )
    if not errors:
        raise DataError(
            "score: no series has both a known value to compare with and a training history that varies"
        )
    return -float(np.mean(errors))


def _steps_ahead(fitted: FittedSeries, rows: LongFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the series of each row among those fitted, and by how many steps it lies ahead of its end."""
    panel = fitted.panel
    check_history_times(panel, rows, panel.frequency.positions(rows.times, rows.starts, rows.ids))
    fitted_series = (
        panel.ids.get_indexer(rows.ids) if panel.named else np.zeros(len(rows.ids), dtype=np.int64)
    )
    if (fitted_series < 0).any():
        raise DataError(
            f"score: the model was not fitted on series {shown(rows.ids[int(np.argmin(fitted_series))])}"
        )
    ends = panel.ends()[fitted_series]
    lengths = rows.row_counts
    early = rows.times <= ends.repeat(lengths)
    if early.any():
        row = int(np.argmax(early))
        series = int(np.searchsorted(rows.starts, row, side="right")) - 1
        raise DataError(
            f"score: series {shown(rows.ids[series])} has a row at {rows.times[row]}, but the model was "
            f"fitted up to {ends[series]}; give it what happened after that"
        )
    # positions are counted from the first row, so that of each series the first one fitted stands before
    pieces = [
        part
        for number, start in enumerate(rows.starts)
        for part in (panel.starts[fitted_series[[number]]], rows.times[start : start + lengths[number]])
    ]
    starts = rows.starts + np.arange(len(rows.starts))
    positions = panel.frequency.positions(pieces[0].append(pieces[1:]), starts, rows.ids)
    of_row = fitted_series.repeat(lengths)
    return of_row, np.delete(positions, starts) - panel.lengths.cpu().numpy()[of_row] + 1
