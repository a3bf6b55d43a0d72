"""What is kept of a training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Record"]


@dataclass
class Record:
    """How a training went.

    Attributes
    ----------
    n_steps
        Steps planned, on which the schedules ran.
    steps
        Steps made: more than planned where the time was enough for them, fewer where it was not.
    stopped
        Why it ended: ``"steps"``, ``"time"``, ``"patience"`` or ``"interrupt"``.
    best_step
        Step of the weights that were kept.
    history
        A row for each report: step, loss, learning_rate, validation_error, seconds.
    optimizer_state
        The optimiser's ``state_dict``, with which a later training can go on.
    observer_seconds
        Seconds that the observer took.
    """

    n_steps: int
    steps: int = 0
    stopped: str = "steps"
    best_step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    optimizer_state: dict[str, Any] = field(default_factory=dict)
    observer_seconds: float = 0.0
