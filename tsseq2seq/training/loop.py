"""The training loop. It knows neither series nor tokens: an objective gives it losses."""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

import torch
from torch import Tensor

from tsseq2seq.errors import TrainingError
from tsseq2seq.hardware.devices import device_prepared, wait_for
from tsseq2seq.training.averaging import AveragedWeights, CheckpointAverage, ExponentialAverage
from tsseq2seq.training.captured_steps import steps_of
from tsseq2seq.training.objective import Objective
from tsseq2seq.training.pace import Pace
from tsseq2seq.training.progress import Progress
from tsseq2seq.training.record import Record
from tsseq2seq.training.step import make_optimizer
from tsseq2seq.training.time_budget import affordable_steps
from tsseq2seq.training.training import Training

__all__ = ["Observer", "interrupts_raised", "train"]

#: Is told how much of the training is over, in percent, while the module holds the weights that would count.
Observer: TypeAlias = Callable[[int], None]

_interrupts_raised: ContextVar[bool] = ContextVar("interrupts_raised", default=False)

_DEFAULT_STEPS = 1000
_VALIDATIONS = 20
_LOOKS = 10
_LOGS = 200
# Where time is limited, a device is waited for after so many steps, or after those of a report if they are
# fewer: steps that are queued have taken no time yet, and the clock would not know of them.
_BEHIND = 8


def train(
    objective: Objective,
    training: Training,
    *,
    started: float | None = None,
    optimizer_state: dict[str, Any] | None = None,
    observe: Observer | None = None,
    label: str = "training",
) -> Record:
    """Train a module in place; gradients are recorded even if the caller has switched that off.

    Ctrl-C ends training, and the weights are put in order; inside :func:`interrupts_raised` it is
    raised after that.

    Parameters
    ----------
    objective
        Holds the module, draws batches, computes losses and the validation error.
    training
        The settings.
    started
        ``time.monotonic()`` at which ``max_time`` began; None: now.
    optimizer_state
        What an earlier training of the module left in its record. None: the optimiser starts anew.
    observe
        Looks at the training after each tenth of it, the last time at the weights that are left (not
        after an interrupt); what it raises ends the training. Its own seconds do not count for ``max_time``.
        None: nobody looks.
    label
        What the progress bar says.

    Raises
    ------
    TrainingError
        If the loss is no longer finite.
    """
    started = time.monotonic() if started is None else started
    raising = _interrupts_raised.get()
    with device_prepared(objective.device), torch.enable_grad():
        return _train(objective, training, started, optimizer_state, observe, label, raising)


@contextmanager
def interrupts_raised() -> Iterator[None]:
    """Have Ctrl-C raised by trainings inside: one of many runs must not look like a finished one."""
    token = _interrupts_raised.set(True)
    try:
        yield
    finally:
        _interrupts_raised.reset(token)


def _train(
    objective: Objective,
    training: Training,
    started: float,
    optimizer_state: dict[str, Any] | None,
    observe: Observer | None,
    label: str,
    raise_interrupt: bool,
) -> Record:
    module = objective.module
    optimizer = make_optimizer(objective, training)
    if optimizer_state:
        # what it remembers goes on; its options are those of this training
        own = {"param_groups": optimizer.state_dict()["param_groups"]}
        optimizer.load_state_dict(copy.deepcopy(optimizer_state) | own)
    deadline = None if training.max_time is None else started + training.max_time
    pace = _paced(objective, optimizer, training, deadline)
    run = _Run(objective, training, optimizer, pace, started, observe)
    module.train()
    with Progress(pace.n_steps, shown=training.progress, label=label) as progress:
        try:
            run.steps(progress)
        except KeyboardInterrupt:
            run.record.stopped = "interrupt"
            if raise_interrupt or run.record.steps == 0:
                raise
        finally:
            run.finish()
    if run.record.stopped != "interrupt":
        run.show(100)
    run.record.optimizer_state = optimizer.state_dict()
    return run.record


def _paced(
    objective: Objective, optimizer: torch.optim.Optimizer, training: Training, deadline: float | None
) -> Pace:
    """Plan a training that begins now: as many steps as are asked for, or as many as fit."""
    max_steps = training.max_steps
    if deadline is None:
        max_steps = max_steps or _DEFAULT_STEPS
        return Pace(max_steps, max_steps)
    affordable = affordable_steps(objective, optimizer, training, deadline, validations=_VALIDATIONS + 1)
    n_steps = affordable if max_steps is None else min(affordable, max_steps)
    return Pace(n_steps, max_steps, deadline, time.monotonic())


