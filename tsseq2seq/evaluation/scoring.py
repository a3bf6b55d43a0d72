"""The score of a fitted forecaster (−MASE) on the rows after its training data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.data.panel.history_times import check_history_times
from tsseq2seq.errors import DataError, DataWarning, shown, warn
from tsseq2seq.evaluation.metrics import mase_scale
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.forecast_columns import forecast_columns

__all__ = ["negative_mase"]


def negative_mase(
    several: Sequence[FittedSeries],
    rows: LongFrame,
    future: pd.DataFrame,
    *,
    paths: int,
    seed: int,
) -> float:
    """Forecast from the end of the training data, and return −MASE (Hyndman & Koehler 2006).

    Absolute errors are divided by the mean absolute seasonal difference of the series' training data,
    averaged over each series' rows and then over series (and targets).

    Parameters
    ----------
    several
        Fitted networks, all of the same series; the median of their forecasts is scored.
    rows
        The true values: rows after the training data, of series in the training data.
    future
        The same rows with their future covariates.
    paths, seed
        Sample paths behind the median of a distribution.

    Raises
    ------
    DataError
        If a row belongs to a series that was not fitted, or to the time of the training data.
    """
    fitted = several[0]
    series, steps = _steps_ahead(fitted, rows)
    longest = int(steps.max())
    needed = np.zeros(fitted.history.count, dtype=np.int64)
    np.maximum.at(needed, series, steps)
    of_networks = []
    for networks in several:
        windows = networks.forecast_windows(
            networks.panel, future, networks.checked_horizon(longest), needed=needed
        )
        of_networks.append(
            forecast_columns(networks, windows, conformal=None, levels=[], paths=paths, seed=seed)
        )
    columns = {
        name: np.median([forecasts[name] for forecasts in of_networks], axis=0) for name in of_networks[0]
    }
    panel, season = fitted.panel, fitted.resolved.season_length or 1
    errors: list[float] = []
    left_out: list[object] = []
    for target, forecasts in enumerate(columns.values()):
        error = np.abs(rows.targets[:, target] - forecasts[series, steps - 1])
        for number in np.unique(series):
            scale = mase_scale(panel.original(int(number))[:, target], season)
            of_series = error[(series == number) & ~np.isnan(rows.targets[:, target])]
            if not len(of_series):
                continue
            if scale > 0 and not np.isnan(of_series).any():
                errors.append(float(of_series.mean() / scale))
            else:
                left_out.append(panel.ids[number])
    if left_out and errors:
        warn(
            f"score: {len(left_out)} series are left out, because their training history does not vary or "
            f"their forecast is missing; the first is {shown(left_out[0])}",
            DataWarning,
        )
    if not errors:
        raise DataError(
            "score: no series has both a known value to compare with and a training history that varies"
        )
    return -float(np.mean(errors))


def _steps_ahead(fitted: FittedSeries, rows: LongFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the fitted series of each row, and how many time steps after its end the row lies."""
    panel = fitted.history
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
    # positions are counted from the first row of a series, so the start of the training data is put before
    pieces = [
        part
        for number, start in enumerate(rows.starts)
        for part in (panel.starts[fitted_series[[number]]], rows.times[start : start + lengths[number]])
    ]
    starts = rows.starts + np.arange(len(rows.starts))
    positions = panel.frequency.positions(pieces[0].append(pieces[1:]), starts, rows.ids)
    of_row = fitted_series.repeat(lengths)
    return of_row, np.delete(positions, starts) - panel.lengths.cpu().numpy()[of_row] + 1
