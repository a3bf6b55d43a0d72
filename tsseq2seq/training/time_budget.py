"""How many steps fit into a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tsseq2seq.hardware.devices import wait_for
from tsseq2seq.training.captured_steps import CapturedSteps, steps_of
from tsseq2seq.training.objective import Objective
from tsseq2seq.training.snapshot import load_snapshot, snapshot
from tsseq2seq.training.training import Training

__all__ = ["CALIBRATION_STEPS", "affordable_steps"]

#: So many steps are timed. An objective that draws batches ahead draws no more together: its first draw of
#: several falls into the warm-up, and the next into one of these.
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
    """Return how many steps fit until the deadline, from a few that are thrown away again.

    Parameters
    ----------
    objective, optimizer, training
        What is trained, and how; weights, optimiser and random state are left as they were.
    deadline
        As ``time.monotonic()`` counts.
    validations
        How many there will be, if the training validates.
    """
    seconds = []
    with _rehearsed(objective, optimizer):
        # the optimiser's state is put back into other places, so that these graphs are of no use later
        make_step = steps_of(objective, optimizer, training)
        # after the warm-up, steps from all over the schedule: not all of them need cost the same
        for eighth in (*[0] * _WARM_UPS, *range(CALIBRATION_STEPS)):
            at = 2 * eighth + 1, 2 * CALIBRATION_STEPS
            while isinstance(make_step, CapturedSteps) and not make_step.ready(*at):
                make_step(*at)
            begun = time.monotonic()
            make_step(*at)
            wait_for(objective.device)
            seconds.append(time.monotonic() - begun)
            if time.monotonic() >= deadline:
                break
        measured = seconds[_WARM_UPS:] or seconds
        one = sum(measured) / len(measured)
        left = deadline - time.monotonic()
        if training.validation_size:
            begun = time.monotonic()
            objective.module.eval()
            with torch.inference_mode():
                objective.validate()
            left -= validations * (time.monotonic() - begun)
    return max(1, int(left / one))


@contextmanager
def _rehearsed(objective: Objective, optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """Undo all that steps inside do."""
    module = objective.module
    was_training, before = module.training, snapshot(objective, optimizer)
    module.train()
    yield
    load_snapshot(objective, optimizer, before)
    module.train(was_training)
