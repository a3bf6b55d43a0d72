"""TrainingRun: the training steps of one network, with reports, validations and a state that can be saved."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TypeAlias

import torch
from torch import Tensor

from tsseq2seq.errors import DivergenceError, TrainingWarning, warn
from tsseq2seq.hardware.devices import wait_for
from tsseq2seq.training.averaging import AveragedWeights, CheckpointAverage, ExponentialAverage
from tsseq2seq.training.best_weights import BestWeights
from tsseq2seq.training.callback import Callbacks, Ended, Started
from tsseq2seq.training.captured_steps import CapturedSteps, fastest_steps
from tsseq2seq.training.keeper import Keeper
from tsseq2seq.training.objective import Measured, Objective
from tsseq2seq.training.pace import Pace
from tsseq2seq.training.progress import Progress
from tsseq2seq.training.record import Record
from tsseq2seq.training.rollback import Rollback
from tsseq2seq.training.snapshot import load_snapshot, snapshot
from tsseq2seq.training.state import State
from tsseq2seq.training.step import GradientSteps
from tsseq2seq.training.training import Training

__all__ = ["VALIDATIONS", "Observer", "TrainingRun"]

#: Called with the share of the training that is over, in percent, while the module holds the weights to use.
Observer: TypeAlias = Callable[[int], None]

#: Number of validations where ``validation_every`` is None.
VALIDATIONS = 20

_OBSERVATIONS = 10
_REPORTS = 200
# With a time limit the device is waited for after so many steps, or at each report if that is more often:
# the clock does not count steps that are queued.
_STEPS_BEFORE_WAITING = 8
# What takes so much of the time, a step or a validation, is not begun where it would end after it.
_SLOW = 0.05


class TrainingRun:
    """The training of one network: it makes training steps until the plan, the time or the patience ends.

    Parameters
    ----------
    objective, training
        What is trained, and the settings.
    optimizer
        The optimiser of the module's parameters.
    pace
        The plan.
    started
        ``time.monotonic()`` from which the record's seconds count.
    observe, keeper
        As for :func:`~tsseq2seq.training.loop.train`.
    """

    def __init__(
        self,
        objective: Objective,
        training: Training,
        optimizer: torch.optim.Optimizer,
        pace: Pace,
        *,
        started: float,
        observe: Observer | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self.objective = objective
        self.training = training
        self.optimizer = optimizer
        self.pace = pace
        self.started = started
        self.observe = observe
        self.keeper = keeper
        self.record = Record(pace.planned_steps)
        self.reached = 0  # planned steps that are over
        self.observations = 0
        self.checkpoint_every = training.validation_every or max(1, pace.planned_steps // VALIDATIONS)
        every = pace.validation_every
        self.validation_every = self.checkpoint_every if every is None else every  # 0: never
        self.validation_seconds = self.step_seconds = 0.0  # of the last one
        self.average = self._make_average()
        self.best = BestWeights()
        self.rollback = Rollback()
        self.make_step = self._fastest_steps()
        self.unreported: list[Tensor] = []
        self.callbacks = Callbacks(training.callbacks, started)

    def steps(self, progress: Progress) -> None:
        """Make training steps until the plan, the time or the patience ends.

        Raises
        ------
        DivergenceError
            If the training diverges, also from its last good state with a lower learning rate.
        """
        if self.rollback.good is None:
            self.rollback.keep(self._changing_state(), 0)
        while self.record.stopped == "":
            self._step(progress)
            if self.keeper is not None and not self.record.stopped and self.keeper.due(self.record.steps):
                self.keeper.keep(self.state())

    def _step(self, progress: Progress) -> None:
        record, planned = self.record, self.record.planned_steps
        report_every = max(1, planned // _REPORTS)
        if self.pace.deadline is not None and record.steps % min(_STEPS_BEFORE_WAITING, report_every) == 0:
            wait_for(self.objective.device)
        if record.steps and (self.pace.over or self._ends_too_late(self.step_seconds)):
            record.stopped = "time"
            return
        step = self.pace.schedule_step(record.steps)
        begun = time.monotonic()
        self.unreported.append(self.make_step(step, planned))
        self.step_seconds = time.monotonic() - begun
        record.steps += 1
        made = self.unreported[-1]
        before, self.reached = self.reached, step + 1
        last = self.reached == planned
        if self.average is not None:
            self.average.update(self.reached)
        error = self._validate() if self._validation_due(before, last=last) else None
        if error is not None or last or _multiple_between(report_every, before, self.reached):
            loss = self._report(error)
            if loss is None:
                return
            progress.update(self.reached, loss, self.best.error)
        self._observe_if_due()
        if self.callbacks:
            self._tell(made, error)
        patience = self.training.patience
        if patience is not None and self.best.without_improvement >= patience:
            record.stopped = "patience"
        elif self.callbacks.stop:
            record.stopped = "callback"
        elif last:
            record.stopped = "steps" if record.steps == self.pace.max_steps else "time"

    def finish(self) -> None:
        """Put the final weights into the module: the best ones, the average, or the last ones."""
        if self.unreported and self.record.stopped:
            loss = self._mean_loss()
            if not math.isfinite(loss):
                raise DivergenceError(self._divergence(loss))
            self._note(loss, None)
        self.record.validated = not self.training.validation_size or self.validation_every > 0
        if self.best.weights is not None:
            self.objective.module.load_state_dict(self.best.weights)
        else:
            self.record.best_step = self.record.steps
            if self.average is not None and self.record.steps:
                self.average.copy_to_module()
        self.objective.module.eval()

    def beginning(self, label: str) -> Started:
        """Return what callbacks are told when the training begins."""
        parameters = sum(weight.numel() for weight in self.objective.module.parameters())
        settings = {name: value for name, value in vars(self.training).items() if name != "callbacks"}
        return Started(label, self.record.planned_steps, self.record.steps, parameters, settings)

    def ending(self) -> Ended:
        """Return what callbacks are told when the training is over."""
        record = self.record
        return Ended(record.steps, self.callbacks.seconds, record.stopped or "error", record.history)

    def call_observer(self, percent: int) -> None:
        """Call the observer, and add its seconds to the deadline."""
        if self.observe is None:
            return
        begun = time.monotonic()
        with torch.inference_mode():
            self.observe(percent)
        seconds = time.monotonic() - begun
        self.record.observer_seconds += seconds
        self.pace = self.pace.delayed(seconds)

    def state(self) -> State:
        """Return everything that the rest of the training depends on."""
        return {
            "step": snapshot(self.objective, self.optimizer),
            "pace": self.pace.state(),
            "seconds": time.monotonic() - self.started,
            "record": self.record.state(),
            "reached": self.reached,
            "observations": self.observations,
            "average": None if self.average is None else self.average.state(),
            "best": self.best.state(),
            "rollback": self.rollback.state(),
            "unreported": [loss.clone() for loss in self.unreported],
        }

    def load_state(self, state: State) -> None:
        """Continue from a state; the pace is not read from it, but was given to ``__init__``."""
        load_snapshot(self.objective, self.optimizer, state["step"])
        self.started = time.monotonic() - state["seconds"]
        self.record.load_state(state["record"])
        self.reached, self.observations = state["reached"], state["observations"]
        if self.average is not None:
            self.average.load_state(state["average"])
        self.best.load_state(state["best"])
        self.rollback.load_state(state["rollback"])
        self.make_step = self._fastest_steps()
        self.unreported = [loss.to(self.objective.device) for loss in state["unreported"]]

    def _tell(self, loss: Tensor, error: float | None) -> None:
        """Tell callbacks of a step that is over, and of its validation."""
        rate = self.optimizer.param_groups[0]["lr"]
        self.callbacks.stepped(self.record.steps, self.record.planned_steps, rate, loss)
        if error is not None:
            self.callbacks.validated(self.record.steps, error, self.best.error)

    def _make_average(self) -> AveragedWeights | None:
        module, training = self.objective.module, self.training
        if training.ema is not None:
            return ExponentialAverage(module, training.ema)
        if training.checkpoints is None:
            return None
        return CheckpointAverage(
            module,
            count=training.checkpoints,
            every=self.checkpoint_every,
            steps=self.record.planned_steps,
        )

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        """Have the module in evaluation mode, with the averaged weights if there are any."""
        module = self.objective.module
        module.eval()
        with self.average.swapped() if self.average is not None else nullcontext(), torch.inference_mode():
            yield
        module.train()

    def _observe_if_due(self) -> None:
        observations = _OBSERVATIONS * self.reached // self.record.planned_steps
        if self.observe is not None and self.observations < observations < _OBSERVATIONS:
            self.observations = observations
            with self._evaluating():
                self.call_observer(100 * observations // _OBSERVATIONS)

    def _validation_due(self, before: int, *, last: bool) -> bool:
        """Whether it is time to validate, and there is time for it."""
        if not self.training.validation_size or not self.validation_every:
            return False
        if not (last or _multiple_between(self.validation_every, before, self.reached)):
            return False
        seconds = self.validation_seconds
        # the first one is made in any case, so that best weights can be kept; time is left for the last one
        return last or self.best.weights is None or not self._ends_too_late(seconds)

    def _ends_too_late(self, seconds: float) -> bool:
        """Whether what begins now and takes so long is slow, and would end after the deadline."""
        return seconds > _SLOW * (time.monotonic() - self.started) and self.pace.over_in(seconds)

    def _validate(self) -> float | None:
        begun = time.monotonic()
        with self._evaluating():
            error = self.objective.validate()
            self.validation_seconds = time.monotonic() - begun
            if self.best.update(self.objective.module, error):
                self.record.best_step = self.record.steps
        return error

    def _report(self, error: float | None) -> float | None:
        """Note the mean loss since the last report, and return it; None if the training went back."""
        loss, first = self._mean_loss(), self.record.first_loss
        if self.rollback.diverged(loss, first=first):
            self._go_back(loss)
            return None
        self._note(loss, error)
        if self.rollback.due(loss, self.reached, self.record.planned_steps, first=first):
            self.rollback.keep(self._changing_state(), self.reached)
        return loss

    def _mean_loss(self) -> float:
        """Return the mean loss since the last report."""
        if not self.record.history:
            self.record.first_loss = float(self.unreported[0])
        loss = float(torch.stack(self.unreported).mean())
        self.unreported.clear()
        return loss

    def _go_back(self, loss: float) -> None:
        """Continue from the last good state with half the learning rate.

        Raises
        ------
        DivergenceError
            If there is none, or that has not helped.
        """
        broken = self.record.steps
        # a first batch without a finite loss has none at any learning rate
        state = self.rollback.go_back() if math.isfinite(self.record.first_loss) else None
        if state is None:
            raise DivergenceError(self._divergence(loss))
        load_snapshot(self.objective, self.optimizer, state["step"])
        if self.average is not None:
            self.average.load_state(state["average"])
        self.best.load_state(state["best"])
        self.reached, self.observations = state["reached"], state["observations"]
        self.record.go_back(state["steps"], state["best_step"])
        self.make_step = self._fastest_steps()
        rate = self.training.learning_rate * self.rollback.rate_factor
        warn(
            f"the loss was {loss:.3g} at step {broken}: the training went back to step {state['steps']}, and "
            f"on with half the learning_rate, {rate:g}",
            TrainingWarning,
        )

    def _divergence(self, loss: float) -> str:
        """Say that the training diverged, and what may help."""
        gone = ""
        if self.rollback.times:
            gone = f", also with the learning_rate halved {self.rollback.times} times"
        return (
            f"the loss is {loss:.3g} at step {self.record.steps}{gone}; a lower learning_rate "
            f"(now {self.training.learning_rate}), a smaller clip_norm or precision='float32' may help"
        )

    def _changing_state(self) -> State:
        """Return what a training that goes back begins from."""
        return {
            "step": snapshot(self.objective, self.optimizer),
            "average": None if self.average is None else self.average.state(),
            "best": self.best.state(),
            "reached": self.reached,
            "observations": self.observations,
            "steps": self.record.steps,
            "best_step": self.record.best_step,
        }

    def _fastest_steps(self) -> CapturedSteps | GradientSteps:
        """Return what makes the steps, at the learning rate that is left."""
        rate = self.training.learning_rate * self.rollback.rate_factor
        training = dataclasses.replace(self.training, learning_rate=rate)
        return fastest_steps(self.objective, self.optimizer, training)

    def _note(self, loss: float, error: float | None) -> None:
        """Add a row to the history."""
        row = {
            "step": self.record.steps,
            "loss": loss,
            "learning_rate": self.optimizer.param_groups[0]["lr"],
            "validation_error": float("nan") if error is None else error,
            "seconds": time.monotonic() - self.started,
        }
        if isinstance(self.objective, Measured):
            measured = self.objective.measured
            row |= measured if error is not None else dict.fromkeys(measured, float("nan"))
        self.record.history.append(row)


def _multiple_between(every: int, before: int, now: int) -> bool:
    """Return whether a multiple of ``every`` is above ``before`` and at most ``now``."""
    return now // every > before // every
