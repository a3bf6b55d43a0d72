"""The training loop. It knows neither series nor tokens: an objective gives it losses.

The step, without what makes it fast or lets it be saved::

    for step in range(total):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(training, step, total)     # warm-up, then a cosine
        with torch.autocast(device.type, torch.bfloat16):          # products alone, where that is faster
            loss = objective.batch_loss(step, total)               # draw a batch, and call the module
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), training.clip_norm)
        optimizer.step()

:mod:`~tsseq2seq.training.step` makes it, :mod:`~tsseq2seq.training.run` goes on from step to step, and
:mod:`~tsseq2seq.training.members` trains several networks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch

from tsseq2seq.hardware.devices import device_prepared
from tsseq2seq.training.keeper import Keeper
from tsseq2seq.training.objective import Objective
from tsseq2seq.training.outcome import check_weights
from tsseq2seq.training.pace import Pace
from tsseq2seq.training.progress import Progress
from tsseq2seq.training.record import Record
from tsseq2seq.training.run import VALIDATIONS, Observer, TrainingRun
from tsseq2seq.training.state import State, load_optimizer_state
from tsseq2seq.training.step import make_optimizer
from tsseq2seq.training.time_budget import affordable
from tsseq2seq.training.training import Training

__all__ = ["interrupts_raised", "train"]

_interrupts_raised: ContextVar[bool] = ContextVar("interrupts_raised", default=False)

_DEFAULT_STEPS = 1000


def train(
    objective: Objective,
    training: Training,
    *,
    started: float | None = None,
    optimizer_state: State | None = None,
    observe: Observer | None = None,
    keeper: Keeper | None = None,
    state: State | None = None,
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
    keeper
        Keeps states from which a later training goes on. None: no state is kept.
    state
        Such a state, of a training with the same objective and settings. It then ends with the same bits as
        if it had never been put down (on a processor, and where ``max_steps`` alone limits it). None: the
        training begins.
    label
        What the progress bar says.

    Raises
    ------
    TrainingError
        If the loss, or a weight at the end, is no longer finite.
    """
    started = time.monotonic() if started is None else started
    optimizer = make_optimizer(objective, training)
    if optimizer_state:
        load_optimizer_state(optimizer, optimizer_state)
    raising = _interrupts_raised.get()
    with device_prepared(objective.device), torch.enable_grad():
        if state is None:
            pace = _paced(objective, optimizer, training, started)
        else:
            pace = Pace.of_state(state["pace"])
        run = TrainingRun(
            objective, training, optimizer, pace, started=started, observe=observe, keeper=keeper
        )
        if state is not None:
            run.load_state(state)
        return _train(run, label, raise_interrupt=raising)


@contextmanager
def interrupts_raised() -> Iterator[None]:
    """Have Ctrl-C raised by trainings inside: one of many runs must not look like a finished one."""
    token = _interrupts_raised.set(True)
    try:
        yield
    finally:
        _interrupts_raised.reset(token)


def _train(run: TrainingRun, label: str, *, raise_interrupt: bool) -> Record:
    record = run.record
    run.objective.module.train()
    with Progress(run.pace.planned_steps, shown=run.training.progress, label=label) as progress:
        try:
            run.steps(progress)
        except KeyboardInterrupt:
            record.stopped = "interrupt"
            if raise_interrupt or record.steps == 0:
                raise
        finally:
            run.finish()
    if record.stopped != "interrupt":
        run.observed(100)
    check_weights(run.objective.module, record, training=run.training)
    record.optimizer_state = run.optimizer.state_dict()
    return record


def _paced(
    objective: Objective, optimizer: torch.optim.Optimizer, training: Training, started: float
) -> Pace:
    """Plan a training that begins now: as many steps as are asked for, or as many as fit."""
    max_steps = training.max_steps
    if training.max_time is None:
        max_steps = max_steps or _DEFAULT_STEPS
        return Pace(max_steps, max_steps)
    deadline = started + training.max_time
    budget = affordable(objective, optimizer, training, deadline, validations=VALIDATIONS + 1)
    planned = budget.steps if max_steps is None else min(budget.steps, max_steps)
    return Pace(planned, max_steps, deadline - budget.reserved, time.monotonic(), budget.validation_every)
