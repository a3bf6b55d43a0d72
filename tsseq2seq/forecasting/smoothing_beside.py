"""Smoothing beside trained networks: what they learn of the same series, and the share that each gets."""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Sequence

import torch

from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor
from tsseq2seq.data.panel.window_index import cutoff_windows, training_windows
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.errors import DivergenceError, TrainingWarning, warn
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.enough_windows import whole_windows
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.learned_correction import correction_asked, learned_correction
from tsseq2seq.forecasting.network_share import Evidence, share_by, usual_share
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.training.checkpoint import NO_CHECKPOINT, Checkpoint
from tsseq2seq.training.members import train_members
from tsseq2seq.training.record import Record

__all__ = ["last_windows", "learned_smoothing", "windows_but_the_last", "with_smoothing"]

# With so many windows a network is judged on some of its training windows: it has seen few of them twice.
_MANY_WINDOWS = 20_000
# It is judged on so many windows at least, and on those of so many series at the most.
_LEAST_JUDGED, _MOST_JUDGED = 100, 1024
# Of each series so many horizons are held out to judge by, if they are no more than this of the typical one:
# a network that is left less than the one in use is no witness of what that one is worth.
_MOST_HORIZONS, _MOST_HELD_OUT = 3, 0.2
# The last horizons of fewer series than this say next to nothing.
_FEWEST_SERIES = 8
# A network that is left fewer windows than this learns nothing that could be judged.
_FEWEST = 5
# Horizons at the end of each series on which the pretrained network is judged beside smoothing.
_CORRECTED = 2


def with_smoothing(
    fitted: FittedSeries,
    asked: ForecasterSettings,
    records: Sequence[Record],
    *,
    seed: int | None,
    started: float,
    checkpoint: Checkpoint = NO_CHECKPOINT,
) -> FittedSeries:
    """Return the fitted series with smoothing beside the networks.

    Parameters
    ----------
    fitted
        The trained networks.
    asked
        The settings as asked for.
    records
        Of the training; after an interrupt no further network is trained.
    seed
        Seed of the learning.
    started
        ``time.monotonic()`` at which ``max_time`` began.
    checkpoint
        Of the training of the network that judges.
    """
    base = fitted.smoothing or learned_smoothing(fitted, seed=seed)
    if correction_asked(fitted, asked):
        judged = last_windows(fitted, each=_CORRECTED)
        correction = learned_correction(fitted, base, judged, horizons=_CORRECTED)
        fitted = dataclasses.replace(fitted, correction=correction)
    share = asked.network_share
    if share is None:
        evidence = _evidence(fitted, base, records, seed=seed, started=started, checkpoint=checkpoint)
        share = share_by(evidence, usual=usual_share(fitted.resolved.context_length, fitted.horizon))
    return dataclasses.replace(fitted, smoothing=base, network_share=float(share))


def learned_smoothing(series: FittedSeries, *, seed: int | None) -> SmoothingBase:
    """Return exponential smoothing with what it learns of the series.

    Held-out steps are among them: sixty weights of methods cannot learn these by heart.
    """
    return SmoothingBase.learned(
        series.panel, series.resolved.smoothed_periods, series.horizon, seed=int(seed or 0)
    )


