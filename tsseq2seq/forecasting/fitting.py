"""Fitting: from a checked frame and settings to trained networks with their surroundings."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from tsseq2seq.data.frames.long_frame import LongFrame, without_last_steps
from tsseq2seq.data.grid.frequency import Frequency, FrequencyLike
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.panel import Panel, fit_coders
from tsseq2seq.forecasting.coupling import fit_coupling
from tsseq2seq.forecasting.defaults import ForecasterSettings, resolve_settings
from tsseq2seq.forecasting.fitted import FittedSeries, make_checked_panel
from tsseq2seq.forecasting.objective import SeriesObjective
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.forecasting.warm_start import check_optimizer, panel_to_continue, settings_to_continue
from tsseq2seq.training.keeper import Keeper
from tsseq2seq.training.members import train_members
from tsseq2seq.training.record import Record
from tsseq2seq.training.run import Observer
from tsseq2seq.training.state import State

__all__ = [
    "Start",
    "fit_series",
    "make_panels",
    "train_series",
    "untrained_series",
]


@dataclass(frozen=True)
class Start:
    """What a training continues.

    Attributes
    ----------
    fitted
        The networks to go on from; None: new ones.
    optimizer_states
        Of each member; empty: the optimisers start anew.
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
    keeper: Keeper | None = None,
    state: State | None = None,
) -> tuple[FittedSeries, list[Record]]:
    """Choose what is open, build networks and train them.

    Parameters
    ----------
    frame
        The rows to train on.
    asked
        What the user set.
    freq
        The step of time; None: inferred.
    device
        Where to train.
    seed
        Of weights, windows and coins; None: drawn.
    started
        ``time.monotonic()`` at which ``max_time`` began.
    start
        What is continued.
    keeper, state
        Who keeps states of the training, and such a state to go on from; see
        :func:`~tsseq2seq.training.members.train_members`.

    Returns
    -------
    fitted, records
        A record for each member.

    Raises
    ------
    DataError
        If nothing is left to train on.
    """
    before = start.fitted
    if before is None:
        untrained = untrained_series(frame, asked, freq, device)
    else:
        if start.optimizer_states:
            check_optimizer(before, asked)
        panel = panel_to_continue(before, frame, freq, asked)
        resolved = settings_to_continue(before, panel, asked, lowest=frame.lowest_of_targets)
        untrained = FittedSeries((), panel.to(device), frame.columns, before.coders, asked.horizon, resolved)
    return train_series(
        untrained, device=device, seed=seed, started=started, start=start, keeper=keeper, state=state
    )


def train_series(
    untrained: FittedSeries,
    *,
    device: torch.device,
    seed: int | None,
    started: float,
    start: Start = Start(),
    observe: Callable[[FittedSeries], Observer] | None = None,
    keeper: Keeper | None = None,
    state: State | None = None,
) -> tuple[FittedSeries, list[Record]]:
    """Build networks and train them.

    Parameters
    ----------
    untrained
        All that the networks need, without any.
    device, seed, started, start
        As for :func:`fit_series`; the panel lies on the device.
    observe
        Makes an observer of a training, given the network that is trained; see
        :func:`~tsseq2seq.training.loop.train`.
    keeper, state
        As for :func:`fit_series`.

    Returns
    -------
    fitted, records
        A record for each member.
    """
    task, before = TrainingTask.of(untrained), start.fitted

    def build(member: int, drawn: int) -> SeriesObjective:
        model = None if before is None else copy.deepcopy(before.members[member])
        return task.objective(model, seed=drawn)

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
        keeper=keeper,
        state=state,
    )
    members = tuple(objective.model for objective in objectives)
    for model in members:
        fit_coupling(model, task.windows)
    return dataclasses.replace(task.series, members=members), records


def untrained_series(
    frame: LongFrame, asked: ForecasterSettings, freq: FrequencyLike | Frequency | None, device: torch.device
) -> FittedSeries:
    """Return all that networks need, without any: a frame on its grid, and what was open chosen from it."""
    coders, panel, known = make_panels(frame, asked, freq)
    resolved = resolve_settings(known, asked, lowest=frame.lowest_of_targets)
    return FittedSeries((), panel.to(device), frame.columns, coders, asked.horizon, resolved)


def make_panels(
    frame: LongFrame, asked: ForecasterSettings, freq: FrequencyLike | Frequency | None
) -> tuple[Coders, Panel, Panel]:
    """Learn how covariates are coded, and lay a frame on its grid: all, and without what is held out."""
    frequency = Frequency.of(freq, frame)
    # what is held out must not decide how covariates are scaled, or how long a context is
    known = without_last_steps(frame, frequency, asked.training.validation_size)
    coders = fit_coders(known, asked.calendar)
    panel = make_checked_panel(frame, frequency, coders, asked)
    return coders, panel, panel if known is frame else make_checked_panel(known, frequency, coders, asked)
