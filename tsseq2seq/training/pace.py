"""Pace: the plan of a training, which maps each training step to a step of the schedules."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass

from tsseq2seq.training.state import State

__all__ = ["Pace"]


@dataclass(frozen=True)
class Pace:
    """The plan of a training: the number of steps of its schedules, and its limits.

    Parameters
    ----------
    planned_steps
        Length of the schedules, in steps.
    max_steps
        Training steps after which training ends. None: only the deadline ends it.
    deadline
        ``time.monotonic()`` at which training ends. None: no time limit.
    begun
        ``time.monotonic()`` at which the first training step began.
    validation_every
        Planned steps between validations, where the time decides that; 0: there is no time for any. None: the
        settings decide.

    Examples
    --------
    >>> [Pace(4, max_steps=4).schedule_step(step) for step in range(4)]
    [0, 1, 2, 3]
    """

    planned_steps: int
    max_steps: int | None = None
    deadline: float | None = None
    begun: float = 0.0
    validation_every: int | None = None

    def schedule_step(self, step: int) -> int:
        """Return the step of the schedules (0 to ``planned_steps − 1``) for a training step that begins now.

        It is the later of two: by the training steps made, and by the time gone.
        """
        by_steps = 0 if self.max_steps is None else step * self.planned_steps // self.max_steps
        return min(max(by_steps, self._by_clock()), self.planned_steps - 1)

    def _by_clock(self) -> int:
        if self.deadline is None:
            return 0
        share_gone = (time.monotonic() - self.begun) / max(self.deadline - self.begun, 1e-9)
        return int(share_gone * self.planned_steps + 0.5)  # the last step begins half a step before the end

    @property
    def over(self) -> bool:
        """Whether the deadline has passed."""
        return self.over_in(0.0)

    def over_in(self, seconds: float) -> bool:
        """Whether the deadline will have passed in so many seconds."""
        return self.deadline is not None and time.monotonic() + seconds >= self.deadline

    def delayed(self, seconds: float) -> Pace:
        """Return the pace with begin and deadline moved by a pause of the training."""
        deadline = None if self.deadline is None else self.deadline + seconds
        return dataclasses.replace(self, deadline=deadline, begun=self.begun + seconds)

    def state(self) -> State:
        """Return the plan, and the seconds gone and left."""
        now = time.monotonic()
        left = None if self.deadline is None else self.deadline - now
        return {
            "planned_steps": self.planned_steps,
            "max_steps": self.max_steps,
            "left": left,
            "gone": now - self.begun,
            "validation_every": self.validation_every,
        }

    @classmethod
    def of_state(cls, state: State) -> Pace:
        """Return the pace of a state; the time since then does not count."""
        now = time.monotonic()
        deadline = None if state["left"] is None else now + state["left"]
        return cls(
            state["planned_steps"],
            state["max_steps"],
            deadline,
            now - state["gone"],
            state.get("validation_every"),
        )