def _evidence(
    fitted: FittedSeries,
    base: SmoothingBase,
    records: Sequence[Record],
    *,
    seed: int | None,
    started: float,
    checkpoint: Checkpoint,
) -> Evidence:
    """Judge both where it costs least: on held-out steps, on hardly seen windows, or by another network."""
    held_out = fitted.resolved.training.held_out(int(fitted.panel.lengths.float().median()))
    if held_out:
        task = TrainingTask.of(fitted)
        horizons = max(1, held_out // fitted.horizon)
        return (
            Evidence.none()
            if task.held_out is None
            else Evidence.of(fitted, task.held_out, base, fitted.correction, horizons=horizons)
        )
    if windows_but_the_last(fitted, 0).total >= _MANY_WINDOWS:
        last = last_windows(fitted, each=-(-_LEAST_JUDGED // fitted.panel.count))
        # however many they are, the network was trained on them
        return Evidence.of(fitted, fitted.with_bases(last), base, fitted.correction, horizons=1)
    if fitted.panel.count < _FEWEST_SERIES:
        return Evidence.none()
    took, limit = time.monotonic() - started, fitted.resolved.training.max_time
    interrupted = any(record.stopped == "interrupt" for record in records)
    if interrupted or (limit is not None and 2 * took > limit):
        return Evidence.none()
    left = None if limit is None else limit - took
    return _held_out_evidence(fitted, base, seed=seed, left=left, checkpoint=checkpoint)


def _held_out_evidence(
    fitted: FittedSeries,
    base: SmoothingBase,
    *,
    seed: int | None,
    left: float | None,
    checkpoint: Checkpoint,
) -> Evidence:
    """Train a network without the last horizons of each series, and have both forecast them.

    It takes as long as the one in use did, and no longer than the seconds left.

    Warns
    -----
    TrainingWarning
        If it diverges, so that nothing is judged.
    """
    horizons = _horizons_held_out(fitted)
    held_out = horizons * fitted.horizon
    if whole_windows(windows_but_the_last(fitted, held_out), held_out=held_out) < _FEWEST:
        return Evidence.none()
    kept = dataclasses.replace(fitted.resolved.training, validation_size=held_out, members=1, progress=False)
    series = dataclasses.replace(fitted, resolved=dataclasses.replace(fitted.resolved, training=kept))
    # what is held out decides on nothing but the share
    task = dataclasses.replace(TrainingTask.of(series), held_out=None)
    training = dataclasses.replace(kept, validation_size=0, max_time=left)
    try:
        with warnings.catch_warnings():
            # what is to be said was said of the network in use
            warnings.simplefilter("ignore", TrainingWarning)
            objectives, _ = train_members(
                lambda _, member_seed: task.objective(seed=member_seed),
                training,
                device=fitted.panel.values.device,
                seed=seed,
                started=time.monotonic(),
                checkpoint=checkpoint.of_data(fitted.panel),
            )
    except DivergenceError as error:  # the network in use did not: it is worth keeping
        warn(
            "the network that was to judge the network's share in the forecasts diverged, so that the share "
            f"is the usual one; network_share=1.0 or 0.0 leaves no choice: {error}",
            TrainingWarning,
        )
        return Evidence.none()
    trained = dataclasses.replace(fitted, members=tuple(objective.model for objective in objectives))
    last, bases = last_windows(trained, each=horizons), task.windows.bases
    # the bases of a panel are the same for all its windows, and take a while
    judged = last if bases is None else last.with_bases(bases)
    return Evidence.of(trained, judged, base, trained.correction, horizons=horizons)


def _horizons_held_out(fitted: FittedSeries) -> int:
    """Return how many horizons are held out to judge by: several where the typical series is long enough."""
    typical = float(fitted.panel.lengths.float().median())
    return max(1, min(_MOST_HORIZONS, int(_MOST_HELD_OUT * typical / fitted.horizon)))


def windows_but_the_last(fitted: FittedSeries, held_out: int) -> Windows:
    """Return the training windows without the last steps of each series."""
    return training_windows(fitted.panel, fitted.shape(), held_out=held_out, stride=fitted.resolved.stride)


def last_windows(fitted: FittedSeries, *, each: int) -> Windows:
    """Return the last windows of up to 1,024 series, without bases."""
    panel = fitted.panel
    chosen = evenly_spaced_tensor(panel.count, _MOST_JUDGED, device=panel.values.device)
    earliest = torch.full_like(panel.lengths, int(panel.lengths.max()) + 1)
    earliest[chosen] = 1
    return cutoff_windows(
        panel,
        fitted.shape(),
        windows=each,
        step=fitted.horizon,
        earliest=earliest,
        moments=fitted.resolved.resolved_scaling.needs_history,
    )
