"""What is kept of a training."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from tsseq2seq.training.state import State

__all__ = ["Record"]


@dataclass
class Record:
    """How a training went.

    Attributes
    ----------
    planned_steps
        Steps on which the schedules ran.
    steps
        Steps made: more than planned where the time was enough for them, fewer where it was not.
    stopped
        Why it ended: ``"steps"``, ``"time"``, ``"patience"`` or ``"interrupt"``; ``""`` while it goes on.
    best_step
        Step of the weights that were kept.
    history
        A row for each report: step, loss, learning_rate, validation_error, seconds.
    optimizer_state
        The optimiser's ``state_dict``, with which a later training can go on.
    observer_seconds
        Seconds that the observer took.
    first_loss
        Of the very first batch, before any step; NaN while there is none.
    validated
        Whether there was time to validate, where that was asked for.
    """

    planned_steps: int
    steps: int = 0
    stopped: str = ""
    best_step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    optimizer_state: dict[str, Any] = field(default_factory=dict)
    observer_seconds: float = 0.0
    first_loss: float = float("nan")
    validated: bool = True

    def state(self) -> State:
        """Return the state."""
        return copy.deepcopy(vars(self))

    def load_state(self, state: State) -> None:
        """Go on from a state."""
        vars(self).update(copy.deepcopy(state))
