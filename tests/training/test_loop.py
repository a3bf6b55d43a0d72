"""The loop on a problem whose solution is known: least squares."""

from __future__ import annotations

import copy
import math
import time

import pytest
import torch
from torch import Tensor, nn

from tsseq2seq.errors import TrainingError, TrainingWarning
from tsseq2seq.training import run as under_way
from tsseq2seq.training import time_budget
from tsseq2seq.training.loop import interrupts_raised, train
from tsseq2seq.training.record import Record
from tsseq2seq.training.training import Training


class Clock:
    """Seconds that pass only where a test says so: what counts time is then exact on any machine."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    own = Clock()
    monkeypatch.setattr(time, "monotonic", own)
    return own


class LeastSquares:
    """Fit a line to random points; the held-out error is the distance from the solution.

    A loss takes 4 ms of ``clock``, if one is given.
    """

    def __init__(self, noise: float = 0.0, clock: Clock | None = None) -> None:
        self.module = nn.Linear(3, 1)
        self.device = torch.device("cpu")
        self.generator = torch.Generator().manual_seed(1)
        self.solution = torch.tensor([[1.0, -2.0, 0.5]])
        self.noise = noise
        self.clock = clock
        self.calls = 0
        self.errors: list[float] | None = None
        self.validations = 0

    def batch_loss(self, step: int, total: int) -> Tensor:
        self.calls += 1
        if self.clock is not None:
            self.clock.pass_by(0.004)
        x = torch.randn(32, 3, generator=self.generator)
        y = x @ self.solution.T + self.noise * torch.randn(32, 1, generator=self.generator)
        return (self.module(x) - y).square().mean()

    def state(self) -> dict:
        return {"generator": self.generator.get_state()}

    def load_state(self, state: dict) -> None:
        self.generator.set_state(state["generator"])

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
    assert (record.steps, record.planned_steps, record.stopped) == (300, 300, "steps")
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


def test_without_a_limit_it_makes_its_own_number_of_steps() -> None:
    record = train(LeastSquares(), Training(progress=False))
    assert (record.steps, record.planned_steps, record.stopped) == (1000, 1000, "steps")


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


def test_max_time_counts_from_the_call(clock: Clock) -> None:
    problem = LeastSquares(clock=clock)
    record = run(problem, max_steps=None, max_time=1.0)
    assert clock.now == pytest.approx(1001.0, abs=0.008), "steps that were tried out count too"
    assert problem.calls == record.steps + time_budget._WARM_UPS + time_budget.CALIBRATION_STEPS
    assert record.steps - record.planned_steps in (0, 1)


def test_max_time_counts_from_when_it_is_said_to_have_begun(clock: Clock) -> None:
    problem = LeastSquares(clock=clock)
    settings = Training(max_time=1.0, learning_rate=0.05, progress=False)
    record = train(problem, settings, started=clock.now - 0.6)
    assert clock.now == pytest.approx(1000.4, abs=0.008)
    assert record.steps == pytest.approx(90, abs=2)


def test_a_machine_that_becomes_slow_ends_at_the_time_all_the_same(clock: Clock) -> None:
    problem = LeastSquares(clock=clock)
    healthy = problem.batch_loss

    def slower(step: int, total: int) -> Tensor:
        if problem.calls >= 60:
            clock.pass_by(0.05)
        return healthy(step, total)

    problem.batch_loss = slower  # type: ignore[method-assign]
    record = run(problem, max_steps=None, max_time=1.0)
    assert clock.now == pytest.approx(1001.0, abs=0.054)
    assert record.stopped == "time"
    assert record.steps < 0.4 * record.planned_steps
    assert record.history[-1]["learning_rate"] < 0.02 * 0.05, "the schedule is over when the time is"


@pytest.mark.parametrize("settings", [{}, {"ema": 0.9}, {"checkpoints": 3}, {"validation_size": 1}], ids=str)
def test_a_machine_that_becomes_fast_uses_the_time_up(clock: Clock, settings: dict[str, float]) -> None:
    """It makes more steps than were planned, and the schedule is over when the time is, not before."""
    problem, places = LeastSquares(clock=clock), []
    healthy = problem.batch_loss

    def faster(step: int, total: int) -> Tensor:
        places.append((step, total, clock.now))
        if problem.calls >= 60:
            clock.pass_by(-0.003)
        return healthy(step, total)

    problem.batch_loss = faster  # type: ignore[method-assign]
    record = run(problem, max_steps=None, max_time=1.0, **settings)
    assert clock.now == pytest.approx(1001.0, abs=0.008)
    assert record.stopped == "time"
    assert record.steps > 3 * record.planned_steps
    assert record.best_step <= record.steps == record.history[-1]["step"]
    assert record.history[-1]["learning_rate"] < 0.02 * 0.05
    calibrated = time_budget._WARM_UPS + time_budget.CALIBRATION_STEPS
    begun = places[calibrated][2]
    for step, total, now in places[calibrated:]:
        assert step / total == pytest.approx((now - begun) / (1001.0 - begun), abs=0.008)
    assert len(record.history) <= record.planned_steps, (
        "reports are as many as were planned, not as the steps are"
    )


def test_steps_asked_for_are_an_end_also_where_the_time_seemed_too_short(clock: Clock) -> None:
    problem = LeastSquares(clock=clock)
    healthy = problem.batch_loss

    def faster(step: int, total: int) -> Tensor:
        if problem.calls >= 60:
            clock.pass_by(-0.003)
        return healthy(step, total)

    problem.batch_loss = faster  # type: ignore[method-assign]
    record = run(problem, max_steps=400, max_time=1.0)
    assert record.planned_steps < 300, "the calibration saw the slow machine"
    assert record.stopped == "steps"
    assert record.steps == 400
    assert clock.now < 1000.8
    assert record.history[-1]["learning_rate"] < 0.02 * 0.05, "the schedule is over with the steps"


@pytest.mark.parametrize(
    ("max_time", "max_steps", "waits"),
    [(None, 30, 0), (1000.0, 30, 30), (1000.0, 200 * 3 + 1, 201), (1000.0, 200 * 20, 200 * 20 // 8)],
)
def test_where_time_is_limited_the_clock_waits_for_the_device(
    monkeypatch: pytest.MonkeyPatch, max_time: float | None, max_steps: int, waits: int
) -> None:
    """A device that is given steps faster than it makes them would otherwise be far behind the schedule."""
    waited: list[torch.device] = []
    monkeypatch.setattr(under_way, "wait_for", waited.append)
    problem = LeastSquares()
    run(problem, max_steps=max_steps, max_time=max_time)
    assert waited == [problem.device] * waits


def test_looks_and_validations_follow_the_schedule_of_a_machine_that_becomes_slow(clock: Clock) -> None:
    """What is looked at after a half is at the rate of a half, however many steps that took."""
    problem, seen = LeastSquares(clock=clock), []
    healthy = problem.batch_loss

    def slower(step: int, total: int) -> Tensor:
        clock.pass_by(0.03 if problem.calls >= 100 else 0.0)
        seen.append(step / total)
        return healthy(step, total)

    problem.batch_loss = slower  # type: ignore[method-assign]
    looks: list[tuple[int, float]] = []
    training = Training(max_time=1.0, learning_rate=0.05, progress=False, validation_size=1)
    record = train(problem, training, observe=lambda percent: looks.append((percent, seen[-1])))
    assert record.stopped == "time"
    assert [percent for percent, _ in looks] == list(range(10, 101, 10))
    for percent, place in looks:
        assert 100 * place == pytest.approx(percent, abs=8)
    assert not math.isnan(record.history[-1]["validation_error"]), "the last weights are validated"


def test_a_machine_as_fast_as_it_was_keeps_to_the_plan(clock: Clock) -> None:
    timed = run(LeastSquares(clock=clock), max_steps=None, max_time=1.0)
    counted = run(LeastSquares(clock=clock), max_steps=timed.planned_steps)
    rates = [[row["learning_rate"] for row in record.history] for record in (timed, counted)]
    assert rates[0] == pytest.approx(rates[1], abs=0.02 * 0.05)


def test_calibration_restores_weights_optimiser_and_random_state() -> None:
    torch.manual_seed(5)
    timed = LeastSquares(noise=1.0)
    record = run(timed, max_steps=20, max_time=60.0)
    torch.manual_seed(5)
    plain = LeastSquares(noise=1.0)
    run(plain, max_steps=20)
    assert record.planned_steps == 20
    assert torch.equal(timed.module.weight, plain.module.weight)


def test_a_loss_that_is_not_finite_is_an_error_that_says_where() -> None:
    problem = LeastSquares()
    healthy = problem.batch_loss
    problem.batch_loss = lambda step, total: healthy(step, total) * (float("nan") if step == 5 else 1)  # type: ignore[method-assign]
    with (
        pytest.warns(TrainingWarning, match="went back"),
        pytest.raises(TrainingError, match=r"loss is nan at step 6.*halved 3 times.*learning_rate"),
    ):
        run(problem, max_steps=20)


def interrupt_at(problem: LeastSquares, when: int) -> None:
    healthy = problem.batch_loss

    def loss(step: int, total: int) -> Tensor:
        if step == when:
            raise KeyboardInterrupt
        return healthy(step, total)

    problem.batch_loss = loss  # type: ignore[method-assign]


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


def test_interrupts_are_raised_inside_the_context_alone() -> None:
    problem = LeastSquares()
    with pytest.raises(ValueError, match="out of it"), interrupts_raised():
        raise ValueError("out of it")
    interrupt_at(problem, 3)
    assert run(problem, max_steps=10).stopped == "interrupt"


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "adagrad", "rmsprop"])
def test_with_the_optimisers_state_two_trainings_are_one(optimizer: str) -> None:
    """To the bit, where the learning rate is constant: the same as an uninterrupted run."""
    settings = {"optimizer": optimizer, "schedule": "constant", "warmup": 0.0, "weight_decay": 0.01}
    weights = []
    for parts in ([20], [8, 12]):
        torch.manual_seed(2)
        problem, state = LeastSquares(noise=1.0), None
        for steps in parts:
            training = Training(max_steps=steps, learning_rate=0.05, progress=False, **settings)
            record = train(problem, training, optimizer_state=state)
            state = record.optimizer_state
        weights.append(problem.module.weight.detach().clone())
    assert torch.equal(*weights)


def test_the_state_given_is_not_changed_and_its_options_do_not_win() -> None:
    problem = LeastSquares()
    state = run(problem, max_steps=5, optimizer="adamw", weight_decay=0.0).optimizer_state
    before = copy.deepcopy(state)
    training = Training(max_steps=5, progress=False, optimizer="adamw", weight_decay=0.7)
    after = train(problem, training, optimizer_state=state).optimizer_state
    assert after["param_groups"][0]["weight_decay"] == 0.7
    assert after["state"][0]["step"] == 10
    assert before["param_groups"] == state["param_groups"]
    for weight, entry in before["state"].items():
        assert all(torch.equal(entry[name], state["state"][weight][name]) for name in entry)


def test_the_clock_of_a_time_limit_does_not_touch_a_state_given() -> None:
    """Calibration makes throw-away steps: the state they leave must be the one given."""
    finals = []
    for max_time in (None, 60.0):
        torch.manual_seed(2)
        problem = LeastSquares(noise=1.0)
        state = run(problem, max_steps=5).optimizer_state
        training = Training(max_steps=5, max_time=max_time, progress=False)
        finals.append(train(problem, training, optimizer_state=state))
    for weight, entry in finals[0].optimizer_state["state"].items():
        other = finals[1].optimizer_state["state"][weight]
        assert all(torch.equal(entry[name], other[name]) for name in entry)


def test_the_label_stands_before_the_bar(capsys: pytest.CaptureFixture[str]) -> None:
    train(LeastSquares(), Training(max_steps=3, progress=True), label="training 2")
    assert "training 2:" in capsys.readouterr().err


def test_progress_bar_shows_loss_and_validation_error(capsys: pytest.CaptureFixture[str]) -> None:
    run(LeastSquares(), max_steps=40, validation_size=1, progress=True)
    shown = capsys.readouterr().err
    assert "40/40" in shown
    assert "loss=" in shown
    assert "validation=" in shown


def test_gradients_are_recorded_whatever_the_caller_switched_off() -> None:
    problem = LeastSquares()
    before = problem.module.weight.detach().clone()
    with torch.no_grad():
        run(problem, max_steps=2)
        assert not torch.is_grad_enabled()
    assert not torch.equal(problem.module.weight, before)


def test_denormals_are_flushed_while_training_and_not_after() -> None:
    """A denormal does not survive a product in the loss."""
    survived: list[bool] = []
    problem = LeastSquares()
    healthy = problem.batch_loss

    def loss(step: int, total: int) -> Tensor:
        survived.append(float(torch.tensor([1e-39]) * 1.0) > 0)
        return healthy(step, total)

    problem.batch_loss = loss  # type: ignore[method-assign]
    run(problem, max_steps=2)
    assert survived == [False, False]
    assert float(torch.tensor([1e-39]) * 1.0) > 0


class TestObserver:
    """Somebody looks at a training under way."""

    @staticmethod
    def watched(observe, problem: LeastSquares | None = None, **settings) -> tuple[LeastSquares, Record]:
        problem = problem or LeastSquares()
        defaults = {"learning_rate": 0.05, "weight_decay": 0.0, "progress": False}
        return problem, train(problem, Training(**(defaults | settings)), observe=observe)

    @pytest.mark.parametrize("steps", [10, 11, 15, 19, 20, 25, 100, 109, 1234])
    def test_ten_looks_whatever_the_number_of_steps(self, steps: int) -> None:
        """A tenth of the training apart: searches compare trainings of different length by them."""
        problem, seen = LeastSquares(), []
        self.watched(lambda percent: seen.append((percent, problem.calls)), problem, max_steps=steps)
        assert [percent for percent, _ in seen] == list(range(10, 101, 10))
        assert [calls for _, calls in seen] == [-(-steps * place // 10) for place in range(1, 11)]

    def test_short_trainings_are_looked_at_after_each_step(self) -> None:
        seen: list[int] = []
        self.watched(seen.append, max_steps=3)
        assert seen == [30, 60, 100]

    def test_the_last_look_at_an_early_end(self) -> None:
        problem = LeastSquares()
        problem.errors = [1.0, 2.0, 3.0, 4.0]
        seen: list[tuple[int, int]] = []
        _, record = self.watched(
            lambda percent: seen.append((percent, problem.calls)), problem, max_steps=100, validation_size=1,
            validation_every=7, patience=2,
        )  # fmt: skip
        assert (record.stopped, record.steps) == ("patience", 21)
        assert seen == [(10, 10), (20, 20), (100, 21)]

    def test_it_sees_the_module_as_it_would_be_used(self) -> None:
        problem = LeastSquares()

        def look(percent: int) -> None:
            assert not problem.module.training
            assert not problem.module(torch.ones(1, 3)).requires_grad

        problem, record = self.watched(look, problem, max_steps=20)
        assert record.steps == 20

    @pytest.mark.parametrize(
        "average", [{"ema": 0.9}, {"checkpoints": 3, "validation_every": 4}], ids=["ema", "checkpoints"]
    )
    def test_it_sees_averaged_weights(self, average: dict[str, float]) -> None:
        problem, seen = LeastSquares(noise=3.0), []
        _, record = self.watched(
            lambda percent: seen.append(problem.module.weight.detach().clone()),
            problem,
            max_steps=20,
            **average,
        )
        assert record.steps == 20
        assert torch.equal(seen[-1], problem.module.weight), "the last look sees what is left in the end"

    @pytest.mark.parametrize(
        "settings", [{}, {"ema": 0.9}, {"validation_size": 1}], ids=["plain", "ema", "validation"]
    )
    def test_looking_changes_nothing(self, settings: dict[str, float]) -> None:
        weights = []
        for observe in (None, lambda percent: None):
            torch.manual_seed(4)
            problem, _ = self.watched(observe, LeastSquares(noise=1.0), max_steps=33, **settings)
            weights.append(problem.module.weight.detach().clone())
        assert torch.equal(*weights)

    def test_its_seconds_do_not_count_for_max_time(self, clock: Clock) -> None:
        problem = LeastSquares(clock=clock)
        _, record = self.watched(lambda percent: clock.pass_by(0.15), problem, max_time=0.6)
        assert record.observer_seconds == pytest.approx(1.5)
        assert clock.now == pytest.approx(1002.1, abs=0.008)
        assert record.steps - record.planned_steps in (0, 1)

    def test_what_it_raises_ends_the_training_with_the_weights_in_order(self) -> None:
        problem, own = LeastSquares(noise=3.0), []

        def look(percent: int) -> None:
            if percent == 20:
                own.append(problem.module.weight.detach().clone())
                raise LookupError("enough")

        with pytest.raises(LookupError, match="enough"):
            self.watched(look, problem, max_steps=20, ema=0.9)
        assert not problem.module.training
        assert torch.equal(problem.module.weight, own[0]), "the average, as if training had ended there"
        assert problem.calls == 4
