"""Fine-tuning: pretrained weights trained further on a user's series, as far as that helps.

A network trained further forgets. So only a part of the way is gone: the weights lie between those that came
with the package and those at the end of the training, at the part of the way that forecast the last horizon
best when a network was trained without it (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models")::

    pretrained ●───────────────────────●──────────● trained further
               0                      way         1
"""

from __future__ import annotations

import copy
import dataclasses
import time

import numpy as np
import torch
from torch import Tensor

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.judging import Judge, trained_judge
from tsseq2seq.forecasting.learned_correction import earned_share, share_as_it_came
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.network_share import least_share, windows_truth
from tsseq2seq.forecasting.prediction import quantiles_all
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.training.checkpoint import Checkpoint
from tsseq2seq.training.continued import weights_of
from tsseq2seq.training.members import train_members
from tsseq2seq.training.record import Record
from tsseq2seq.training.training import Training

__all__ = ["fine_tuned", "fine_tuning"]

# Steps where their number is left open, and the share of a new network's learning rate: the weights are good
# already, and few windows are soon learned by heart.
_STEPS, _RATE = 100, 0.25
# Seconds of training where smoothing has used up the time: one step, of which the training then warns.
_LEAST_TIME = 1e-3
# Parts of the way that are tried, and the one that few series are drawn to.
_WAYS, _DRAWN_TO = np.array([0.0, 0.25, 0.5, 0.75, 1.0]), 0.25


def fine_tuning(training: Training) -> Training:
    """Return the settings of a training from pretrained weights: few steps, and a quarter of the rate.

    Examples
    --------
    >>> fine_tuning(Training(learning_rate=0.002)).learning_rate
    0.0005
    """
    limited = training.max_steps is not None or training.epochs is not None or training.max_time is not None
    return dataclasses.replace(
        training,
        batch_size=training.batch_size or 64,
        max_steps=training.max_steps if limited else _STEPS,
        learning_rate=_RATE * training.learning_rate,
        teacher_forcing=1.0,  # nothing is fed back, so that one fused pass has the same numbers
    )


def fine_tuned(
    adapted: FittedSeries,
    asked: ForecasterSettings,
    *,
    seed: int | None,
    started: float,
    checkpoint: Checkpoint,
) -> tuple[FittedSeries, list[Record]]:
    """Train pretrained weights further, and go as far as serves the last horizon.

    Without a judgement, after an interrupt or of a few values, the weights stay as they came.

    Parameters
    ----------
    adapted
        The pretrained network on the series.
    asked
        The settings as asked for.
    seed
        Of the windows drawn.
    started
        ``time.monotonic()`` at which ``max_time`` began; half of it is for the network that judges.
    checkpoint
        Where states of the trainings are stored, and what they continue from.

    Returns
    -------
    fitted, records
        The series with the fine-tuned network, and the record of its training.
    """
    first, limit = adapted.members[0], adapted.resolved.training.max_time
    task = TrainingTask.of(adapted)
    objectives, records = train_members(
        lambda _, member_seed: task.objective(copy.deepcopy(first), seed=member_seed),
        dataclasses.replace(
            adapted.resolved.training,
            max_time=None if limit is None else max(_LEAST_TIME, (limit - _since(started)) / 2),
        ),
        device=adapted.panel.values.device,
        seed=seed,
        started=time.monotonic(),
        checkpoint=checkpoint.of_data(adapted.panel, weights_of(adapted)),
    )
    judge = None
    if records[0].stopped != "interrupt":
        judge = trained_judge(
            adapted,
            horizons=1,
            seed=seed,
            left=None if limit is None else limit - _since(started),
            checkpoint=checkpoint.part("network_share"),
            otherwise="the weights stay as they came",
            first=first,
        )
    way, share = (0.0, share_as_it_came(adapted)) if judge is None else _judged(adapted, judge)
    fitted = _gone(adapted, objectives[0].model, way)
    given = asked.network_share
    return dataclasses.replace(fitted, network_share=float(share if given is None else given)), records


def _since(started: float) -> float:
    return time.monotonic() - started


def _judged(adapted: FittedSeries, judge: Judge) -> tuple[float, float]:
    """Return how far to go, and the share beside smoothing of the network that has gone so far."""
    truth = windows_truth(judge.windows)
    last = judge.series.members[0]
    errors = np.stack([_errors(_gone(adapted, last, way), judge.windows, truth) for way in _WAYS], axis=1)
    known = np.isfinite(errors).all(1)
    way = least_share(errors[known], _WAYS, usual=_DRAWN_TO) if known.any() else 0.0
    return way, earned_share(_gone(adapted, last, way), judge.windows, horizons=judge.horizons)


def _gone(adapted: FittedSeries, last: SeriesModel, way: float) -> FittedSeries:
    """Return the series with the network that lies a part of the way to the last weights."""
    return dataclasses.replace(adapted, members=(_between(adapted.members[0], last, way),))


def _errors(series: FittedSeries, judged: Windows, truth: np.ndarray) -> np.ndarray:
    """Return the absolute error of the point forecast of each window, summed; NaN where nothing is known."""
    point = quantiles_all(series.members, judged, (), paths=1, seed=0, bounds=series.resolved.bounds)[..., 0]
    error = np.abs(point - truth)
    return np.where(np.isnan(error).all((1, 2)), np.nan, np.nansum(error, axis=(1, 2)))


def _between(first: SeriesModel, last: SeriesModel, way: float) -> SeriesModel:
    """Return the network whose weights lie a part of the way from the first to the last."""
    model, ends = copy.deepcopy(first), last.state_dict()
    mixed: dict[str, Tensor] = {
        name: torch.lerp(weight, ends[name], way) if weight.is_floating_point() else weight
        for name, weight in first.state_dict().items()
    }
    model.load_state_dict(mixed)
    return model.eval()
