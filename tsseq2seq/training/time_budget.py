"""How many training steps and validations fit into a time, measured by a few."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch

from tsseq2seq.hardware.devices import wait_for
from tsseq2seq.training.captured_steps import CapturedSteps, fastest_steps
from tsseq2seq.training.objective import Objective, PartlyValidated
from tsseq2seq.training.snapshot import load_snapshot, snapshot
from tsseq2seq.training.training import Training

__all__ = ["CALIBRATION_STEPS", "Budget", "affordable", "divided"]

#: Steps that are timed. An objective that draws several batches at once draws at most as many: then one such
#: draw falls into the timed steps (the one before falls into the warm-up).
CALIBRATION_STEPS = 8
_WARM_UPS = 2
# Of the time, steps that are tried out and validations may take so much each, unless the steps leave more.
_SHARE = 0.25
# A part of a validation is tried out where so many training steps fit into the time as well.
_STEPS_OF_A_VALIDATION = 2


@dataclass(frozen=True)
class Budget:
    """What fits into a time.

    Attributes
    ----------
    steps
        Training steps, at least 1.
    validation_every
        Steps between validations, where those asked for would take too much of the time; 0: there is no time
        for any. None: all that are asked for fit.
    reserved
        Seconds at the end for the last validation.
    """

    steps: int
    validation_every: int | None = None
    reserved: float = field(default=0.0, compare=False, repr=False)


def divided(
    seconds: float, *, step: float, validation: float, training: Training, validations: int
) -> Budget:
    """Divide a time between steps and validations: rather fewer validations than fewer steps.

    Parameters
    ----------
    seconds
        What is left.
    step, validation
        Seconds of one; a validation of 0 seconds is none, and there is never time for one of infinitely many.
    training
        How many steps are made at the most, and how many steps lie between validations.
    validations
        How many there will be, unless the settings say otherwise.

    Examples
    --------
    >>> divided(10.0, step=0.1, validation=1.0, training=Training(validation_size=1), validations=20)
    Budget(steps=80, validation_every=40)
    """
    most = training.max_steps
    alone = int(seconds / step)
    alone = alone if most is None else min(alone, most)
    if validation <= 0:
        return Budget(max(1, alone))
    if seconds <= 0 or validation == float("inf"):
        return Budget(max(1, alone), 0)
    spare = max(seconds - alone * step, _SHARE * seconds)
    every = training.validation_every
    wanted = validations if every is None else alone // every + 1
    count = int(min(wanted, spare / validation))
    if count == 0 and validation <= seconds / 2:
        count = 1
    steps = max(1, int((seconds - count * validation) / step))
    steps = steps if most is None else min(steps, most)
    if count == wanted:
        return Budget(steps, None, validation)
    return Budget(steps, -(-steps // count), validation) if count else Budget(steps, 0)


def affordable(
    objective: Objective,
    optimizer: torch.optim.Optimizer,
    training: Training,
    deadline: float,
    *,
    validations: int,
) -> Budget:
    """Return how much fits before the deadline, by timing a few training steps that are then undone.

    Parameters
    ----------
    objective, optimizer, training
        What is trained, and the settings; weights, optimiser and random state are restored.
    deadline
        ``time.monotonic()`` at which training must end.
    validations
        Number of validations to subtract the time of, if the training validates and does not say otherwise.
    """
    seconds = []
    tried_until = time.monotonic() + _SHARE * (deadline - time.monotonic())
    with _undone(objective, optimizer):
        # restoring moves the optimiser's state to new addresses, so these graphs cannot be used later
        make_step = fastest_steps(objective, optimizer, training)
        # after the warm-up, steps spread over the schedule, because their times may differ
        for position in (*[0] * _WARM_UPS, *range(CALIBRATION_STEPS)):
            step, total = 2 * position + 1, 2 * CALIBRATION_STEPS
            while isinstance(make_step, CapturedSteps) and not make_step.has_graph(step, total):
                make_step(step, total)
            begun = time.monotonic()
            make_step(step, total)
            wait_for(objective.device)
            seconds.append(time.monotonic() - begun)
            if time.monotonic() >= tried_until:
                break
        measured = seconds[_WARM_UPS:] or seconds
        one = sum(measured) / len(measured)
        left = deadline - time.monotonic()
        # where steps are this slow there is no time for a validation, nor to find out how long one takes
        hurried = left < _STEPS_OF_A_VALIDATION * one
        validation = 0.0
        if training.validation_size:
            validation = float("inf") if hurried else _seconds_of_validation(objective)
    left = deadline - time.monotonic()
    return divided(left, step=one, validation=validation, training=training, validations=validations)


def _seconds_of_validation(objective: Objective) -> float:
    """Return how long a validation takes; of one that can be divided, from its first part."""
    begun = time.monotonic()
    objective.module.eval()
    share = 1.0
    with torch.inference_mode():
        if isinstance(objective, PartlyValidated):
            share = objective.validate_part()
        else:
            objective.validate()
    return (time.monotonic() - begun) / share


@contextmanager
def _undone(objective: Objective, optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """Undo all changes by the training steps inside the block."""
    module = objective.module
    was_training, before = module.training, snapshot(objective, optimizer)
    module.train()
    yield
    load_snapshot(objective, optimizer, before)
    module.train(was_training)
