"""A training that diverges goes back to its last good state, with half the learning rate."""

from __future__ import annotations

import math
import warnings
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor

from tests.training.test_loop import LeastSquares, run
from tsseq2seq import Training
from tsseq2seq.errors import DivergenceError, TrainingError, TrainingWarning
from tsseq2seq.training.checkpoint import NoCheckpoint
from tsseq2seq.training.loop import train
from tsseq2seq.training.members import train_members
from tsseq2seq.training.rollback import MOST_ROLLBACKS, Rollback

CPU = torch.device("cpu")


class Fragile(LeastSquares):
    """Its loss is broken at one step while the learning rate is above a limit."""

    def __init__(self, at: int = 50, limit: float = 0.02, value: float = math.nan) -> None:
        torch.manual_seed(0)
        super().__init__()
        self.at, self.limit, self.value = at, limit, value
        self.rates: list[float] = []
        self.before: dict[int, list[Tensor]] = {}

    def batch_loss(self, step: int, total: int) -> Tensor:
        self.before.setdefault(step, []).append(self.module.weight.detach().clone())
        loss = super().batch_loss(step, total)
        rate = self.optimizer.param_groups[0]["lr"] if hasattr(self, "optimizer") else 0.0
        self.rates.append(rate)
        if step >= self.at and rate > self.limit:
            return loss * self.value if math.isnan(self.value) else loss + self.value
        return loss


