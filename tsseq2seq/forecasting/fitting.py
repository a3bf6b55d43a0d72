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
from tsseq2seq.data.panel.window_index import training_windows, validation_windows
from tsseq2seq.data.panel.windows import Windows, WindowShape
from tsseq2seq.data.scaling.scaling import needs_history
from tsseq2seq.errors import DataError
from tsseq2seq.forecasting.binning import with_edges
from tsseq2seq.forecasting.building import build_series_model
from tsseq2seq.forecasting.coupling import fit_coupling
from tsseq2seq.forecasting.defaults import Choices, Given, choose
from tsseq2seq.forecasting.fitted import FittedSeries, read_panel
from tsseq2seq.forecasting.objective import SeriesObjective
from tsseq2seq.forecasting.warm_start import check_optimizer, choices_to_continue, panel_to_continue
from tsseq2seq.training.loop import Observer
from tsseq2seq.training.members import train_members
from tsseq2seq.training.record import Record

__all__ = [
    "Start",
    "fit_series",
    "read_and_choose",
    "read_panels",
    "train_series",
    "windows_to_learn_from",
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
    given: Given,
    *,
    freq: FrequencyLike | Frequency | None,
    device: torch.device,
    seed: int | None,
    started: float,
    start: Start = Start(),
) -> tuple[FittedSeries, list[Record]]:
    """Choose what is open, build networks and train them.

    Parameters
    ----------
    frame
        The rows to train on.
    given
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
        coders, panel, choices = read_and_choose(frame, given, freq)
    else:
        coders = before.coders
        if start.optimizer_states:
            check_optimizer(before, given)
        panel = panel_to_continue(before, frame, freq, given)
        choices = choices_to_continue(before, panel, given)
    untrained = FittedSeries((), panel.to(device), frame.columns, coders, given.horizon, choices)
    return train_series(untrained, device=device, seed=seed, started=started, start=start)


def train_series(
    untrained: FittedSeries,
    *,
    device: torch.device,
    seed: int | None,
    started: float,
    start: Start = Start(),
    observe: Callable[[FittedSeries], Observer] | None = None,
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

    Returns
    -------
    fitted, records
        A record for each member.
    """
    panel, choices, before = untrained.panel, untrained.choices, start.fitted
    windows, held_out = windows_to_learn_from(
        panel,
        untrained.shape(),
        choices.training.validation_size,
        choices.scaling,
        stride=choices.stride,
    )
    choices = dataclasses.replace(choices, output=with_edges(choices.output, windows, choices.scaling))

    def build(place: int, drawn: int) -> SeriesObjective:
        if before is None:
            model = build_series_model(panel, untrained.coders, choices, untrained.horizon)
        else:
            model = copy.deepcopy(before.members[place])
        return SeriesObjective(model.to(device), windows, held_out, choices.training, seed=drawn)

    def observer(objective: SeriesObjective) -> Observer:
        assert observe is not None
        return observe(dataclasses.replace(untrained, members=(objective.model,), choices=choices))

    objectives, records = train_members(
        build,
        choices.training,
        device=device,
        seed=seed,
        started=started,
        optimizer_states=start.optimizer_states,
        observe=None if observe is None else observer,
    )
    members = tuple(objective.model for objective in objectives)
    for model in members:
        fit_coupling(model, windows)
    return dataclasses.replace(untrained, members=members, choices=choices), records


def read_and_choose(
    frame: LongFrame, given: Given, freq: FrequencyLike | Frequency | None
) -> tuple[Coders, Panel, Choices]:
    """Learn how covariates are coded, lay a frame on its grid, and choose what is open."""
    coders, panel, known = read_panels(frame, given, freq)
    return coders, panel, choose(known, given, lowest=frame.lowest)


def read_panels(
    frame: LongFrame, given: Given, freq: FrequencyLike | Frequency | None
) -> tuple[Coders, Panel, Panel]:
    """Learn how covariates are coded, and lay a frame on its grid: all, and without what is held out."""
    frequency = Frequency.of(freq, frame)
    # what is held out must not decide how covariates are scaled, or how long a context is
    known = without_last_steps(frame, frequency, given.training.validation_size)
    coders = fit_coders(known, given.calendar)
    panel = read_panel(frame, frequency, coders, given)
    return coders, panel, panel if known is frame else read_panel(known, frequency, coders, given)


def windows_to_learn_from(
    panel: Panel, shape: WindowShape, held_out: int, scaling: str, *, stride: int = 1
) -> tuple[Windows, Windows | None]:
    """Return the windows to train on, and those to validate on if anything is held out.

    Raises
    ------
    DataError
        If nothing was observed, or all is held out.
    """
    if not bool(panel.observed.any()):
        raise DataError(f"column {panel.targets[0]!r} is missing in all {len(panel.values)} steps")
    moments = needs_history(scaling)
    windows = training_windows(panel, shape, held_out=held_out, stride=stride, moments=moments)
    if len(windows) == 0:
        raise DataError(
            f"no series is long enough to train on: the longest has {int(panel.lengths.max())} steps, of "
            f"which validation_size={held_out} are held out; at least 2 must be left"
        )
    if not held_out:
        return windows, None
    return windows, validation_windows(panel, shape, held_out=held_out, moments=moments)
