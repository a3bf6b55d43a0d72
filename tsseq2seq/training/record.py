"""Record: how a training went, and the optimiser's state after it."""

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
        Length of the schedules, in steps.
    steps
        Training steps made. With a time limit this may be more or fewer than planned.
    stopped
        Why the training ended: ``"steps"``, ``"time"``, ``"patience"`` or ``"interrupt"``; ``""`` until then.
    best_step
        Training step of the weights that were kept.
    history
        A row for each report: step, loss, learning_rate, validation_error, seconds, and what else the
        objective measured in the validation.
    optimizer_state
        The optimiser's ``state_dict``, from which a later training can continue.
    observer_seconds
        Seconds spent in the observer.
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

    @classmethod
    def of_no_training(cls) -> Record:
        """Return the record of weights that are used as they are.

        Examples
        --------
        >>> Record.of_no_training().steps
        0
        """
        return cls(0, stopped="steps")

    def go_back(self, steps: int, best_step: int) -> None:
        """Forget what came after a training step."""
        self.steps, self.best_step = steps, best_step
        self.history = [row for row in self.history if row["step"] <= steps]

    def state(self) -> State:
        """Return a copy of all fields."""
        return copy.deepcopy(vars(self))

    def load_state(self, state: State) -> None:
        """Set all fields from a state."""
        vars(self).update(copy.deepcopy(state))
