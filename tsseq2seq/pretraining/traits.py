"""Traits: what the series of a panel have of their own, and what they have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

__all__ = ["Traits"]


@dataclass(frozen=True)
class Traits:
    """Hyperparameters of the series of a panel, more or less alike.

    A trait is drawn through a Gaussian copula: ``z = √alike · common + √(1 − alike) · own``. Whatever
    ``alike`` is, each series for itself has the same distribution; it only says how far those of one panel
    resemble each other, as the series of real panels do.

    Parameters
    ----------
    rng
        Where chance comes from.
    series
        How many series.
    alike
        Correlation of a trait between two series of the panel: 0, nothing in common; 1, all the same.
    step_years
        Length of a step in years, by which growth and wandering levels are measured.

    Examples
    --------
    >>> import numpy as np
    >>> traits = Traits(np.random.default_rng(0), series=3, alike=1.0)
    >>> traits.uniform(2, 3).round(2).ravel().tolist()
    [2.55, 2.55, 2.55]
    """

    rng: np.random.Generator
    series: int
    alike: float = 0.0
    step_years: float = 1 / 12

    @property
    def pace(self) -> float:
        """How far a level wanders in a step, beside a step of a month: as the root of time, down to a day."""
        return float(np.sqrt(12 * max(self.step_years, 1 / 365)))

    @property
    def wander(self) -> float:
        """The same in units of the noise, which is a smaller share of the level where steps are longer."""
        return self.pace**1.4

    @property
    def within_day(self) -> bool:
        """Whether a step is shorter than a day: hours count, and night and day are seen."""
        return self.step_years < 1 / 400

    def normal(self, *width: int) -> Float[np.ndarray, "N ..."]:
        """Return standard normal traits, ``width`` of them for each series; by default one, (series, 1)."""
        width = width or (1,)
        common = self.rng.standard_normal((1, *width))
        own = self.rng.standard_normal((self.series, *width))
        return np.sqrt(self.alike) * common + np.sqrt(1 - self.alike) * own

    def uniform(self, low: float, high: float) -> Float[np.ndarray, "N 1"]:
        """Return traits uniform between two bounds."""
        from scipy.special import ndtr

        return low + (high - low) * ndtr(self.normal())

    def log_uniform(self, low: float, high: float) -> Float[np.ndarray, "N 1"]:
        """Return traits whose logarithm is uniform between the logarithms of two bounds."""
        return np.exp(self.uniform(np.log(low), np.log(high)))

    def chance(self, probability: float) -> Bool[np.ndarray, "N 1"]:
        """Return for each series whether it has something that comes with this probability."""
        return self.uniform(0, 1) < probability

    def choice(self, shares: Sequence[float]) -> Int[np.ndarray, "N 1"]:
        """Return for each series one of several kinds, by their shares."""
        edges = np.cumsum(shares) / np.sum(shares)
        return np.searchsorted(edges[:-1], self.uniform(0, 1), side="right")

    def white(self, steps: int) -> Float[np.ndarray, "N T"]:
        """Return standard normal noise, independent between series whatever they have in common."""
        return self.rng.standard_normal((self.series, steps))