class _Run:
    """One training under way."""

    def __init__(
        self,
        objective: Objective,
        training: Training,
        optimizer: torch.optim.Optimizer,
        pace: Pace,
        started: float,
        observe: Observer | None,
    ) -> None:
        self.objective = objective
        self.training = training
        self.optimizer = optimizer
        self.record = Record(pace.n_steps)
        self.pace = pace
        self.started = started
        self.observe = observe
        self.make_step = steps_of(objective, optimizer, training)
        self.reached = 0
        self.tenths = 0
        self.every = training.validation_every or max(1, pace.n_steps // _VALIDATIONS)
        self.average = self._averaged()
        self.best_error = float("inf")
        self.best_weights: dict[str, Tensor] | None = None
        self.unreported: list[Tensor] = []

    def steps(self, progress: Progress) -> None:
        """Make the steps, with reports and validations in between."""
        record, training = self.record, self.training
        report_every = max(1, record.n_steps // _LOGS)
        waited = 0
        for step in itertools.count():
            if self.pace.deadline is not None and step % min(_BEHIND, report_every) == 0:
                wait_for(self.objective.device)
            if step and self.pace.over:
                record.stopped = "time"
                return
            place = self.pace.place(step)
            self.unreported.append(self.make_step(place, record.n_steps))
            record.steps = step + 1
            before, self.reached = self.reached, place + 1
            last = self.reached == record.n_steps
            if self.average is not None:
                self.average.update(self.reached)
            error = None
            if training.validation_size and (last or _passed(self.every, before, self.reached)):
                better, error = self._validate()
                waited = 0 if better else waited + 1
            if error is not None or last or _passed(report_every, before, self.reached):
                progress.update(self.reached, self._report(error), self.best_error)
            self._show_on_the_way()
            if training.patience is not None and waited >= training.patience:
                record.stopped = "patience"
                return
            if last:
                record.stopped = "steps" if record.steps == self.pace.max_steps else "time"
                return

    def finish(self) -> None:
        """Leave the weights that count in the module."""
        if self.unreported and self.record.stopped != "steps":
            self._report(None)
        if self.best_weights is not None:
            self.objective.module.load_state_dict(self.best_weights)
        else:
            self.record.best_step = self.record.steps
            if self.average is not None and self.record.steps:
                self.average.copy_to_module()
        self.objective.module.eval()

    def _averaged(self) -> AveragedWeights | None:
        module, training = self.objective.module, self.training
        if training.ema is not None:
            return ExponentialAverage(module, training.ema)
        if training.checkpoints is None:
            return None
        steps = self.record.n_steps
        return CheckpointAverage(module, count=training.checkpoints, every=self.every, steps=steps)

    @contextmanager
    def _looked_at(self) -> Iterator[None]:
        """Have the module as it would be used now."""
        module = self.objective.module
        module.eval()
        swap = self.average.swapped() if self.average is not None else _nothing()
        with swap, torch.inference_mode():
            yield
        module.train()

    def _show_on_the_way(self) -> None:
        tenths = _LOOKS * self.reached // self.record.n_steps
        if self.observe is not None and self.tenths < tenths < _LOOKS:
            self.tenths = tenths
            with self._looked_at():
                self.show(100 * tenths // _LOOKS)

    def show(self, percent: int) -> None:
        """Have the observer look; that takes nothing of the training's time."""
        if self.observe is None:
            return
        begun = time.monotonic()
        with torch.inference_mode():
            self.observe(percent)
        seconds = time.monotonic() - begun
        self.record.observer_seconds += seconds
        self.pace = self.pace.paused(seconds)

    def _validate(self) -> tuple[bool, float | None]:
        module = self.objective.module
        with self._looked_at():
            error = self.objective.validate()
            better = error is not None and error < self.best_error
            if better:
                self.best_error = float(error)  # type: ignore[arg-type]
                self.best_weights = {k: v.detach().clone() for k, v in module.state_dict().items()}
                self.record.best_step = self.record.steps
        return better, error

    def _report(self, error: float | None) -> float:
        loss = float(torch.stack(self.unreported).mean())
        self.unreported.clear()
        step = self.record.steps
        if loss != loss or loss in (float("inf"), float("-inf")):
            raise TrainingError(
                f"the loss is {loss} at step {step}; a lower learning_rate "
                f"(now {self.training.learning_rate}), a smaller clip_norm or precision='float32' may help"
            )
        row = {
            "step": step,
            "loss": loss,
            "learning_rate": self.optimizer.param_groups[0]["lr"],
            "validation_error": float("nan") if error is None else error,
            "seconds": time.monotonic() - self.started,
        }
        self.record.history.append(row)
        return loss


def _passed(every: int, before: int, now: int) -> bool:
    """Whether a multiple of ``every`` lies above ``before``, and not above ``now``."""
    return now // every > before // every


@contextmanager
def _nothing() -> Iterator[None]:
    yield
