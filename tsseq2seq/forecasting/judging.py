"""The judging network: trained as the one in use was, but without the last horizons, which then judge it."""

from __future__ import annotations

import copy
import dataclasses
import time
import warnings
from dataclasses import dataclass

import torch

from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor
from tsseq2seq.data.panel.window_index import cutoff_windows, training_windows
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.errors import DivergenceError, TrainingWarning, warn
from tsseq2seq.forecasting.enough_windows import whole_windows
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.training.checkpoint import Checkpoint
from tsseq2seq.training.members import train_members

__all__ = ["Judge", "last_windows", "trained_judge", "windows_but_the_last"]

# A network is judged on the last windows of so many series at the most.
_MOST_JUDGED = 1024
# A network that is left fewer windows than this learns nothing that could be judged.
_FEWEST = 5


@dataclass(frozen=True)
class Judge:
    """A network that has not seen the last horizons, and the windows of these.

    Attributes
    ----------
    series
        The fitted series, with this network in place of those in use.
    windows
        The last windows, with bases if the network adds to smoothing.
    horizons
        How many horizons, one after the other, the windows of a series cover.
    """

    series: FittedSeries
    windows: Windows
    horizons: int


def trained_judge(
    fitted: FittedSeries,
    *,
    horizons: int,
    seed: int | None,
    left: float | None,
    checkpoint: Checkpoint,
    otherwise: str,
    first: SeriesModel | None = None,
) -> Judge | None:
    """Train a network without the last horizons of each series.

    It takes as long as the one in use did, and no longer than the seconds left.

    Parameters
    ----------
    fitted
        The series, with the settings of the training.
    horizons
        Horizons to hold out.
    seed
        Of the first weights and the windows drawn.
    left
        Seconds. None: no limit.
    checkpoint
        Of its training.
    otherwise
        What is done without a judge, for the warning.
    first
        The network to begin from. None: a new one.

    Returns
    -------
    Judge or None
        None if too few windows or no time are left, or it diverges.

    Warns
    -----
    TrainingWarning
        If it diverges, so that nothing is judged.
    """
    held_out = horizons * fitted.horizon
    if left is not None and left <= 0:
        return None
    if whole_windows(windows_but_the_last(fitted, held_out), held_out=held_out) < _FEWEST:
        return None
    kept = dataclasses.replace(
        fitted.resolved.training, validation_size=held_out, members=1, progress=False, callbacks=()
    )
    series = dataclasses.replace(fitted, resolved=dataclasses.replace(fitted.resolved, training=kept))
    # what is held out decides on nothing in the training
    task = dataclasses.replace(TrainingTask.of(series), held_out=None)
    training = dataclasses.replace(kept, validation_size=0, max_time=left)
    began_from = () if first is None else (dict(first.state_dict()),)
    try:
        with warnings.catch_warnings():
            # what is to be said was said of the network in use
            warnings.simplefilter("ignore", TrainingWarning)
            objectives, _ = train_members(
                lambda _, member_seed: task.objective(copy.deepcopy(first), seed=member_seed),
                training,
                device=fitted.panel.values.device,
                seed=seed,
                started=time.monotonic(),
                checkpoint=checkpoint.of_data(fitted.panel, *began_from),
            )
    except DivergenceError as error:  # the network in use did not: it is worth keeping
        warn(
            "the network that was to judge the one in use on the last steps diverged, so that "
            f"{otherwise}: {error}",
            TrainingWarning,
        )
        return None
    trained = dataclasses.replace(fitted, members=tuple(objective.model for objective in objectives))
    last, bases = last_windows(trained, each=horizons), task.windows.bases
    # the bases of a panel are the same for all its windows, and take a while
    return Judge(trained, last if bases is None else last.with_bases(bases), horizons)


def windows_but_the_last(fitted: FittedSeries, held_out: int) -> Windows:
    """Return the training windows without the last steps of each series."""
    return training_windows(fitted.panel, fitted.shape(), held_out=held_out, stride=fitted.resolved.stride)


def last_windows(
    fitted: FittedSeries, *, each: int, most: int = _MOST_JUDGED, horizon: int | None = None
) -> Windows:
    """Return the last windows of so many series at the most, without bases.

    Parameters
    ----------
    fitted
        The series.
    each
        Windows of each series, a horizon apart.
    most
        Series at the most.
    horizon
        Steps of a window. None: those of training.
    """
    panel = fitted.panel
    chosen = evenly_spaced_tensor(panel.count, most, device=panel.values.device)
    earliest = torch.full_like(panel.lengths, int(panel.lengths.max()) + 1)
    earliest[chosen] = 1
    shape = fitted.shape(horizon)
    return cutoff_windows(
        panel,
        shape,
        windows=each,
        step=shape.horizon,
        earliest=earliest,
        moments=fitted.resolved.resolved_scaling.needs_history,
    )
