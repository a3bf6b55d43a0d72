"""The loop on a problem whose solution is known: least squares."""

from __future__ import annotations

import time

import pytest
import torch
from torch import Tensor, nn

from tsseq2seq.errors import TrainingError
from tsseq2seq.training import loop
from tsseq2seq.training.loop import Record, interrupts_raised, train
from tsseq2seq.training.training import Training


class LeastSquares:
    """Fit a line to random points; the held-out error is the distance from the solution."""

    def __init__(self, noise: float = 0.0, pause: float = 0.0) -> None:
        self.recurrent_steps = 1
        self.module = nn.Linear(3, 1)
        self.device = torch.device("cpu")
        self.generator = torch.Generator().manual_seed(1)
        self.solution = torch.tensor([[1.0, -2.0, 0.5]])
        self.noise = noise
        self.pause = pause
        self.calls = 0
        self.errors: list[float] | None = None
        self.validations = 0

    def loss(self, step: int, total: int) -> Tensor:
        self.calls += 1
        time.sleep(self.pause)
        x = torch.randn(32, 3, generator=self.generator)
        y = x @ self.solution.T + self.noise * torch.randn(32, 1, generator=self.generator)
        return (self.module(x) - y).square().mean()

    def validate(self) -> float | None:
        assert not self.module.training
        self.validations += 1
        if self.errors is not None:
            return self.errors[self.validations - 1]
        return float((self.module.weight.detach() - self.solution).abs().max())


def run(problem: LeastSquares, **settings) -> Record:
    defaults = {"max_steps": 300, "learning_rate": 0.05, "weight_decay": 0.0, "progress": False}
    return train(problem, Training(**(defaults | settings)))


def test_it_finds_the_solution() -> None:
    problem = LeastSquares()
    record = run(problem)
    torch.testing.assert_close(problem.module.weight, problem.solution, atol=1e-2, rtol=0)
    assert (record.steps, record.n_steps, record.stopped) == (300, 300, "steps")
    assert record.history[-1]["loss"] < 1e-3
    assert not problem.module.training


def test_same_seed_same_weights_to_the_bit() -> None:
    weights = []
    for _ in range(2):
        torch.manual_seed(3)
        problem = LeastSquares(noise=1.0)
        run(problem, max_steps=50)
        weights.append(problem.module.weight.detach().clone())
    assert torch.equal(*weights)


def test_best_weights_are_restored_and_patience_stops() -> None:
    problem = LeastSquares()
    problem.errors = [3.0, 1.0, 2.0, 2.5, 0.0]
    seen: list[Tensor] = []
    validate = problem.validate

    def remember() -> float | None:
        seen.append(problem.module.weight.detach().clone())
        return validate()

    problem.validate = remember  # type: ignore[method-assign]
    record = run(problem, validation_size=1, validation_every=10, patience=2)
    assert record.stopped == "patience"
    assert record.steps == 40
    assert record.best_step == 20
    assert torch.equal(problem.module.weight, seen[1])


def test_without_validation_the_last_weights_count() -> None:
    problem = LeastSquares()
    record = run(problem, max_steps=7)
    assert problem.validations == 0
    assert record.best_step == 7


def test_nan_never_wins() -> None:
    problem = LeastSquares()
    problem.errors = [float("nan"), 2.0, float("nan"), 3.0]
    record = run(problem, max_steps=40, validation_size=1, validation_every=10)
    assert record.best_step == 20


def test_moving_average_replaces_the_weights() -> None:
    torch.manual_seed(0)
    plain = LeastSquares(noise=5.0)
    run(plain, schedule="constant", learning_rate=0.1)
    torch.manual_seed(0)
    averaged = LeastSquares(noise=5.0)
    run(averaged, schedule="constant", learning_rate=0.1, ema=0.98)
    assert averaged.validate() < plain.validate()


def test_max_time_counts_from_the_call() -> None:
    problem = LeastSquares(pause=0.004)
    begun = time.monotonic()
    record = run(problem, max_steps=None, max_time=1.0)
    assert time.monotonic() - begun < 1.4
    assert problem.calls == record.steps + loop._CALIBRATION_STEPS
    assert record.steps >= 0.5 * record.n_steps


def test_calibration_restores_weights_optimiser_and_random_state() -> None:
    torch.manual_seed(5)
    timed = LeastSquares(noise=1.0)
    record = run(timed, max_steps=20, max_time=60.0)
    torch.manual_seed(5)
    plain = LeastSquares(noise=1.0)
    run(plain, max_steps=20)
    assert record.n_steps == 20
    assert torch.equal(timed.module.weight, plain.module.weight)


def test_a_loss_that_is_not_finite_is_an_error_that_says_where() -> None:
    problem = LeastSquares()
    healthy = problem.loss
    problem.loss = lambda step, total: healthy(step, total) * (float("nan") if step == 5 else 1)  # type: ignore[method-assign]
    with pytest.raises(TrainingError, match=r"loss is nan at step \d+.*learning_rate"):
        run(problem, max_steps=20)


def interrupt_at(problem: LeastSquares, when: int) -> None:
    healthy = problem.loss

    def loss(step: int, total: int) -> Tensor:
        if step == when:
            raise KeyboardInterrupt
        return healthy(step, total)

    problem.loss = loss  # type: ignore[method-assign]


def test_ctrl_c_ends_training_with_the_best_weights() -> None:
    problem = LeastSquares()
    problem.errors = [1.0, 2.0]
    interrupt_at(problem, 25)
    record = run(problem, max_steps=100, validation_size=1, validation_every=10)
    assert (record.stopped, record.steps, record.best_step) == ("interrupt", 25, 10)
    assert record.history[-1]["step"] == 25
    assert not problem.module.training


def test_ctrl_c_is_raised_where_asked_for_and_before_the_first_step() -> None:
    problem = LeastSquares()
    interrupt_at(problem, 3)
    settings = Training(max_steps=10, progress=False)
    with interrupts_raised(), pytest.raises(KeyboardInterrupt):
        train(problem, settings)
    assert not problem.module.training, "the weights are in order all the same"
    problem = LeastSquares()
    interrupt_at(problem, 0)
    with pytest.raises(KeyboardInterrupt):
        train(problem, settings)


def test_progress_bar_shows_loss_and_validation_error(capsys: pytest.CaptureFixture[str]) -> None:
    run(LeastSquares(), max_steps=40, validation_size=1, progress=True)
    shown = capsys.readouterr().err
    assert "40/40" in shown
    assert "loss=" in shown
    assert "validation=" in shown


def test_denormals_are_flushed_where_the_recurrence_is_long() -> None:
    """A denormal survives a product in the loss of a short recurrence, and not in that of a long one."""
    survived: dict[int, bool] = {}
    for steps in (1, 200):
        problem = LeastSquares()
        problem.recurrent_steps = steps
        healthy = problem.loss

        def loss(step: int, total: int, healthy=healthy, steps: int = steps) -> Tensor:
            survived[steps] = float(torch.tensor([1e-39]) * 1.0) > 0
            return healthy(step, total)

        problem.loss = loss  # type: ignore[method-assign]
        run(problem, max_steps=2)
    assert survived == {1: True, 200: False}
