"""Rollback: a training that diverges goes back to its last good state, and on with half the learning rate."""

from __future__ import annotations

import math

from tsseq2seq.training.state import State

__all__ = ["MOST_ROLLBACKS", "Rollback"]

#: So often a training goes back, which leaves an eighth of the learning rate; then it ends with an error.
MOST_ROLLBACKS = 3

# A loss so many times above the first batch's is far above it; a loss of series and tokens is about 1 on the
# network's scale, so that what is smaller counts as 1.
_FAR = 10.0
# So many reports in a row must be far above: a single batch may be an outlier.
_REPORTS = 5
# Good states are stored so often in a training.
_STATES = 10


class Rollback:
    """The last good state of a training.

    Attributes
    ----------
    good
        The state. None: not stored yet.
    times
        How often the training went back.

    Examples
    --------
    >>> rollback = Rollback()
    >>> [rollback.diverged(loss, first=1.0) for loss in (2.0, 50.0, 50.0, 50.0, 50.0, 50.0)]
    [False, False, False, False, False, True]
    >>> rollback.diverged(float("nan"), first=1.0)
    True
    """

    def __init__(self) -> None:
        self.good: State | None = None
        self.times = 0
        self._reached = -1
        self._far = 0

    def diverged(self, loss: float, *, first: float) -> bool:
        """Return whether the loss of a report is not finite, or the fifth in a row far above the first."""
        far = loss > first + _FAR * max(abs(first), 1.0)
        self._far = self._far + 1 if far else 0
        return not math.isfinite(loss) or self._far >= _REPORTS

    def due(self, loss: float, reached: int, planned: int, *, first: float) -> bool:
        """Return whether to store the state: the loss is about where it began or below, and time has gone."""
        steady = loss <= first + max(abs(first), 1.0)
        return steady and _STATES * reached // planned > _STATES * self._reached // planned

    def keep(self, state: State, reached: int) -> None:
        """Store a good state, at a planned step."""
        self.good, self._reached = state, reached

    def go_back(self) -> State | None:
        """Return the state to go back to; None: there is none, or the training went back too often."""
        if self.times == MOST_ROLLBACKS:
            return None
        self.times += 1
        self._far = 0
        return self.good

    @property
    def rate_factor(self) -> float:
        """By what the learning rate is multiplied."""
        return 0.5**self.times

    def state(self) -> State:
        """Return all attributes."""
        return dict(vars(self))

    def load_state(self, state: State) -> None:
        """Set all attributes from a state."""
        vars(self).update(state)
