"""The plan of a training: where in its schedules it is, by its steps or by the clock."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass

from tsseq2seq.training.state import State

__all__ = ["Pace"]


@dataclass(frozen=True)
class Pace:
    """How a training goes through its schedules.

    Parameters
    ----------
    planned_steps
        Steps on which the schedules run.
    max_steps
        Steps after which training ends. None: the clock alone ends it.
    deadline
        When training ends, as ``time.monotonic()`` counts. None: never.
    begun
        When the first step began.
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
        """Return where in its schedules the step that begins now lies, from 0 to ``planned_steps − 1``."""
        by_steps = 0 if self.max_steps is None else step * self.planned_steps // self.max_steps
        return min(max(by_steps, self._by_clock()), self.planned_steps - 1)

    def _by_clock(self) -> int:
        if self.deadline is None:
            return 0
        gone = (time.monotonic() - self.begun) / max(self.deadline - self.begun, 1e-9)
        return int(gone * self.planned_steps + 0.5)  # the last step begins where no second one would fit

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self.over_in(0.0)

    def over_in(self, seconds: float) -> bool:
        """Whether the time will be over in so many seconds."""
        return self.deadline is not None and time.monotonic() + seconds >= self.deadline

    def paused(self, seconds: float) -> Pace:
        """Return the pace of a training that stood still for some seconds, which do not count."""
        deadline = None if self.deadline is None else self.deadline + seconds
        return dataclasses.replace(self, deadline=deadline, begun=self.begun + seconds)

    def state(self) -> State:
        """Return the plan, and how much of the time is gone and left."""
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
        """Go on from a state: what time passed since does not count."""
        now = time.monotonic()
        deadline = None if state["left"] is None else now + state["left"]
        return cls(
            state["planned_steps"],
            state["max_steps"],
            deadline,
            now - state["gone"],
            state.get("validation_every"),
        )
