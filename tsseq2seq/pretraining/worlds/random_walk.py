"""Random walks: the last value is the best forecast."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.links import either
from tsseq2seq.pretraining.components.noise import noise
from tsseq2seq.pretraining.components.trends import growth
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["RandomWalk"]


class RandomWalk(World):
    """Prices and rates: changes that nothing foretells.

    ``y_t = y_{t−1} + δ + ε_t`` with light or heavy tails and a spread that may change; δ is 0 in a third of
    the series, some percent a year in the others. In most of them the logarithm walks, as of prices
    (Samuelson 1965). There is no season, whatever the period.
    """

    name: ClassVar[str] = "random walk"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series."""
        traits = shape.traits(rng)
        unit = traits.pace * traits.log_uniform(0.01, 0.1)
        walk = np.cumsum(noise(traits, shape.steps, lasting=False), axis=1)
        walk += traits.chance(0.7) * growth(traits, shape.steps) / unit
        return either(traits, walk, unit, multiplicative=0.7)
