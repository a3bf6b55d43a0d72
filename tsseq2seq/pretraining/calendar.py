"""Calendar: the time stamps of a panel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Calendar"]


@dataclass(frozen=True)
class Calendar:
    """Evenly spaced time stamps: so many months apart, or so many minutes.

    Parameters
    ----------
    first
        The first time stamp; of steps of months its month counts.
    months, minutes
        Length of a step; one of the two is 0.

    Examples
    --------
    >>> import numpy as np
    >>> Calendar(np.datetime64("2001-10-01T00:00"), months=3).stamps(2).astype("datetime64[D]").tolist()
    [datetime.date(2001, 10, 1), datetime.date(2002, 1, 1)]
    """

    first: np.datetime64
    months: int = 0
    minutes: int = 0

    @property
    def step_years(self) -> float:
        """Length of a step in years."""
        return self.months / 12 + self.minutes / (365.25 * 24 * 60)

    def stamps(self, steps: int) -> np.ndarray:
        """Return the first time stamps, as ``datetime64[m]``."""
        if self.months:
            start = self.first.astype("datetime64[M]")
            return (start + self.months * np.arange(steps)).astype("datetime64[m]")
        return self.first.astype("datetime64[m]") + self.minutes * np.arange(steps)
