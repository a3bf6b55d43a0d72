"""A time is divided between steps and validations."""

from __future__ import annotations

import time
import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.test_loop import Clock, LeastSquares
from tsseq2seq.errors import TrainingWarning
from tsseq2seq.training.loop import train
from tsseq2seq.training.members import train_members
from tsseq2seq.training.time_budget import Budget, divided
from tsseq2seq.training.training import Training


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    own = Clock()
    monkeypatch.setattr(time, "monotonic", own)
    return own


@given(
    seconds=st.floats(0.01, 1e4),
    step=st.floats(1e-4, 10),
    validation=st.floats(0, 1e4),
    every=st.one_of(st.none(), st.integers(1, 50)),
    most=st.one_of(st.none(), st.integers(1, 1000)),
)
def test_steps_have_three_quarters_of_the_time(
    seconds: float, step: float, validation: float, every: int | None, most: int | None
) -> None:
    training = Training(validation_size=1, validation_every=every, max_steps=most)
    budget = divided(seconds, step=step, validation=validation, training=training, validations=21)
    alone = int(seconds / step) if most is None else min(int(seconds / step), most)
    assert budget.steps >= 1
    assert budget.steps <= max(1, alone)
    if validation <= seconds / 4:
        assert budget.steps >= int(0.74 * alone)
        assert budget.validation_every != 0, "there is time for one"
    if validation > seconds / 2:
        assert budget.validation_every == 0 or budget.steps == max(1, alone)
    if budget.validation_every:
        count = -(-budget.steps // budget.validation_every)
        spent = budget.steps * step + count * validation
        assert spent <= seconds * (1 + 1e-9) or budget.steps == 1


def test_quick_validations_are_as_many_as_were_asked_for() -> None:
    training = Training(validation_size=1)
    assert divided(10.0, step=0.01, validation=0.1, training=training, validations=20) == Budget(800)


class Slow(LeastSquares):
    """Validation takes its time, a part of it less."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        super().__init__(clock=clock)
        self.seconds = seconds

    def validate(self) -> float | None:
        self.clock.pass_by(self.seconds)
        return super().validate()

    def validate_part(self) -> float:
        self.clock.pass_by(self.seconds / 100)
        return 0.01


@pytest.mark.parametrize("seconds", [0.5, 2.0, 18.0])
def test_slow_validation_neither_takes_the_steps_nor_breaks_the_time(clock: Clock, seconds: float) -> None:
    problem = Slow(clock, seconds)
    record = train(problem, Training(max_time=5.0, validation_size=1, progress=False))
    assert clock.now <= 1005.1
    assert record.steps > 1250 * 0.4
    assert record.validated is (seconds < 5)
    assert (problem.validations > 0) is (seconds < 5)
    assert bool(torch.isfinite(problem.module.weight).all())


def test_trying_out_takes_a_quarter_of_the_time_at_the_most(clock: Clock) -> None:
    problem = LeastSquares(clock=clock)
    healthy = problem.batch_loss

    def slow(step: int, total: int) -> torch.Tensor:
        clock.pass_by(0.4)
        return healthy(step, total)

    problem.batch_loss = slow  # type: ignore[method-assign]
    record = train(problem, Training(max_time=5.0, progress=False))
    assert record.steps >= 8


def slow_steps(problem: LeastSquares, seconds: float) -> None:
    """Have each training step of a problem take so long."""
    healthy = problem.batch_loss

    def slow(step: int, total: int) -> torch.Tensor:
        problem.clock.pass_by(seconds)
        return healthy(step, total)

    problem.batch_loss = slow  # type: ignore[method-assign]


def bar(limit: float, *, step: float) -> float:
    """How long a training may take: one needs a step that is tried out, and one that is made."""
    return max(1.1 * limit + 1, 2 * step + 0.1)


@given(
    limit=st.floats(1.0, 100.0),
    step=st.floats(0.02, 1.0),
    validation=st.floats(0.0, 3.0),
    every=st.sampled_from([None, 1, 3]),
    size=st.sampled_from([0, 1]),
)
@settings(max_examples=60)
def test_whatever_is_slow_the_time_is_kept(
    limit: float, step: float, validation: float, every: int | None, size: int
) -> None:
    """A step and a validation take a share of the limit, up to all of it and three times as much."""
    clock = Clock()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "monotonic", clock)
        problem = Slow(clock, validation * limit)
        slow_steps(problem, step * limit)
        every = every if size else None
        training = Training(max_time=limit, validation_size=size, validation_every=every, progress=False)
        record = train(problem, training)
    assert clock.now - 1000 <= bar(limit, step=step * limit + 0.004)
    assert record.steps >= 1
    assert bool(torch.isfinite(problem.module.weight).all())


@given(
    limit=st.floats(1.0, 100.0),
    step=st.floats(0.01, 0.3),
    validation=st.floats(0.0, 1.0),
    members=st.integers(2, 5),
    size=st.sampled_from([0, 1]),
)
@settings(max_examples=40)
def test_members_keep_the_time_together(
    limit: float, step: float, validation: float, members: int, size: int
) -> None:
    clock = Clock()

    def build(member: int, seed: int) -> Slow:
        problem = Slow(clock, validation * limit)
        slow_steps(problem, step * limit)
        return problem

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "monotonic", clock)
        training = Training(max_time=limit, members=members, validation_size=size, progress=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TrainingWarning)  # a short one deserves some
            _, records = train_members(build, training, device=torch.device("cpu"), seed=0, started=clock.now)
    assert len(records) == members
    assert clock.now - 1000 <= bar(limit, step=members * (step * limit + 0.004))
