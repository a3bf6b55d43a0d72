"""Stopping a Lightning trainer by the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import ModuleType
from typing import Any


class Clock:
    """Counts steps and says when the time is up.

    Parameters
    ----------
    seconds
        Time from the making of the clock to the end of the training.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.begun = time.perf_counter()
        self.steps = 0

    def share(self) -> float:
        """Return how much of the time is gone: 1 or more when it is up."""
        return (time.perf_counter() - self.begun) / self.seconds

    def halvings(self, number: int) -> Callable[[int], float]:
        """Return a factor of the learning rate that halves at even shares of the time.

        A schedule that is spread over a number of steps cannot be set when only the time is known;
        this is the same schedule on the clock.
        """
        return lambda step: 0.5 ** min(int(number * self.share()), number)


def stopper(lightning: ModuleType, clock: Clock) -> Any:  # of a class that depends on the module
    """Return a callback that stops the trainer when the time is up.

    Parameters
    ----------
    lightning
        ``pytorch_lightning`` or ``lightning.pytorch``: each accepts only its own callbacks.
    """

    class Stopper(lightning.Callback):
        """Stops after the step in which the time ran out."""

        def on_train_batch_end(self, trainer: Any, *_: object) -> None:
            """Count the step, look at the clock."""
            clock.steps += 1
            if clock.share() >= 1:
                trainer.should_stop = True

    return Stopper()
