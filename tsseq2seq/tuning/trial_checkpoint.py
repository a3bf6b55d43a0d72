"""The checkpoint of a trial: one whose worker died is continued by the trial that is run in its place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsseq2seq.settings import described
from tsseq2seq.training.checkpoint import NO_CHECKPOINT, Checkpoint
from tsseq2seq.training.digest import digest
from tsseq2seq.training.folder_checkpoint import FolderCheckpoint, holds_checkpoint

if TYPE_CHECKING:
    import optuna

__all__ = ["trial_checkpoint", "with_trial_folder"]


@contextmanager
def with_trial_folder(estimator: Any, trial: optuna.Trial) -> Iterator[None]:  # noqa: ANN401
    """Have an estimator's ``checkpoint``, if any, in a folder of the trial, which is removed at the end.

    The end is a result or an error. A process that is killed leaves the folder to the trial that repeats this
    one, which has the same settings.
    """
    training = getattr(estimator, "training", None)
    if training is None or training.checkpoint is None:
        yield
        return
    settings = digest(trial.study.study_name, described(estimator))[:12]
    folder = Path(training.checkpoint) / f"trial-{_first_attempt(trial)}-{settings}"
    estimator.set_params(training__checkpoint=folder)
    try:
        yield
    except Exception:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def trial_checkpoint(estimator: Any) -> Checkpoint:  # noqa: ANN401
    """Return where a trial stores states; it continues from those that lie there."""
    folder = estimator.training.checkpoint
    if folder is None:
        return NO_CHECKPOINT
    resume = folder if holds_checkpoint(Path(folder)) else None
    return FolderCheckpoint.of(estimator.training, described(estimator), resume)


def _first_attempt(trial: optuna.Trial) -> int:
    """Return the number of the trial that this one repeats, or its own."""
    from optuna.storages import RetryHeartbeatStaleTrialCallback

    frozen = trial.study.get_trials(deepcopy=False)[trial.number]
    history = RetryHeartbeatStaleTrialCallback.retry_history(frozen)
    return history[0] if history else trial.number
