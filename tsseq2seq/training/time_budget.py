"""affordable_steps: how many training steps fit into a time, measured by a few."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tsseq2seq.hardware.devices import wait_for
from tsseq2seq.training.captured_steps import CapturedSteps, fastest_steps
from tsseq2seq.training.objective import Objective
from tsseq2seq.training.snapshot import load_snapshot, snapshot
from tsseq2seq.training.training import Training

__all__ = ["CALIBRATION_STEPS", "affordable_steps"]

#: Steps that are timed. An objective that draws several batches at once draws at most as many: then one such
#: draw falls into the timed steps (the one before falls into the warm-up).
CALIBRATION_STEPS = 8
_WARM_UPS = 2


def affordable_steps(
    objective: Objective,
    optimizer: torch.optim.Optimizer,
    training: Training,
    deadline: float,
    *,
    validations: int,
) -> int:
    """Return how many training steps fit before the deadline, by timing a few that are then undone.

    Parameters
    ----------
    objective, optimizer, training
        What is trained, and the settings; weights, optimiser and random state are restored.
    deadline
        ``time.monotonic()`` at which training must end.
    validations
        Number of validations to subtract the time of, if the training validates.

    Returns
    -------
    int
        At least 1.
    """
    seconds = []
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
            if time.monotonic() >= deadline:
                break
        measured = seconds[_WARM_UPS:] or seconds
        seconds_a_step = sum(measured) / len(measured)
        seconds_left = deadline - time.monotonic()
        if training.validation_size:
            begun = time.monotonic()
            objective.module.eval()
            with torch.inference_mode():
                objective.validate()
            seconds_left -= validations * (time.monotonic() - begun)
    return max(1, int(seconds_left / seconds_a_step))


@contextmanager
def _undone(objective: Objective, optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """Undo all changes by the training steps inside the block."""
    module = objective.module
    was_training, before = module.training, snapshot(objective, optimizer)
    module.train()
    yield
    load_snapshot(objective, optimizer, before)
    module.train(was_training)