@pytest.fixture
def told() -> list[str]:
    """Return what training warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def trained(problem: Fragile, monkeypatch: pytest.MonkeyPatch, **settings) -> object:
    from tsseq2seq.training import loop

    make = loop.make_optimizer

    def noted(objective, training):
        objective.optimizer = make(objective, training)
        return objective.optimizer

    with monkeypatch.context() as patch:
        patch.setattr(loop, "make_optimizer", noted)
        return run(problem, max_steps=100, learning_rate=0.05, schedule="constant", warmup=0.0, **settings)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e6])
def test_it_goes_back_and_finds_the_solution(value: float, told: list, monkeypatch) -> None:
    problem = Fragile(value=value)
    record = trained(problem, monkeypatch)
    assert record.steps == 100
    assert set(problem.rates) == {0.05, 0.025, 0.0125}, "halved twice"
    assert [one.category for one in told] == [TrainingWarning] * 2
    assert [row["step"] for row in record.history] == list(range(1, 101))
    assert record.history[-1]["loss"] < record.history[0]["loss"]
    assert all(math.isfinite(row["loss"]) for row in record.history)


def test_it_begins_again_from_the_very_state(told: list, monkeypatch) -> None:
    problem = Fragile()
    trained(problem, monkeypatch)
    # the same weights and, at half the rate, the same batches
    repeated = [step for step, weights in problem.before.items() if len(weights) == 3]
    first = repeated[0]
    assert 40 <= first <= 50, "the last state is at most a tenth of the training old"
    assert all(torch.equal(weights, problem.before[first][0]) for weights in problem.before[first])


def test_outliers_are_left_alone(told: list, monkeypatch) -> None:
    problem = Fragile(at=1000)
    plain = problem.batch_loss

    def with_outliers(step: int, total: int) -> Tensor:
        return plain(step, total) + (1e6 if step % 7 == 3 else 0.0)

    problem.batch_loss = with_outliers  # type: ignore[method-assign]
    trained(problem, monkeypatch)
    assert set(problem.rates) == {0.05}


def test_after_some_times_it_is_an_error(told: list, monkeypatch) -> None:
    problem = Fragile(limit=0.0)
    with pytest.raises(TrainingError, match="halved 3 times"):
        trained(problem, monkeypatch)
    assert len(told) == MOST_ROLLBACKS


def test_a_first_batch_without_a_loss_is_an_error_at_once(told: list, monkeypatch) -> None:
    problem = Fragile(at=0, limit=-1.0)
    with pytest.raises(TrainingError, match="at step 1"):
        trained(problem, monkeypatch)
    assert told == []


def test_averages_and_best_weights_go_back_too(told: list, monkeypatch) -> None:
    problem = Fragile()
    record = trained(problem, monkeypatch, ema=0.9, validation_size=1, validation_every=5)
    assert math.isfinite(float(problem.module.weight.sum()))
    assert record.best_step <= 100
    seen = [row["step"] for row in record.history if not math.isnan(row["validation_error"])]
    assert seen == list(range(5, 101, 5))


def test_it_is_resumed_bit_for_bit(told: list, monkeypatch) -> None:
    class Kept(Exception):
        pass

    class Keeper:
        def __init__(self, at: int) -> None:
            self.left, self.state = at, None

        def due(self, steps: int) -> bool:
            self.left -= 1
            return self.left == 0

        def keep(self, state) -> None:
            self.state = state
            raise Kept

    whole = Fragile(limit=-1.0, at=50)

    # broken whatever the rate, but only the first two times
    def broken_twice(problem: Fragile) -> None:
        plain, times = LeastSquares.batch_loss, []

        def loss(step: int, total: int) -> Tensor:
            value = plain(problem, step, total)
            if step == 50 and len(times) < 2:
                times.append(step)
                return value * math.nan
            return value

        problem.batch_loss = loss  # type: ignore[method-assign]

    training = Training(max_steps=100, learning_rate=0.05, weight_decay=0.0, progress=False)
    broken_twice(whole)
    train(whole, training)
    for at in (49, 52, 70):  # before, between and after the two times
        problem, keeper = Fragile(), Keeper(at)
        broken_twice(problem)
        with pytest.raises(Kept):
            train(problem, training, keeper=keeper)
        train(problem, training, state=keeper.state)
        assert torch.equal(problem.module.weight, whole.module.weight), at


def test_a_member_that_diverges_is_left_out(told: list) -> None:
    def build(member: int, seed: int) -> LeastSquares:
        problem = LeastSquares()
        if member == 1:
            plain = problem.batch_loss
            problem.batch_loss = lambda step, total: plain(step, total) * math.nan  # type: ignore[method-assign]
        return problem

    training = Training(max_steps=5, members=3, progress=False)
    objectives, records = train_members(build, training, device=CPU, seed=0, started=0.0)
    assert len(objectives) == len(records) == 2
    assert any("1 of 3 members diverged" in str(one.message) for one in told)


def test_if_all_diverge_it_is_an_error(told: list) -> None:
    def build(member: int, seed: int) -> LeastSquares:
        problem = LeastSquares()
        plain = problem.batch_loss
        problem.batch_loss = lambda step, total: plain(step, total) * math.nan  # type: ignore[method-assign]
        return problem

    for members in (1, 2):
        training = Training(max_steps=5, members=members, progress=False)
        with pytest.raises(DivergenceError, match="loss is nan at step 1"):
            train_members(build, training, device=CPU, seed=0, started=0.0)


def test_a_member_that_fails_otherwise_is_not_left_out() -> None:
    def build(member: int, seed: int) -> LeastSquares:
        problem = LeastSquares()
        if member == 1:

            def fail(step: int, total: int) -> Tensor:
                raise TrainingError("no graph could be captured")

            problem.batch_loss = fail  # type: ignore[method-assign]
        return problem

    training = Training(max_steps=5, members=3, progress=False)
    with pytest.raises(TrainingError, match="no graph could be captured"):
        train_members(build, training, device=CPU, seed=0, started=0.0)


def test_weights_that_the_last_step_breaks_count_as_divergence(told: list) -> None:
    def build(member: int, seed: int) -> LeastSquares:
        problem = LeastSquares()
        if member == 0:
            plain = problem.batch_loss

            def breaks(step: int, total: int) -> Tensor:
                loss = plain(step, total)
                if step == total - 1:  # finite, and its gradients are not
                    loss = (
                        loss + 0 * (problem.module.weight - problem.module.weight.detach()).abs().sqrt().sum()
                    )
                return loss

            problem.batch_loss = breaks  # type: ignore[method-assign]
        return problem

    training = Training(max_steps=5, members=2, progress=False, clip_norm=None)
    objectives, _ = train_members(build, training, device=CPU, seed=0, started=0.0)
    assert len(objectives) == 1
    assert objectives[0].module.weight.isfinite().all()
    assert any("1 of 2 members diverged" in str(one.message) for one in told)


def test_members_before_a_kill_that_diverged_are_not_trained_again(told: list) -> None:
    built: list[int] = []

    def build(member: int, seed: int) -> LeastSquares:
        built.append(member)
        problem = LeastSquares()
        if member == 0:
            problem.batch_loss = lambda step, total: torch.tensor(math.nan, requires_grad=True)  # type: ignore[method-assign]
        return problem

    class Given(NoCheckpoint):
        stored = None

        @contextmanager
        def keeping(self):
            yield self

        def due(self, steps: int) -> bool:
            return False

        def keep(self, state) -> None:
            Given.stored = state

        def state(self):
            return Given.stored

    training = Training(max_steps=5, members=2, progress=False)
    first, _ = train_members(build, training, device=CPU, seed=0, started=0.0, checkpoint=Given())
    again, _ = train_members(build, training, device=CPU, seed=0, started=0.0, checkpoint=Given())
    assert built == [0, 1, 1]
    assert torch.equal(first[0].module.weight, again[0].module.weight)


def test_far_above_is_measured_from_the_first_loss() -> None:
    rollback = Rollback()
    assert not any(rollback.diverged(loss, first=1e6) for loss in [1e7] * 6)
    assert [rollback.diverged(9.9, first=-2.0) for _ in range(6)] == [False] * 6
