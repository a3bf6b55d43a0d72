"""Random walks: the last value is the best forecast."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.links import as_factors
from tsseq2seq.pretraining.components.noise import noise
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["RandomWalk"]


class RandomWalk(World):
    """Prices and rates: changes that nothing foretells.

    ``y_t = y_{t−1} + δ + ε_t`` with light or heavy tails and a spread that may change; δ is 0 in most series
    and small in the others. In half of them the logarithm walks, as of prices (Samuelson 1965). There is no
    season, whatever the period.
    """

    name: ClassVar[str] = "random walk"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series."""
        traits = shape.traits(rng)
        drift = traits.chance(0.25) * traits.normal() * 2 / np.sqrt(shape.steps)
        walk = np.cumsum(noise(traits, shape.steps) + drift, axis=1)
        return np.where(traits.chance(0.5), as_factors(walk, traits.log_uniform(0.003, 0.06)), walk)
