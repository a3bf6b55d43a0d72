"""Fitting an autoencoder: resolve settings, hold steps back, train networks, take the threshold."""

from __future__ import annotations

import copy
import dataclasses
import time
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor

from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.data.grid.calendar import calendar_names
from tsseq2seq.data.grid.calendar_table import calendar_table, still_features
from tsseq2seq.data.grid.frequency import Frequency, FrequencyLike
from tsseq2seq.data.panel.features import Coders
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.sparse_grid import warn_of_holes
from tsseq2seq.data.panel.step_weights import check_weights_of_windows, with_unit_weights
from tsseq2seq.data.panel.unix_times import warn_of_unix_times
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.data.series_rows import series_of_rows
from tsseq2seq.errors import DataError, shown
from tsseq2seq.reconstruction.building import build_window_model
from tsseq2seq.reconstruction.calibration import Calibration
from tsseq2seq.reconstruction.covering import last_windows_of, windows_of
from tsseq2seq.reconstruction.defaults import AutoencoderSettings, ResolvedWindows, resolve_windows
from tsseq2seq.reconstruction.fitted import FittedWindows
from tsseq2seq.reconstruction.held_back import calibration_steps, validation_steps, without
from tsseq2seq.reconstruction.levels import Levels
from tsseq2seq.reconstruction.objective import WindowObjective
from tsseq2seq.reconstruction.repeated_calendar import repeated_calendar
from tsseq2seq.training.checkpoint import NO_CHECKPOINT, Checkpoint
from tsseq2seq.training.continued import refuse_change, weights_of
from tsseq2seq.training.members import train_members
from tsseq2seq.training.record import Record
from tsseq2seq.training.seeding import seeded
from tsseq2seq.training.training import Training

__all__ = ["fit_windows"]


def fit_windows(
    frame: LongFrame,
    asked: AutoencoderSettings,
    *,
    freq: FrequencyLike | Frequency | None,
    device: torch.device,
    seed: int | None,
    started: float,
    stride: int = 1,
    previous: FittedWindows | None = None,
    checkpoint: Checkpoint = NO_CHECKPOINT,
) -> tuple[FittedWindows, list[Record]]:
    """Resolve settings, train networks and take the threshold.

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
        Seed of weights, windows and noise. None: a random one.
    started
        ``time.monotonic()`` at which ``max_time`` began.
    stride
        Time steps between windows.
    previous
        The networks to continue from (a warm start). None: new ones.
    checkpoint
        Where states of the training are stored, and what it continues from.

    Raises
    ------
    DataError
        If nothing was observed, nothing varies, no series is as long as a window, or nothing that is trained
        on or held out has a weight.
    """
    if previous is not None:
        _check_same_series(previous, frame, asked)
        asked = asked.with_choices(previous.resolved)
    panel, coders = _panel(frame, asked, freq, None if previous is None else previous.coders)
    resolved = resolve_windows(panel, asked, stride=stride)
    if previous is not None:
        _refuse_changes(resolved, previous, panel)
    resolved.resolved_scaling.check(panel)
    panel = panel.to(device)
    held_back, validated = _not_trained_on(panel, resolved)
    levels = Levels.of(without(panel, held_back | validated))
    untrained = FittedWindows(
        (), panel, frame.columns, coders, resolved, levels, _uncalibrated(panel), stride
    )
    if resolved.output.of_windows:
        check_weights_of_windows(panel, resolved.loss)
    windows, held_out = _windows(untrained, held_back, validated)
    untrained = dataclasses.replace(untrained, panel=panel.unweighted())

    def build(member: int, member_seed: int) -> WindowObjective:
        features = 0 if panel.calendar is None else panel.calendar.rows.shape[1]
        if previous is None:
            model = build_window_model(resolved, targets=len(panel.targets), calendar=features).to(device)
        else:
            model = copy.deepcopy(previous.members[member]).to(device)
            model.noise = resolved.noise
        return WindowObjective(model, windows, held_out, resolved.training, seed=member_seed)

    training = _with_time_for_scores(untrained, build, started)
    objectives, records = train_members(
        build,
        training,
        device=device,
        seed=seed,
        started=started,
        checkpoint=checkpoint.of_data(panel, stride, weights_of(previous)),
    )
    members = tuple(objective.model for objective in objectives)
    fitted = dataclasses.replace(untrained, members=members)
    calibration = Calibration.of(
        fitted.errors(panel, levels, step=stride if stride > 1 else None),
        levels.spread.cpu().numpy(),
        panel.lengths.cpu().numpy(),
        # what shall not count is no example of what is usual
        (held_back if panel.weights is None else held_back & (panel.weights > 0)).cpu().numpy(),
        window_length=resolved.window_length,
        false_alarms=resolved.false_alarms,
    )
    return dataclasses.replace(fitted, calibration=calibration), records


def _check_same_series(previous: FittedWindows, frame: LongFrame, asked: AutoencoderSettings) -> None:
    """Refuse a warm start with other columns or another calendar."""
    refuse_change("target_col", list(frame.columns.targets), list(previous.columns.targets))
    if asked.calendar != "auto":
        refuse_change("calendar", asked.asked_calendar, previous.coders.calendar)


