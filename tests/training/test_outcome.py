"""A training that broke, diverged or had no time does not end as if nothing were."""

from __future__ import annotations

import math
import warnings

import pytest
import torch
from torch import nn

from tests.training.test_loop import LeastSquares
from tsseq2seq.errors import TrainingError, TrainingWarning
from tsseq2seq.training.loop import train
from tsseq2seq.training.outcome import check_weights, loss_grew, warn_of_outcome
from tsseq2seq.training.record import Record
from tsseq2seq.training.training import Training

CPU = torch.device("cpu")


def breaking(when: int) -> LeastSquares:
    """The gradient of a step is not finite, though its loss is."""
    problem = LeastSquares()
    healthy = problem.batch_loss

    def loss(step: int, total: int) -> torch.Tensor:
        value = healthy(step, total)
        if step == when:
            value.register_hook(lambda gradient: gradient * math.nan)
        return value

    problem.batch_loss = loss  # type: ignore[method-assign]
    return problem


@pytest.mark.parametrize("clip_norm", [None, 1.0])
@pytest.mark.parametrize("averages", [{}, {"ema": 0.9}, {"checkpoints": 2}], ids=str)
def test_a_last_step_that_breaks_the_weights_is_refused(averages: dict, clip_norm: float | None) -> None:
    training = Training(max_steps=6, progress=False, clip_norm=clip_norm, **averages)
    with pytest.raises(TrainingError, match="weight"):
        train(breaking(5), training)


def test_weights_that_were_best_before_the_break_are_kept() -> None:
    problem = breaking(5)
    record = train(problem, Training(max_steps=6, progress=False, validation_size=1, validation_every=1))
    assert record.best_step < 6
    assert bool(problem.module.weight.isfinite().all())


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, 1])
def test_each_parameter_is_looked_at(value: float, place: int) -> None:
    module = nn.Linear(2, 1)
    check_weights(module, Record(1, steps=1), training=Training())
    with torch.no_grad():
        list(module.parameters())[place].view(-1)[-1] = value
    with pytest.raises(TrainingError, match=["weight", "bias"][place]):
        check_weights(module, Record(1, steps=1), training=Training())


def record_of(losses: list[float], *, first: float = 1.0, best: int | None = None, **options) -> Record:
    rows = [{"step": step, "loss": loss} for step, loss in enumerate(losses, start=1)]
    best = len(losses) if best is None else best
    return Record(len(losses), len(losses), "steps", best, rows, first_loss=first, **options)


@pytest.mark.parametrize(
    ("losses", "first", "best", "grew"),
    [
        ([1.0, 0.5, 0.2], 1.0, None, False),
        ([1.0, 2.0, 5.0], 1.0, None, False),  # worse, but not absurd
        ([1e-7, 1e-3], 1e-7, None, False),  # forecast nearly exactly from the beginning
        ([-1.0, -3.0], -1.0, None, False),  # a likelihood
        ([1.0, 1e3, 1e15], 1.0, None, True),
        ([1e9, 1e6], 1.0, None, True),  # falls again, from what the first steps broke
        ([2e5, 1e5], 1e5, None, False),  # values that were not scaled
        ([1.0, 0.4, 1e9], 1.0, 2, False),  # the best weights were kept
        ([0.1] * 39 + [500.0, 0.1], 1.0, None, True),
        ([0.1] * 99 + [30.0], 1.0, None, False),  # one outlier of five batches
        ([], math.nan, None, False),
    ],
)
def test_growth(losses: list[float], first: float, best: int | None, grew: bool) -> None:
    assert loss_grew(record_of(losses, first=first, best=best)) is grew


def test_growth_is_said_once_for_all_members() -> None:
    records = [record_of([1.0, 50.0, 900.0], first=1.0, best=None) for _ in range(2)]
    with pytest.warns(TrainingWarning, match=r"diverged.*learning_rate \(now 100") as told:
        warn_of_outcome(records, Training(members=2, learning_rate=100.0))
    assert len(told) == 1


@pytest.mark.parametrize(
    ("steps", "stopped", "said"), [(9, "time", True), (10, "time", False), (1, "steps", False)]
)
def test_a_handful_of_steps_is_said_where_the_time_ended_it(steps: int, stopped: str, said: bool) -> None:
    record = Record(steps, steps, stopped, steps)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        warn_of_outcome([Record(50, 50, "time", 50), record], Training(max_time=3.0, members=2))
    assert [bool("max_time is 3 s" in str(one.message)) for one in told] == [True] * said
