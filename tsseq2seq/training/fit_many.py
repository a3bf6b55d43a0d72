"""fit_many: fit several estimators within one time limit, one after the other or in parallel processes."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

import torch

from tsseq2seq.training.training import Training

__all__ = ["Trainable", "fit_many"]

# The time limit of a fit for which no time is left: a training makes at least one step.
_LEAST_SECONDS = 1e-3


@runtime_checkable
class Trainable(Protocol):
    """An estimator with ``training`` settings; after ``fit``, ``stopped_`` says why training ended."""

    training: Training

    def fit(self, df: Any, *, warm_start: bool = False) -> Any:  # noqa: ANN401
        """Fit on a frame."""
        ...


AnyModel = TypeVar("AnyModel", bound=Trainable)


def fit_many(
    models: Sequence[AnyModel],
    frame: Any,  # noqa: ANN401
    *,
    warm_start: bool = False,
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
    rounds_left = [rounds - index // jobs for index in range(len(models))]
    if jobs > 1:
        return _fit_in_processes(models, frame, warm_start, deadline, rounds_left, jobs)
    fitted: list[Any] = []
    for model, left in zip(models, rounds_left, strict=True):
        fitted.append(_fit(model, frame, warm_start, deadline, left))
        if fitted[-1].stopped_ == "interrupt":
            break
    return fitted


def _fit_in_processes(
    models: Sequence[AnyModel],
    frame: Any,  # noqa: ANN401
    warm_start: bool,
    deadline: float | None,
    rounds_left: Sequence[int],
    jobs: int,
) -> list[AnyModel]:
    from joblib import Parallel, delayed, parallel_config

    threads = max(1, torch.get_num_threads() // jobs)
    with parallel_config("loky", n_jobs=jobs, inner_max_num_threads=threads):
        return list(
            Parallel()(
                delayed(_fit)(model, frame, warm_start, deadline, left, threads)
                for model, left in zip(models, rounds_left, strict=True)
            )
        )


def _fit(
    model: AnyModel,
    frame: Any,  # noqa: ANN401
    warm_start: bool,
    deadline: float | None,
    rounds_left: int,
    threads: int | None = None,
) -> AnyModel:
    """Fit one estimator; its time limit is the time left, divided by the rounds left (this one included)."""
    if threads is not None:
        torch.set_num_threads(threads)
    original = model.training
    if deadline is not None:
        seconds = max(deadline - time.time(), _LEAST_SECONDS) / rounds_left
        model.training = dataclasses.replace(original, max_time=seconds)
    try:
        model.fit(frame, warm_start=warm_start)
    finally:
        model.training = original
    return model
