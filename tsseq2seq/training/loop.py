"""The training loop, for series and tokens alike: an objective computes the losses.

The loop in its plainest form::

    for step in range(total):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(training, step, total)     # warm-up, then a cosine
        with torch.autocast(device.type, torch.bfloat16):          # matrix products only, if that is faster
            loss = objective.batch_loss(step, total)               # draw a batch, and call the module
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), training.clip_norm)
        optimizer.step()

One training step is in :mod:`~tsseq2seq.training.step`, the sequence of steps with validations and saved
states in :mod:`~tsseq2seq.training.run`, and several networks in :mod:`~tsseq2seq.training.members`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch

from tsseq2seq.errors import ParameterError
from tsseq2seq.hardware.devices import device_prepared
from tsseq2seq.training.freezing import frozen
from tsseq2seq.training.keeper import Keeper
from tsseq2seq.training.objective import Objective, WithEpochs
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
    """Train a module in place, also inside ``torch.no_grad``.

    Ctrl-C ends training; the module then holds the weights that a finished training would leave (the best
    ones, or the average). Inside :func:`interrupts_raised` ``KeyboardInterrupt`` is raised after that.

    Parameters
    ----------
    objective
        Has the module, draws batches, and computes losses and the validation error.
    training
        The settings.
    started
        ``time.monotonic()`` at which ``max_time`` began; None: now.
    optimizer_state
        The optimiser's state in the record of an earlier training. None: a new state.
    observe
        Called after each tenth of the training, the last time with the final weights (not after an
        interrupt). An exception from it ends the training. Its seconds do not count towards ``max_time``.
        None: no observer.
    keeper
        Stores states of the training, from which a later one can continue. None: no state is stored.
    state
        A stored state to continue from, of a training with the same objective and settings. The result is
        then the same bit for bit as without the interruption (on the CPU, with ``max_steps`` as the only
        limit). None: a new training.
    label
        Text before the progress bar.

    Returns
    -------
    Record
        The steps made, why the training ended, its history, and the optimiser's state.

    Raises
    ------
    DivergenceError
        If the loss, or a weight at the end, is no longer finite.
    """
    started = time.monotonic() if started is None else started
    training = _with_steps(objective, training)
    with frozen(objective.module, training.freeze or ()):
        return _train_unfrozen(
            objective,
            training,
            started=started,
            optimizer_state=optimizer_state,
            observe=observe,
            keeper=keeper,
            state=state,
            label=label,
        )


def _with_steps(objective: Objective, training: Training) -> Training:
    """Return the settings with a number of steps in place of epochs."""
    if training.epochs is None:
        return training
    if not isinstance(objective, WithEpochs):
        raise ParameterError(
            f"Training: epochs is {training.epochs}, but {type(objective).__name__} knows no epochs; use "
            "max_steps"
        )
    return training.steps_of_epochs(objective.steps_an_epoch)


def _train_unfrozen(
    objective: Objective,
    training: Training,
    *,
    started: float,
    optimizer_state: State | None,
    observe: Observer | None,
    keeper: Keeper | None,
    state: State | None,
    label: str,
) -> Record:
    """Train the weights that need gradients; see :func:`train`."""
    optimizer = make_optimizer(objective, training)
    if optimizer_state:
        load_optimizer_state(optimizer, optimizer_state)
    raising = _interrupts_raised.get()
    with device_prepared(objective.device), torch.enable_grad():
        if state is None:
            pace = _plan_pace(objective, optimizer, training, started)
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
    """Have trainings inside the block raise ``KeyboardInterrupt`` when Ctrl-C is pressed.

    For loops over many trainings: an interrupted one must not pass for a finished one.
    """
    token = _interrupts_raised.set(True)
    try:
        yield
    finally:
        _interrupts_raised.reset(token)


def _train(run: TrainingRun, label: str, *, raise_interrupt: bool) -> Record:
    record = run.record
    run.objective.module.train()
    with (
        Progress(run.pace.planned_steps, shown=run.training.progress, label=label) as progress,
        run.callbacks.around(run.beginning(label)) as ended,
    ):
        try:
            run.steps(progress)
        except KeyboardInterrupt:
            record.stopped = "interrupt"
            if raise_interrupt or record.steps == 0:
                raise
        except Exception:
            # the step was whole, so that the training can go on without the callback
            if run.callbacks.raised and run.keeper is not None and run.reached < run.pace.planned_steps:
                run.keeper.keep(run.state())
            raise
        finally:
            run.finish()
            ended.append(run.ending())
    if record.stopped != "interrupt":
        run.call_observer(100)
    check_weights(run.objective.module, record, training=run.training)
    record.optimizer_state = run.optimizer.state_dict()
    return record


def _plan_pace(
    objective: Objective, optimizer: torch.optim.Optimizer, training: Training, started: float
) -> Pace:
    """Plan a training that begins now: ``max_steps``, or as many steps as fit into ``max_time``."""
    max_steps = training.max_steps
    if training.max_time is None:
        max_steps = max_steps or _DEFAULT_STEPS
        return Pace(max_steps, max_steps)
    deadline = started + training.max_time
    budget = affordable(objective, optimizer, training, deadline, validations=VALIDATIONS + 1)
    planned = budget.steps if max_steps is None else min(budget.steps, max_steps)
    return Pace(planned, max_steps, deadline - budget.reserved, time.monotonic(), budget.validation_every)
