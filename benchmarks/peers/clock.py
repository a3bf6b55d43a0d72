"""Stopping a Lightning trainer by the clock, and timing its steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

#: The first steps, which set things up, are not in the time of the steps.
WARM_UPS = 3


class Clock:
    """Counts steps and says when the time is up.

    Parameters
    ----------
    seconds
        Time from the making of the clock to the end of the training.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.begun = self.warm = self.last = time.perf_counter()
        self.steps = 0

    def count(self) -> None:
        """Count a step that has just ended."""
        self.steps += 1
        self.last = time.perf_counter()
        if self.steps == WARM_UPS:
            self.warm = self.last

    def counted(self) -> dict[str, float]:
        """Return ``steps``, and where there are enough the ``train_seconds`` of the ``train_steps`` that
        came after the first ones."""
        counts: dict[str, float] = {"steps": self.steps}
        if self.steps > WARM_UPS:
            counts |= {"train_steps": self.steps - WARM_UPS, "train_seconds": self.last - self.warm}
        return counts

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
            clock.count()
            if clock.share() >= 1:
                trainer.should_stop = True

    return Stopper()
