"""Smoothing beside trained networks: what they learn of the same series, and the share that each gets."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.judging import last_windows, trained_judge, windows_but_the_last
from tsseq2seq.forecasting.learned_correction import correction_asked, learned_correction
from tsseq2seq.forecasting.network_share import Evidence, share_by, usual_share
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.training.checkpoint import NO_CHECKPOINT, Checkpoint
from tsseq2seq.training.record import Record

__all__ = ["learned_smoothing", "with_smoothing"]

# With so many windows a network is judged on some of its training windows: it has seen few of them twice.
_MANY_WINDOWS = 20_000
# It is judged on so many windows at least.
_LEAST_JUDGED = 100
# Of each series so many horizons are held out to judge by, if they are no more than this of the typical one:
# a network that is left less than the one in use is no witness of what that one is worth.
_MOST_HORIZONS, _MOST_HELD_OUT = 3, 0.2
# The last horizons of fewer series than this say next to nothing.
_FEWEST_SERIES = 8


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
        fitted = dataclasses.replace(fitted, correction=learned_correction(fitted, base))
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
    """Train a network without the last horizons of each series, and have both forecast them."""
    judge = trained_judge(
        fitted,
        horizons=_horizons_held_out(fitted),
        seed=seed,
        left=left,
        checkpoint=checkpoint,
        otherwise="its share is the usual one (network_share=1.0 or 0.0 leaves no choice)",
    )
    if judge is None:
        return Evidence.none()
    return Evidence.of(judge.series, judge.windows, base, fitted.correction, horizons=judge.horizons)


def _horizons_held_out(fitted: FittedSeries) -> int:
    """Return how many horizons are held out to judge by: several where the typical series is long enough."""
    typical = float(fitted.panel.lengths.float().median())
    return max(1, min(_MOST_HORIZONS, int(_MOST_HELD_OUT * typical / fitted.horizon)))
