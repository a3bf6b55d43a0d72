"""Fitting a forecaster: resolve settings, build networks, train them."""

from __future__ import annotations

import copy
import dataclasses
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tsseq2seq.data.frames.long_frame import LongFrame, without_last_steps
from tsseq2seq.data.grid.calendar import calendar_names
from tsseq2seq.data.grid.calendar_table import still_features
from tsseq2seq.data.grid.frequency import Frequency, FrequencyLike
from tsseq2seq.data.panel.covariate_doubts import covariate_doubts
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.panel import Panel, fit_coders
from tsseq2seq.data.panel.sparse_grid import warn_of_holes
from tsseq2seq.data.panel.unix_times import warn_of_unix_times
from tsseq2seq.errors import DataWarning, warn
from tsseq2seq.forecasting.coupling import fit_coupling
from tsseq2seq.forecasting.defaults import ForecasterSettings, resolve_settings
from tsseq2seq.forecasting.fine_tuning import fine_tuned
from tsseq2seq.forecasting.fitted import FittedSeries, make_checked_panel
from tsseq2seq.forecasting.learned_correction import share_as_it_came
from tsseq2seq.forecasting.objective import SeriesObjective
from tsseq2seq.forecasting.pretrained import adapted_series
from tsseq2seq.forecasting.smoothing_asked import smoothing_asked
from tsseq2seq.forecasting.smoothing_beside import learned_smoothing, with_smoothing
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.forecasting.validation_steps import with_validation_steps
from tsseq2seq.forecasting.warm_start import check_optimizer, panel_to_continue, settings_to_continue
from tsseq2seq.training.checkpoint import NO_CHECKPOINT, Checkpoint
from tsseq2seq.training.continued import weights_of
from tsseq2seq.training.members import train_members
from tsseq2seq.training.record import Record
from tsseq2seq.training.run import Observer

__all__ = [
    "Start",
    "fit_series",
    "make_panels",
    "train_series",
    "untrained_series",
]


@dataclass(frozen=True)
class Start:
    """What a training starts from: new networks, or fitted ones (a warm start).

    Attributes
    ----------
    fitted
        The networks to continue from. None: new ones.
    optimizer_states
        Optimiser state of each member. Empty: new optimisers.
    """

    fitted: FittedSeries | None = None
    optimizer_states: tuple[dict[str, Any], ...] = ()


def fit_series(
    frame: LongFrame,
    asked: ForecasterSettings,
    *,
    freq: FrequencyLike | Frequency | None,
    device: torch.device,
    seed: int | None,
    started: float,
    start: Start = Start(),
    checkpoint: Checkpoint = NO_CHECKPOINT,
) -> tuple[FittedSeries, list[Record]]:
    """Resolve settings, build networks and train them.

    Parameters
    ----------
    frame
        The rows to train on.
    asked
        The settings as asked for.
    freq
        The time step. None: inferred.
    device
        The device to train on.
    seed
        Seed of weights, windows and teacher forcing. None: a random one.
    started
        ``time.monotonic()`` at which ``max_time`` began.
    start
        The networks and optimisers to start from.
    checkpoint
        Where states of the training are stored, and what it continues from.

    Returns
    -------
    fitted, records
        The fitted series, and the record of each member.

    Raises
    ------
    DataError
        If there are no windows to train on.
    """
    previous = start.fitted
    if asked.weights is not None:
        model = None if previous is None else previous.members[0]
        adapted = adapted_series(frame, asked, freq=freq, device=device, seed=seed, model=model)
        if asked.weights == "pretrained":
            share = share_as_it_came(adapted) if asked.network_share is None else asked.network_share
            return dataclasses.replace(adapted, network_share=float(share)), [Record.of_no_training()]
        return fine_tuned(adapted, asked, seed=seed, started=started, checkpoint=checkpoint)
    if previous is None:
        untrained = untrained_series(frame, asked, freq, device)
        for doubt in covariate_doubts(untrained.coders, len(frame.times)):
            warn(doubt, DataWarning)
    else:
        asked = with_validation_steps(asked, frame)
        if start.optimizer_states:
            check_optimizer(previous, asked)
        panel = panel_to_continue(previous, frame, freq, asked)
        resolved = settings_to_continue(previous, panel, asked, lowest=frame.lowest_of_targets)
        untrained = FittedSeries(
            (),
            panel.to(device),
            frame.columns,
            previous.coders,
            asked.horizon,
            resolved,
            # networks that add to smoothing have learned to add to this one
            smoothing=previous.smoothing if resolved.network.residual == "smoothing" else None,
        )
    # an output that the data chose is not the one asked for
    asked = dataclasses.replace(asked, output=untrained.resolved.output)
    beside = smoothing_asked(untrained.panel, asked)
    if beside and untrained.smoothing is None:
        # before the training, whose time is what max_time leaves
        untrained = dataclasses.replace(untrained, smoothing=learned_smoothing(untrained, seed=seed))
    fitted, records = train_series(
        untrained, device=device, seed=seed, started=started, start=start, checkpoint=checkpoint
    )
    if beside:
        part = checkpoint.part("network_share")
        fitted = with_smoothing(fitted, asked, records, seed=seed, started=started, checkpoint=part)
    return fitted, records


