"""fit_many: fit several estimators within one time limit, one after the other or in parallel processes."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

import torch

from tsseq2seq.training.folder_checkpoint import holds_checkpoint
from tsseq2seq.training.training import Training

__all__ = ["Trainable", "fit_many"]

# The time limit of a fit for which no time is left: a training makes at least one step.
_LEAST_SECONDS = 1e-3


@runtime_checkable
class Trainable(Protocol):
    """An estimator with ``training`` settings; after ``fit``, ``stopped_`` says why training ended."""

    training: Training

    def fit(self, df: Any, *, warm_start: bool = False, resume: Any = None) -> Any:  # noqa: ANN401
        """Fit on a frame."""
        ...


AnyModel = TypeVar("AnyModel", bound=Trainable)


def fit_many(
    models: Sequence[AnyModel],
    frame: Any,  # noqa: ANN401
    *,
    warm_start: bool = False,
    resume: Path | None = None,
    max_time: float | None = None,
    jobs: int = 1,
) -> list[AnyModel]:
    """Fit estimators on the same frame.

    Parameters
    ----------
    models
        Fitted in place where ``jobs`` is 1.
    frame, warm_start
        Passed to each ``fit``.
    resume
        A folder with a checkpoint of each fit, in the folders ``forecaster-0``, ``forecaster-1`` …, which is
        also where checkpoints are written; those without one are fitted anew. None: all are.
    max_time
        Seconds for all fits, in equal shares, which replace the ``max_time`` of each. None: each keeps its
        own.
    jobs
        Number of processes; each fits one estimator at a time, with an equal share of the threads.

    Returns
    -------
    list
        The fitted estimators. An interrupt ends the fits, and those that were begun are returned; with
        several jobs ``KeyboardInterrupt`` is raised.
    """
    jobs = min(jobs, len(models))
    # time.time is the same in all processes, time.monotonic need not be
    deadline = None if max_time is None else time.time() + max_time
    rounds = -(-len(models) // jobs)
    tasks = [
        _Fit(model, frame, warm_start, resume, number, deadline, rounds - number // jobs)
        for number, model in enumerate(models)
    ]
    if jobs > 1:
        return _fit_in_processes(tasks, jobs)
    fitted: list[Any] = []
    for task in tasks:
        fitted.append(task.run())
        if fitted[-1].stopped_ == "interrupt":
            break
    return fitted


def _fit_in_processes(tasks: Sequence[_Fit], jobs: int) -> list[Any]:
    from joblib import Parallel, delayed, parallel_config

    threads = max(1, torch.get_num_threads() // jobs)
    with parallel_config("loky", n_jobs=jobs, inner_max_num_threads=threads):
        return list(Parallel()(delayed(task.run)(threads) for task in tasks))


@dataclass(frozen=True)
class _Fit:
    """The fit of one estimator.

    Attributes
    ----------
    model, frame, warm_start, resume
        As for :func:`fit_many`.
    number
        Place of the estimator.
    deadline
        ``time.time()`` at which all fits should be over. None: no limit.
    rounds_left
        By what the time left is divided, this fit included.
    """

    model: Any
    frame: Any
    warm_start: bool
    resume: Path | None
    number: int
    deadline: float | None
    rounds_left: int

    def run(self, threads: int | None = None) -> Any:  # noqa: ANN401
        """Fit the estimator, and return it."""
        if threads is not None:
            torch.set_num_threads(threads)
        model, name = self.model, f"forecaster-{self.number}"
        original = model.training
        resumed = None if self.resume is None else self.resume / name
        try:
            model.training = self._training(original, name)
            model.fit(
                self.frame,
                warm_start=self.warm_start,
                resume=resumed if resumed is not None and holds_checkpoint(resumed) else None,
            )
        finally:
            model.training = original
        return model

    def _training(self, training: Training, name: str) -> Training:
        """Return the settings with this fit's share of the time, and its folder of the checkpoint."""
        changes: dict[str, Any] = {}
        if self.deadline is not None:
            changes["max_time"] = max(self.deadline - time.time(), _LEAST_SECONDS) / self.rounds_left
        if training.checkpoint is not None:
            changes["checkpoint"] = Path(training.checkpoint) / name
        return dataclasses.replace(training, **changes)