def _refuse_changes(resolved: ResolvedWindows, previous: FittedWindows, panel: Panel) -> None:
    """Refuse a warm start with another time step, or with settings that determine the networks."""
    earlier, step = previous.resolved, previous.panel.frequency.alias
    if panel.frequency.alias != step:
        raise DataError(
            f"warm_start: the model was fitted on steps of {step!r}, and df has steps of "
            f"{panel.frequency.alias!r}"
        )
    for name in ("window_length", "segment_length", "latent_size", "order", "scaling", "loss", "network"):
        refuse_change(name, getattr(resolved, name), getattr(earlier, name))


def _panel(
    frame: LongFrame,
    asked: AutoencoderSettings,
    freq: FrequencyLike | Frequency | None,
    earlier: Coders | None,
) -> tuple[Panel, Coders]:
    """Return the panel of a frame with its calendar, after checking that it holds something to learn.

    The calendar is that of an earlier fit, if there was one.
    """
    frequency = Frequency.of(freq, frame)
    panel = make_panel(frame, frequency)
    warn_of_holes(panel, frame)
    if freq is None:
        warn_of_unix_times(panel, frame)
    _check_values(panel)
    if earlier is not None:
        calendar = earlier.calendar
    else:
        calendar = repeated_calendar(panel) if asked.calendar == "auto" else asked.asked_calendar
    coders = Coders(calendar=calendar)
    if calendar is None:
        return panel, coders
    lengths = panel.lengths.numpy()
    table = calendar_table(calendar, panel.starts, lengths, frequency)
    assert table is not None
    still = still_features(table, calendar, frequency) if earlier is None else earlier.still
    names = calendar_names(calendar, frequency)
    table = table.without([names.index(name) for name in still])
    return dataclasses.replace(panel, calendar=table), dataclasses.replace(coders, still=still)


def _check_values(panel: Panel) -> None:
    """Refuse series of which nothing was observed, or which never vary."""
    for place, target in enumerate(panel.targets):
        seen = panel.observed[:, place]
        if not bool(seen.any()):
            raise DataError(
                f"column {target!r} is missing in all {len(seen)} steps; there is nothing to reconstruct"
            )
        # a constant series is nothing but its origin
        if not bool(panel.values[seen, place].any()):
            first = int(series_of_rows(panel.offsets[:-1].numpy(), len(seen))[seen.numpy()][0])
            others = f" in series {shown(panel.ids[first])}, and constant in all others"
            others = others if panel.count > 1 else ""
            raise DataError(
                f"column {target!r} never varies: it is {float(panel.origin[first, place]):g} wherever it is "
                f"observed{others}. There is no usual course to learn; leave it out"
            )


def _not_trained_on(
    panel: Panel, resolved: ResolvedWindows
) -> tuple[Bool[Tensor, " rows"], Bool[Tensor, " rows"]]:
    """Return the steps held back for the threshold, and those to validate on."""
    count = resolved.training.held_out(int(panel.lengths.median()))
    validated = validation_steps(panel, resolved.window_length, resolved.training)
    return calibration_steps(panel, resolved.window_length, panel.lengths - count), validated


def _windows(
    untrained: FittedWindows, held_back: Bool[Tensor, " rows"], validated: Bool[Tensor, " rows"]
) -> tuple[Windows, Windows | None]:
    """Return the training windows and the validation windows."""
    panel, resolved = untrained.panel, untrained.resolved
    training_panel = without(panel, held_back | validated)
    moments = untrained.levels.moments(panel)
    windows = windows_of(training_panel, resolved.shape, stride=untrained.stride, moments=moments)
    windows = with_unit_weights(windows, ~(held_back | validated), "to train on")
    if not bool(validated.any()):
        return windows, None
    count = resolved.training.held_out(int(panel.lengths.median()))
    only = without(panel, ~validated)
    held_out = last_windows_of(only, resolved.shape, steps=count, moments=moments)
    return windows, with_unit_weights(held_out, validated, "held out")


def _with_time_for_scores(
    untrained: FittedWindows, build: Callable[[int, int], WindowObjective], started: float
) -> Training:
    """Return the settings of training, of whose time that for the scores of the threshold is kept back.

    It is measured on some windows; at most half of the time that is left is kept.
    """
    training = untrained.resolved.training
    if training.max_time is None:
        return training
    with seeded(0, untrained.device):
        model = build(0, 0).model.eval()
    measured = dataclasses.replace(untrained, members=(model,) * training.members)
    seconds = measured.seconds_of_scores()
    left = training.max_time - (time.monotonic() - started)
    kept = min(seconds, max(left, 0.0) / 2)
    return dataclasses.replace(training, max_time=training.max_time - kept)


def _uncalibrated(panel: Panel) -> Calibration:
    targets = len(panel.targets)
    return Calibration(np.ones((panel.count, targets)), np.ones(targets), float("inf"), 0)