def train_series(
    untrained: FittedSeries,
    *,
    device: torch.device,
    seed: int | None,
    started: float,
    start: Start = Start(),
    observe: Callable[[FittedSeries], Observer] | None = None,
    checkpoint: Checkpoint = NO_CHECKPOINT,
) -> tuple[FittedSeries, list[Record]]:
    """Build networks and train them.

    Parameters
    ----------
    untrained
        Panel, columns and resolved settings, without networks.
    device, seed, started, start
        As for :func:`fit_series`; the panel lies on the device.
    observe
        Makes an observer of the first member's training, from the fitted series with the network in training;
        see :func:`~tsseq2seq.training.loop.train`.
    checkpoint
        As for :func:`fit_series`.

    Returns
    -------
    fitted, records
        The fitted series, and the record of each member.
    """
    if untrained.resolved.network.residual == "smoothing" and untrained.smoothing is None:
        untrained = dataclasses.replace(untrained, smoothing=learned_smoothing(untrained, seed=seed))
    task, previous = TrainingTask.of(untrained), start.fitted

    def build(member: int, member_seed: int) -> SeriesObjective:
        model = None if previous is None else copy.deepcopy(previous.members[member])
        return task.objective(model, seed=member_seed)

    def observer(objective: SeriesObjective) -> Observer:
        assert observe is not None
        return observe(dataclasses.replace(task.series, members=(objective.model,)))

    objectives, records = train_members(
        build,
        untrained.resolved.training,
        device=device,
        seed=seed,
        started=started,
        optimizer_states=start.optimizer_states,
        observe=None if observe is None else observer,
        checkpoint=checkpoint.of_data(task.series.panel, weights_of(previous)),
    )
    members = tuple(objective.model for objective in objectives)
    for model in members:
        fit_coupling(model, task.windows)
    unweighted = task.series.panel.unweighted()
    return dataclasses.replace(task.series, members=members, panel=unweighted), records


def untrained_series(
    frame: LongFrame, asked: ForecasterSettings, freq: FrequencyLike | Frequency | None, device: torch.device
) -> FittedSeries:
    """Return the fitted series without networks: the panel of a frame, and settings resolved from it."""
    asked = with_validation_steps(asked, frame)
    coders, panel, training_panel = make_panels(frame, asked, freq)
    resolved = resolve_settings(training_panel, asked, lowest=frame.lowest_of_targets)
    if type(resolved.output) is not type(asked.output):
        warn(
            f"more than half of the values are 0, and so is their median: the mean of {resolved.output!r} is "
            "forecast instead. output=Point('mae') forecasts the median",
            DataWarning,
        )
    return FittedSeries((), panel.to(device), frame.columns, coders, asked.horizon, resolved)


def make_panels(
    frame: LongFrame, asked: ForecasterSettings, freq: FrequencyLike | Frequency | None
) -> tuple[Coders, Panel, Panel]:
    """Return the coders of covariates, the panel of a frame, and its panel without the held-out steps."""
    frequency = Frequency.of(freq, frame)
    # coders and defaults must not depend on held-out steps
    training_frame = without_last_steps(
        frame, frequency, asked.training.held_out(int(np.median(frame.row_counts)))
    )
    coders = fit_coders(training_frame, asked.calendar)
    panel = make_checked_panel(frame, frequency, coders, asked)
    warn_of_holes(panel, frame)
    if freq is None:
        warn_of_unix_times(panel, frame)
    training_panel = panel
    if training_frame is not frame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # what is missing was said of the whole
            training_panel = make_checked_panel(training_frame, frequency, coders, asked)
    return _without_still(coders, panel, training_panel)


def _without_still(coders: Coders, panel: Panel, training_panel: Panel) -> tuple[Coders, Panel, Panel]:
    """Leave out what never varies of the calendar in training, since nothing is learned of its effect."""
    if training_panel.calendar is None or coders.calendar is None:
        return coders, panel, training_panel
    still = still_features(training_panel.calendar, coders.calendar, panel.frequency)
    if not still:
        return coders, panel, training_panel
    names = calendar_names(coders.calendar, panel.frequency)
    places = [place for place, name in enumerate(names) if name in still]
    left = [
        dataclasses.replace(one, calendar=None if one.calendar is None else one.calendar.without(places))
        for one in (panel, training_panel)
    ]
    return dataclasses.replace(coders, still=still), left[0], left[1]
