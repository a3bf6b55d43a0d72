"""Fitting several estimators in one time, one after the other or in processes side by side."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

import torch

from tsseq2seq.training.training import Training

__all__ = ["Trainable", "fit_together"]

# What is left of a time that is over, so that a training makes its first step.
_LEAST_SECONDS = 1e-3


@runtime_checkable
class Trainable(Protocol):
    """An estimator with a training; ``fit`` leaves in ``stopped_`` why it ended."""

    training: Training

    def fit(self, df: Any, *, warm_start: bool = False) -> Any:  # noqa: ANN401
        """Learn from a frame."""
        ...


AnyModel = TypeVar("AnyModel", bound=Trainable)


def fit_together(
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
        Seconds for all of them together, in equal shares, which replace the ``max_time`` of each. None: each
        takes its own.
    jobs
        How many are fitted at a time, each in a process of its own with its share of the threads.

    Returns
    -------
    list
        The fitted ones. An interrupt ends the fits, and those that were begun are returned; with several
        jobs it is raised.
    """
    jobs = min(jobs, len(models))
    # the clock on the wall is the same in all processes
    deadline = None if max_time is None else time.time() + max_time
    rounds = -(-len(models) // jobs)
    turns = [rounds - place // jobs for place in range(len(models))]
    if jobs > 1:
        return _side_by_side(models, frame, warm_start, deadline, turns, jobs)
    fitted: list[Any] = []
    for model, left in zip(models, turns, strict=True):
        fitted.append(_fit(model, frame, warm_start, deadline, left))
        if fitted[-1].stopped_ == "interrupt":
            break
    return fitted


def _side_by_side(
    models: Sequence[AnyModel],
    frame: Any,  # noqa: ANN401
    warm_start: bool,
    deadline: float | None,
    turns: Sequence[int],
    jobs: int,
) -> list[AnyModel]:
    from joblib import Parallel, delayed, parallel_config

    threads = max(1, torch.get_num_threads() // jobs)
    with parallel_config("loky", n_jobs=jobs, inner_max_num_threads=threads):
        return list(
            Parallel()(
                delayed(_fit)(model, frame, warm_start, deadline, left, threads)
                for model, left in zip(models, turns, strict=True)
            )
        )


def _fit(
    model: AnyModel,
    frame: Any,  # noqa: ANN401
    warm_start: bool,
    deadline: float | None,
    turns: int,
    threads: int | None = None,
) -> AnyModel:
    """Fit one in its share of the time left, in which so many turns are still to be taken."""
    if threads is not None:
        torch.set_num_threads(threads)
    given = model.training
    if deadline is not None:
        seconds = max(deadline - time.time(), _LEAST_SECONDS) / turns
        model.training = dataclasses.replace(given, max_time=seconds)
    try:
        model.fit(frame, warm_start=warm_start)
    finally:
        model.training = given
    return model
