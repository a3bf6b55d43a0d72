"""Frequencies: how far apart values lie, and the seasons they usually have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tsseq2seq.pretraining.calendar import Calendar

__all__ = ["FREQUENCIES", "Frequency", "weighted_choice"]

_DAY = 24 * 60


def weighted_choice(rng: np.random.Generator, shares: Sequence[float]) -> int:
    """Return a random number of a share, as likely as it is large."""
    weights = np.asarray(shares, dtype=np.float64)
    return int(rng.choice(len(weights), p=weights / weights.sum()))


@dataclass(frozen=True)
class Frequency:
    """A step of time.

    Parameters
    ----------
    name
        As people say it.
    periods
        The seasonal periods that panels of it have, each with its share.
    months, minutes
        Length of a step; one of the two is 0.
    longest
        The most steps that series of it have, as nobody measures for centuries; None: any number.
    dated
        Whether its time stamps mean anything: not for the seasons of machines and numbered steps.
    """

    name: str
    periods: tuple[tuple[tuple[int, ...], float], ...]
    months: int = 0
    minutes: int = 0
    dated: bool = True
    longest: int | None = None

    def draw_periods(self, rng: np.random.Generator) -> tuple[int, ...]:
        """Return the seasonal periods of a panel."""
        return self.periods[weighted_choice(rng, [share for _, share in self.periods])][0]

    def draw_calendar(self, rng: np.random.Generator) -> Calendar:
        """Return time stamps from a day between 1950 and 2020 on."""
        day = np.datetime64("1950-01-01") + int(rng.integers(0, 70 * 365))
        first = day.astype("datetime64[m]")
        if 0 < self.minutes < _DAY:
            first = first + self.minutes * int(rng.integers(0, _DAY // self.minutes))
        return Calendar(first, self.months, self.minutes)


#: All frequencies. "any" has a period that no calendar explains, as of machines and of numbered steps.
FREQUENCIES: dict[str, Frequency] = {
    frequency.name: frequency
    for frequency in (
        Frequency("yearly", (((), 1.0),), months=12, longest=120),
        Frequency("quarterly", (((4,), 0.95), ((), 0.05)), months=3, longest=240),
        Frequency("monthly", (((12,), 0.95), ((), 0.05)), months=1),
        Frequency(
            "weekly", (((52,), 0.6), ((), 0.25), ((13,), 0.08), ((26,), 0.04), ((4,), 0.03)), minutes=7 * _DAY
        ),
        Frequency("daily", (((7,), 0.88), ((), 0.07), ((7, 365), 0.05)), minutes=_DAY),
        Frequency("hourly", (((24,), 0.5), ((24, 168), 0.45), ((), 0.05)), minutes=60),
        Frequency("half-hourly", (((48,), 0.6), ((48, 336), 0.4)), minutes=30),
        Frequency("quarter-hourly", (((96,), 0.9), ((), 0.1)), minutes=15),
        Frequency("ten-minutely", (((144,), 0.9), ((), 0.1)), minutes=10),
        Frequency("any", tuple(((period,), 1.0) for period in range(2, 61)), minutes=_DAY, dated=False),
    )
}
