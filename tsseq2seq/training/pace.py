"""Where in its schedules a training is: by its steps, by the clock, or by whichever is further."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass

__all__ = ["Pace"]


@dataclass(frozen=True)
class Pace:
    """How a training goes through its schedules.

    Parameters
    ----------
    n_steps
        Steps planned, on which the schedules run.
    max_steps
        Steps after which training ends. None: the clock alone ends it.
    deadline
        When training ends, as ``time.monotonic()`` counts. None: never.
    begun
        When the first step began.

    Examples
    --------
    >>> [Pace(4, max_steps=4).place(step) for step in range(4)]
    [0, 1, 2, 3]
    """

    n_steps: int
    max_steps: int | None = None
    deadline: float | None = None
    begun: float = 0.0

    def place(self, step: int) -> int:
        """Return the place in the schedules, from 0 to ``n_steps − 1``, of the step that begins now."""
        by_steps = 0 if self.max_steps is None else step * self.n_steps // self.max_steps
        return min(max(by_steps, self._by_clock()), self.n_steps - 1)

    def _by_clock(self) -> int:
        if self.deadline is None:
            return 0
        gone = (time.monotonic() - self.begun) / max(self.deadline - self.begun, 1e-9)
        return int(gone * self.n_steps + 0.5)  # the last step begins where no second one would fit

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def paused(self, seconds: float) -> Pace:
        """Return the pace of a training that stood still for some seconds, which do not count."""
        deadline = None if self.deadline is None else self.deadline + seconds
        return dataclasses.replace(self, deadline=deadline, begun=self.begun + seconds)
