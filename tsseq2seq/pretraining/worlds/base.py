"""The protocol of worlds: a family of series that can be drawn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.calendar import Calendar
from tsseq2seq.pretraining.traits import Traits

__all__ = ["World", "WorldShape"]

_ANY_DAY = Calendar(np.datetime64("2001-01-01T00:00"), minutes=24 * 60)


@dataclass(frozen=True)
class WorldShape:
    """How many series of what frequency a world is to draw.

    Parameters
    ----------
    series, steps
        How many series, and how many values each has.
    periods
        Seasonal periods in steps, the shortest first; (): none.
    calendar
        The time stamps.
    alike
        How far the series resemble each other, 0 to 1: see :class:`~tsseq2seq.pretraining.traits.Traits`.

    Examples
    --------
    >>> WorldShape(series=3, steps=50, periods=(12,)).periods
    (12,)
    """

    series: int
    steps: int
    periods: tuple[int, ...] = ()
    calendar: Calendar = _ANY_DAY
    alike: float = 0.0

    def traits(self, rng: np.random.Generator) -> Traits:
        """Return what hyperparameters are drawn from."""
        return Traits(rng, self.series, self.alike, self.calendar.step_years)


class World(ABC):
    """A family of series.

    A world promises no unit and no location: what is drawn gets both afterwards. It may draw a series that is
    no good (constant, or beyond bounds); such a series is drawn again.

    Examples
    --------
    >>> class Noise(World):
    ...     name = "noise"
    ...     def draw(self, shape, rng):
    ...         return rng.normal(size=(shape.series, shape.steps))
    >>> Noise().draw(WorldShape(3, 50), np.random.default_rng(0)).shape
    (3, 50)
    """

    name: ClassVar[str]

    @abstractmethod
    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series; the same generator state gives the same series."""
