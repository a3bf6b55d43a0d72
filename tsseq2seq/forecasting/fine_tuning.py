"""Fine-tuning: pretrained weights trained further on a user's series, as far as that helps.

A network trained further forgets. So only a part of the way is gone: the weights lie between those that came
with the package and those at the end of the training, at the share that forecast the last horizon best when
the network was trained without it (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models")::

    pretrained ●───────────────────────●──────────● trained further
               0                     share        1
"""

from __future__ import annotations

import copy
import dataclasses
import time
import warnings

import numpy as np
import torch
from torch import Tensor

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.errors import TrainingWarning
from tsseq2seq.forecasting.enough_windows import whole_windows
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.network_share import least_share, windows_truth
from tsseq2seq.forecasting.prediction import quantiles_all
from tsseq2seq.forecasting.smoothing_beside import last_windows, windows_but_the_last
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
# Shares of the way that are tried, and the one without evidence.
_SHARES, _USUAL = np.array([0.0, 0.25, 0.5, 0.75, 1.0]), 0.25
# Fewer windows than this teach nothing that could be judged.
_FEWEST = 5


def fine_tuning(training: Training) -> Training:
    """Return the settings of a training that goes on from pretrained weights.

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
    adapted: FittedSeries, *, seed: int | None, started: float, checkpoint: Checkpoint
) -> tuple[FittedSeries, list[Record]]:
    """Train pretrained weights further, and go as far as serves the last horizon.

    Parameters
    ----------
    adapted
        The pretrained network on the series.
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
    training = adapted.resolved.training
    spent = time.monotonic() - started
    limit = None if training.max_time is None else (training.max_time - spent) / 2
    share = _share_of_the_way(adapted, limit, seed=seed, checkpoint=checkpoint.part("network_share"))
    model, records = _trained(adapted, TrainingTask.of(adapted), limit, seed=seed, checkpoint=checkpoint)
    return dataclasses.replace(adapted, members=(_between(adapted.members[0], model, share),)), records


def _share_of_the_way(
    adapted: FittedSeries, limit: float | None, *, seed: int | None, checkpoint: Checkpoint
) -> float:
    """Return how far to go, judged by the last horizon of each series, without which a copy is trained."""
    held_out = adapted.horizon
    if whole_windows(windows_but_the_last(adapted, held_out), held_out=held_out) < _FEWEST:
        return 0.0
    settings = dataclasses.replace(adapted.resolved.training, validation_size=held_out, progress=False)
    series = dataclasses.replace(adapted, resolved=dataclasses.replace(adapted.resolved, training=settings))
    task = dataclasses.replace(TrainingTask.of(series), held_out=None)
    open_end = dataclasses.replace(settings, validation_size=0)
    without = dataclasses.replace(series, resolved=dataclasses.replace(series.resolved, training=open_end))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)  # what is to be said is said of the network in use
        model, _ = _trained(without, task, limit, seed=seed, checkpoint=checkpoint)
    judged = adapted.with_bases(last_windows(adapted, each=1))
    truth = windows_truth(judged)
    errors = [
        _errors(
            dataclasses.replace(adapted, members=(_between(adapted.members[0], model, share),)), judged, truth
        )
        for share in _SHARES
    ]
    known = np.isfinite(errors).all(0)
    return least_share(np.stack(errors, axis=1)[known], _SHARES, usual=_USUAL) if known.any() else 0.0


def _trained(
    series: FittedSeries, task: TrainingTask, limit: float | None, *, seed: int | None, checkpoint: Checkpoint
) -> tuple[SeriesModel, list[Record]]:
    """Train a copy of the network."""
    objectives, records = train_members(
        lambda _, member_seed: task.objective(copy.deepcopy(series.members[0]), seed=member_seed),
        dataclasses.replace(series.resolved.training, max_time=limit),
        device=series.panel.values.device,
        seed=seed,
        started=time.monotonic(),
        checkpoint=checkpoint.of_data(series.panel, weights_of(series)),
    )
    return objectives[0].model, records


def _errors(series: FittedSeries, judged: Windows, truth: np.ndarray) -> np.ndarray:
    """Return the absolute error of the point forecast of each window, summed; NaN where nothing is known."""
    point = quantiles_all(series.members, judged, (), paths=1, seed=0, bounds=series.resolved.bounds)[..., 0]
    error = np.abs(point - truth)
    return np.where(np.isnan(error).all((1, 2)), np.nan, np.nansum(error, axis=(1, 2)))


def _between(first: SeriesModel, last: SeriesModel, share: float) -> SeriesModel:
    """Return the network whose weights lie a share of the way from the first to the last."""
    model, ends = copy.deepcopy(first), last.state_dict()
    mixed: dict[str, Tensor] = {
        name: torch.lerp(weight, ends[name], share) if weight.is_floating_point() else weight
        for name, weight in first.state_dict().items()
    }
    model.load_state_dict(mixed)
    return model.eval()
