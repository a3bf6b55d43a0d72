"""Generator: panels of generated series, each from its own seed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from jaxtyping import Bool, Float

from tsseq2seq.errors import ParameterError
from tsseq2seq.pretraining.calendar import Calendar
from tsseq2seq.pretraining.components.events import closed_days, disturbed
from tsseq2seq.pretraining.frequencies import FREQUENCIES, weighted_choice
from tsseq2seq.pretraining.observation import draw_known
from tsseq2seq.pretraining.units import in_units
from tsseq2seq.pretraining.worlds import WORLDS, WorldShape

__all__ = ["GeneratedPanel", "Generator"]

_FREQUENCY_SHARES: Mapping[str, float] = MappingProxyType(
    {
        "yearly": 0.1,
        "quarterly": 0.16,
        "monthly": 0.27,
        "weekly": 0.1,
        "daily": 0.15,
        "hourly": 0.11,
        "half-hourly": 0.03,
        "quarter-hourly": 0.01,
        "ten-minutely": 0.01,
        "any": 0.06,
    }
)
_FAMILY_SHARES: Mapping[str, float] = MappingProxyType(
    {
        "exponential smoothing": 0.14,
        "structural": 0.14,
        "multiplicative": 0.16,
        "autoregression": 0.1,
        "gaussian process": 0.06,
        "changing seasons": 0.06,
        "calendar effects": 0.06,
        "random walk": 0.05,
        "saturation": 0.03,
        "stopping trend": 0.06,
        "eventful": 0.05,
        "volatile": 0.03,
        "intermittent": 0.03,
        "mixture": 0.03,
    }
)
# So often a series is drawn of its own family before a random walk takes its place.
_ATTEMPTS = 10
# The largest value beside the typical one, and the largest of all.
_LARGEST_RATIO, _LARGEST = 1e4, 1e8
# Long seasons need long series: so many of them at most, and never more steps than these.
_SEASONS, _MOST_STEPS = 2.5, 1000


@dataclass(frozen=True)
class GeneratedPanel:
    """A panel of generated series.

    Parameters
    ----------
    frequency
        Name of its frequency.
    periods
        Seasonal periods in steps, the shortest first; (): none.
    calendar
        The time stamps.
    values
        (series, steps): right aligned, NaN before a series begins and where a value is missing.
    families
        The family of each series.
    """

    frequency: str
    periods: tuple[int, ...]
    calendar: Calendar
    values: Float[np.ndarray, "N T"]
    families: tuple[str, ...]

    @property
    def known(self) -> Bool[np.ndarray, "N T"]:
        """Which values are known."""
        return ~np.isnan(self.values)


@dataclass(frozen=True)
class Generator:
    """Panels of series that nobody measured.

    Half of the panels are like most real ones: one or two families, and series that resemble each other in
    noise, season and growth. The others are a mixture of everything.

    Parameters
    ----------
    series
        How many series a panel has.
    shortest, longest
        Steps of a panel: log-uniform between them. Two of its shortest seasons fit at least; a panel of long
        seasons may be longer, of 2.5 of them, one of years is shorter.
    frequencies, families
        Shares of frequencies and of families, by name; those not named have none.
    alike
        Share of panels whose series are of one or two families and resemble each other.
    missing
        Share of panels in which values are missing.

    Examples
    --------
    >>> panel = Generator(series=100).panel(seed=7)
    >>> panel.frequency, panel.periods, panel.values.shape
    ('weekly', (13,), (100, 237))
    """

    series: int = 512
    shortest: int = 10
    longest: int = 450
    frequencies: Mapping[str, float] = field(default_factory=lambda: _FREQUENCY_SHARES)
    families: Mapping[str, float] = field(default_factory=lambda: _FAMILY_SHARES)
    alike: float = 0.5
    missing: float = 0.15

    def __post_init__(self) -> None:
        """Refuse what no panel can be drawn from."""
        if self.series < 1:
            raise ParameterError(f"series is {self.series!r}; it must be at least 1")
        if not 5 <= self.shortest <= self.longest:
            raise ParameterError(
                f"shortest is {self.shortest!r}, longest {self.longest!r}; 5 ≤ shortest ≤ longest is needed"
            )
        for name, shares, known in (
            ("frequencies", self.frequencies, FREQUENCIES),
            ("families", self.families, WORLDS),
        ):
            unknown = [key for key in shares if key not in known]
            if unknown:
                raise ParameterError(f"{name} has {unknown[0]!r}; known are {', '.join(known)}")
            if not (sum(shares.values()) > 0 and all(0 <= share < np.inf for share in shares.values())):
                raise ParameterError(
                    f"{name} is {dict(shares)!r}; shares must be at least 0, one of them above"
                )
        for name, share in (("alike", self.alike), ("missing", self.missing)):
            if not 0 <= share <= 1:
                raise ParameterError(f"{name} is {share!r}; it must be between 0 and 1")

    def panel(self, seed: int) -> GeneratedPanel:
        """Return a panel; the same seed gives the same panel, bit by bit.

        Raises
        ------
        ParameterError
            If ``seed`` is below 0.
        """
        if seed < 0:
            raise ParameterError(f"seed is {seed!r}; it must be at least 0")
        rng = np.random.default_rng(seed)
        names = list(self.frequencies)
        frequency = FREQUENCIES[names[weighted_choice(rng, list(self.frequencies.values()))]]
        periods = frequency.draw_periods(rng)
        shortest, steps = self._steps(periods, frequency.longest, rng)
        families, alike = self._families(frequency.dated, rng)
        calendar = frequency.draw_calendar(rng)
        shape = WorldShape(self.series, steps, periods, calendar, alike)
        known = draw_known(self.series, steps, shortest, bool(rng.random() < self.missing), rng)
        values = np.empty((self.series, steps))
        left = np.arange(self.series)
        for attempt in itertools.count():
            if attempt == _ATTEMPTS:
                families[left] = "random walk"
            values[left] = _drawn(shape, families[left], rng)
            left = left[~_usable(values[left], known[left])]
            if not len(left):
                break
        return GeneratedPanel(
            frequency.name, periods, calendar, np.where(known, values, np.nan), tuple(map(str, families))
        )

    def _steps(
        self, periods: tuple[int, ...], longest: int | None, rng: np.random.Generator
    ) -> tuple[int, int]:
        """Return the fewest steps of a series of such a panel, and the steps of this one."""
        low = max(self.shortest, 2 * min(periods, default=1))
        most = self.longest if longest is None else min(self.longest, longest)
        high = max(most, low, min(_MOST_STEPS, int(_SEASONS * max(periods, default=1))))
        return low, int(np.exp(rng.uniform(np.log(low), np.log(high + 1))))

    def _families(self, dated: bool, rng: np.random.Generator) -> tuple[np.ndarray, float]:
        """Return the family of each series, and how alike they are."""
        names = np.array(list(self.families), dtype=object)
        shares = np.array(list(self.families.values()), dtype=np.float64)
        others = shares * (names != "calendar effects")
        if not dated and others.any():
            shares = others
        alike = 0.0
        if rng.random() < self.alike:
            alike = float(rng.uniform(0.3, 0.95))
            few = int(rng.integers(1, 3))
            names = rng.choice(
                names, min(few, int((shares > 0).sum())), replace=False, p=shares / shares.sum()
            )
            shares = rng.uniform(0.2, 1, len(names))
        return rng.choice(names, self.series, p=shares / shares.sum()), alike


def _drawn(shape: WorldShape, families: np.ndarray, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
    """Return a series of each family, in somebody's units."""
    values = np.empty((len(families), shape.steps))
    for name, world in WORLDS.items():
        rows = np.flatnonzero(families == name)
        if len(rows):
            values[rows] = world.draw(replace(shape, series=len(rows)), rng)
    traits = replace(shape, series=len(families)).traits(rng)
    with np.errstate(all="ignore"):  # what is not finite is drawn again
        counts = families == "intermittent"
        values = np.where(counts[:, None], values, closed_days(traits, disturbed(traits, values)))
        return in_units(values, counts, traits)


def _usable(values: Float[np.ndarray, "N T"], known: Bool[np.ndarray, "N T"]) -> Bool[np.ndarray, " N"]:
    """Return which series are finite, not constant where they are known, and of bounded magnitude."""
    finite = np.isfinite(values).all(axis=1)
    values = np.where(finite[:, None], values, 0.0)
    low = np.where(known, values, np.inf).min(axis=1)
    high = np.where(known, values, -np.inf).max(axis=1)
    size = np.abs(values)
    largest, typical = size.max(axis=1), np.median(size, axis=1)
    # the median of an intermittent series is 0
    bounded = (largest <= _LARGEST) & ((typical == 0) | (largest <= _LARGEST_RATIO * typical))
    moving = high - low > 1e-9 * largest
    return finite & bounded & moving
