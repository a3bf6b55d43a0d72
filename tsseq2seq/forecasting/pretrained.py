"""Pretrained weights on a user's series: what the network reads of them, and what smoothing learns of them.

Nothing is trained here. The series say their seasonal periods, exponential smoothing learns its few weights
from them in a second, and the network corrects it with the weights that come with the package.
"""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import torch

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.data.grid.frequency import Frequency, FrequencyLike
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.sparse_grid import warn_of_holes
from tsseq2seq.data.panel.unix_times import warn_of_unix_times
from tsseq2seq.data.panel.wall_clock import clocks_change
from tsseq2seq.errors import DataWarning, ParameterError, warn
from tsseq2seq.forecasting.bounds import find_bounds
from tsseq2seq.forecasting.defaults import ForecasterSettings, ResolvedSettings
from tsseq2seq.forecasting.fine_tuning import fine_tuning
from tsseq2seq.forecasting.fitted import FittedSeries, make_checked_panel
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.pretrained_design import (
    CONTEXT_LENGTH,
    DEFAULT_SIZE,
    LONGEST_TRAINED,
    OUTPUT,
    PRETRAINED_SIZES,
    SCALING,
    SEGMENT_LENGTH,
    pretrained_lags,
)
from tsseq2seq.forecasting.pretrained_weights import pretrained_model
from tsseq2seq.forecasting.seasons import find_seasons
from tsseq2seq.forecasting.smoothing_beside import learned_smoothing
from tsseq2seq.forecasting.usual_spread import UsualSpread
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Point

__all__ = ["adapted_series", "check_pretrained", "warn_of_long_horizon"]

# Parameters that only new networks have, with what leaves them open.
_OF_NEW_NETWORKS: dict[str, Any] = {
    "context_length": None,
    "segment_length": None,
    "lags": None,
    "scaling": None,
    "output": Point(),
    "network": Network(),
    "calendar": None,
}
_REMEDY = "leave it out, or train new networks with weights=None"


def check_pretrained(asked: ForecasterSettings, columns: Columns) -> None:
    """Refuse what the pretrained network cannot serve.

    Raises
    ------
    ParameterError
        If covariates or several targets are named, or a parameter of new networks is set.
    """
    for name, unset in _OF_NEW_NETWORKS.items():
        value = getattr(asked, name)
        if value != unset:
            raise ParameterError(
                f"Seq2SeqForecaster: {name} is {value!r}, but the network of weights={asked.weights!r} is "
                f"already built; {_REMEDY}"
            )
    for role in ("past", "future", "static"):
        names = getattr(columns, role)
        if names:
            raise ParameterError(
                f"Seq2SeqForecaster: {role}_covariates is {list(names)}, but the pretrained network reads no "
                f"covariates; {_REMEDY}"
            )
    if len(columns.targets) > 1:
        raise ParameterError(
            f"Seq2SeqForecaster: target_col is {list(columns.targets)}, but the pretrained network forecasts "
            "one target; give each target its own series in a long frame, or train new networks with "
            "weights=None"
        )
    if asked.training.teacher_forcing is not None:
        raise ParameterError(
            f"Seq2SeqForecaster: training has teacher_forcing={asked.training.teacher_forcing!r}, but the "
            "pretrained network reads none of its outputs; it must be None"
        )
    if asked.training.members > 1:
        raise ParameterError(
            f"Seq2SeqForecaster: training has members={asked.training.members}, but there is one network of "
            "pretrained weights; it must be 1"
        )


def _check_untrained(asked: ForecasterSettings, frame: LongFrame) -> None:
    """Refuse what only a training reads."""
    weighted = None if frame.weights is None else "given"
    for name, value in (("weight_col", weighted), ("stride", asked.stride if asked.stride > 1 else None)):
        if value is not None:
            raise ParameterError(
                f"Seq2SeqForecaster: {name} is {value}, but nothing is trained with weights='pretrained', so "
                "that it has no effect; leave it out, or train further with weights='fine_tuned'"
            )


def adapted_series(
    frame: LongFrame,
    asked: ForecasterSettings,
    *,
    freq: FrequencyLike | Frequency | None,
    device: torch.device,
    seed: int | None,
    model: SeriesModel | None = None,
) -> FittedSeries:
    """Return the pretrained network on series that it has not seen, without training it.

    Parameters
    ----------
    frame
        The rows.
    asked
        The settings as asked for.
    freq
        The time step. None: inferred.
    device
        Where to forecast.
    seed
        Of what smoothing learns.
    model
        The network, which was trained further before. None: that of the package.

    Warns
    -----
    DataWarning
        If the horizon is far longer than in pretraining.
    """
    check_pretrained(asked, frame.columns)
    if asked.weights == "pretrained":
        _check_untrained(asked, frame)
    settings = dataclasses.replace(asked, output=OUTPUT, scaling=SCALING)
    panel = make_checked_panel(frame, freq, Coders(), settings)
    warn_of_holes(panel, frame)
    if freq is None:
        warn_of_unix_times(panel, frame)
    if clocks_change(panel):
        raise ParameterError(
            "Seq2SeqForecaster: clocks change within the series, but the pretrained network adds to "
            "exponential smoothing, whose seasons are of equal steps; give time stamps in UTC, or train new "
            "networks with weights=None"
        )
    warn_of_long_horizon(asked.horizon)
    resolved = _resolved(panel, asked, frame)
    model = pretrained_model() if model is None else copy.deepcopy(model)
    model = model.to(device)
    model.usual_spread = resolved.usual_spread
    series = FittedSeries((model,), panel.to(device), frame.columns, Coders(), asked.horizon, resolved)
    return dataclasses.replace(series, smoothing=learned_smoothing(series, seed=seed))


def warn_of_long_horizon(horizon: int) -> None:
    """Say that a horizon is longer than any of pretraining."""
    if horizon > LONGEST_TRAINED:
        warn(
            f"horizon is {horizon:,}, but in pretraining no horizon was longer than {LONGEST_TRAINED}: "
            "what lies further ahead is little more than exponential smoothing, and its intervals are "
            "extrapolated",
            DataWarning,
        )


def _resolved(panel: Panel, asked: ForecasterSettings, frame: LongFrame) -> ResolvedSettings:
    seasons = find_seasons(panel, asked.seasons)
    periods = seasons.of_all
    return ResolvedSettings(
        season_length=periods[0] if periods else None,
        context_length=CONTEXT_LENGTH,
        segment_length=SEGMENT_LENGTH,
        scaling=SCALING,
        output=OUTPUT,
        network=PRETRAINED_SIZES[DEFAULT_SIZE],
        training=fine_tuning(asked.training),
        lags=pretrained_lags(periods),
        stride=asked.stride,
        bounds=find_bounds(frame.lowest_of_targets, floor=asked.floor, ceiling=asked.ceiling),
        usual_spread=UsualSpread.of(panel),
        periods=periods,
        group_periods=seasons.of_groups,
    )
