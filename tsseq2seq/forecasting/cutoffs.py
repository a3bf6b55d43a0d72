"""Forecasts from many cutoffs of a history, with the true values; also the calibration on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from tsseq2seq.data.frames.columns import FORECAST
from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.data.panel.panel import Panel, panel_rows
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.errors import DataError, DataWarning, shown, warn
from tsseq2seq.forecasting.conformal import Conformal, fit_conformal
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.forecast_columns import forecast_columns
from tsseq2seq.forecasting.prediction import point_and_spreads

__all__ = ["History", "calibrate_on", "forecast_cutoffs", "make_history"]


_USUAL_LEVEL = 90


@dataclass(frozen=True)
class History:
    """A panel, with its targets in the frame's own precision.

    Attributes
    ----------
    panel
        The series.
    truth
        (rows, Y), float64, NaN where missing: the targets, which the panel holds in float32.
    """

    panel: Panel
    truth: np.ndarray

    def targets_of(self, windows: Windows) -> np.ndarray:
        """Return the true values after each cutoff, (windows, horizon, Y)."""
        series, cutoff = windows.locate(torch.arange(len(windows), device=windows.cumulative.device))
        rows = (self.panel.offsets[series] + cutoff)[:, None].cpu().numpy()
        return self.truth[rows + np.arange(windows.shape.horizon)]


def make_history(fitted: FittedSeries, frame: LongFrame) -> History:
    """Lay a frame on the grid of a fitted model."""
    panel, positions = fitted.lay(frame)
    truth = np.full((len(panel.values), frame.targets.shape[1]), np.nan)
    truth[panel_rows(frame, positions, panel.offsets.numpy())] = frame.targets
    return History(panel.to(fitted.panel.values.device), truth)


def forecast_cutoffs(
    fitted: FittedSeries,
    history: History,
    *,
    conformal: Conformal | None,
    horizon: int,
    windows: int,
    step: int,
    skip: int,
    levels: Sequence[float] | None,
    paths: int,
    seed: int,
) -> pd.DataFrame:
    """Forecast from several cutoffs of each series.

    Parameters
    ----------
    fitted, history
        The networks, and the series.
    horizon
        Time steps to forecast after each cutoff; the last cutoff lies as many before the end.
    windows
        Cutoffs of each series.
    step
        Time steps between cutoffs.
    skip
        Cutoffs to leave out at the end.
    conformal, levels, paths, seed
        As in :func:`~tsseq2seq.forecasting.forecast_columns.forecast_columns`.

    Returns
    -------
    pandas.DataFrame
        Series, time stamp, ``cutoff`` (the last known time stamp), the targets and the forecasts;
        series by series, the earliest cutoff first.

    Raises
    ------
    DataError
        If no series is longer than the horizon.

    Warns
    -----
    DataWarning
        If series are too short for some of the cutoffs.
    """
    panel = history.panel
    chosen = fitted.cutoff_windows(panel, horizon=horizon, windows=windows, step=step, skip=skip)
    _warn_of_missing_cutoffs(panel, chosen, horizon, windows)
    columns = forecast_columns(fitted, chosen, conformal=conformal, levels=levels, paths=paths, seed=seed)
    truth = history.targets_of(chosen)
    index = torch.arange(len(chosen), device=chosen.cumulative.device)
    series, cutoff = (part.cpu().numpy() for part in chosen.locate(index))
    starts = panel.starts[series]
    ahead = cutoff[:, None] + np.arange(horizon)
    data: dict[str, object] = {}
    if panel.named:
        data[str(fitted.columns.id)] = panel.ids[series].repeat(horizon)
    data[fitted.columns.time] = panel.frequency.advance(starts.repeat(horizon), ahead.reshape(-1))
    data["cutoff"] = panel.frequency.advance(starts, cutoff - 1).repeat(horizon)
    data |= {name: truth[:, :, target].reshape(-1) for target, name in enumerate(panel.targets)}
    data |= {name: array.reshape(-1) for name, array in columns.items()}
    return pd.DataFrame(data)


def calibrate_on(
    fitted: FittedSeries,
    history: History,
    *,
    windows: int | None,
    step: int | None,
    paths: int,
    seed: int,
) -> Conformal:
    """Calibrate intervals on windows that the networks were not trained on.

    Of a training series these are the windows after its training data, of any other series all windows with
    a whole context.

    Parameters
    ----------
    fitted, history
        The networks, and the series.
    windows
        Most windows of each series. None: all.
    step
        Time steps between cutoffs. None: a horizon.
    paths, seed
        Sample paths behind the spread of a distribution.

    Raises
    ------
    DataError
        If there are fewer than two such windows.

    Warns
    -----
    DataWarning
        If there are too few for a level of 90.
    """
    panel = history.panel
    chosen = fitted.cutoff_windows(panel, windows=windows, step=step, unseen=True)
    if len(chosen) == 0:
        raise DataError(
            f"calibrate: df has no {fitted.horizon} steps that the model was not trained on; give it rows "
            "after the training data, or other series"
        )
    truth = history.targets_of(chosen)
    centre, lower_spread, upper_spread = point_and_spreads(
        fitted.members, chosen, paths=paths, seed=seed, blend=fitted.blend
    )
    # a window without a forecast has no score
    truth = np.where(np.isnan(centre), np.nan, truth)
    forecasts = (np.nan_to_num(part) for part in (centre, lower_spread, upper_spread))
    conformal = fit_conformal(truth, *forecasts)
    highest = conformal.highest_level
    if highest < 1:
        raise DataError(
            f"calibrate: of some step {'one' if conformal.counts.min() else 'no'} window has a known truth; "
            "an interval needs at least two, and 19 for a level of 90. Give it more rows, or a smaller step"
        )
    if highest < _USUAL_LEVEL:
        warn(
            f"calibrate: {int(conformal.counts.min())} windows suffice for levels of up to {highest}; "
            "calibrate on more, or with a smaller step",
            DataWarning,
        )
    return conformal


def _warn_of_missing_cutoffs(panel: Panel, chosen: Windows, horizon: int, wanted: int) -> None:
    """Warn if series are too short for ``wanted`` cutoffs, or raise an error if all of them are too short."""
    longest = int(panel.lengths.max())
    if len(chosen) == 0:
        raise DataError(
            f"no series has a step before a horizon of {horizon}: the longest has {longest} steps"
        )
    missing = panel.count * wanted - len(chosen)
    if not missing:
        return
    short = int((chosen.counts < wanted).float().argmax())
    warn(
        f"{missing} of {panel.count * wanted} windows of {FORECAST} are left out, because series are too "
        f"short; the first is {shown(panel.ids[short])} with {int(panel.lengths[short])} steps",
        DataWarning,
    )
