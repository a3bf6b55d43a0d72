"""Intermittent counts: many zeros, and small whole numbers between them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.seasons import seasons
from tsseq2seq.pretraining.components.trends import cycle, ended_line
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["Intermittent"]


class Intermittent(World):
    """Spare parts, slow sellers, incidents: demand that comes now and then, in whole units.

    Demand occurs with a probability that changes slowly and with the season, and its size is 1 plus a
    negative binomial (Croston 1972; Snyder, Ord and Beaumont 2012); in half of the series it is a negative
    binomial of a low mean altogether.
    """

    name: ClassVar[str] = "intermittent"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series of whole numbers from 0 on."""
        traits, steps = shape.traits(rng), shape.steps
        longest = 2.0 * max(shape.periods, default=5)
        moved = traits.uniform(0, 0.7) * cycle(traits, steps, longest)
        moved += traits.chance(0.25) * 0.1 * ended_line(traits, steps)
        moved += traits.chance(0.5) * traits.log_uniform(0.1, 1) * seasons(traits, shape.periods, steps)
        factor = np.exp(np.clip(moved, -3, 3))
        likely = np.clip(traits.log_uniform(0.03, 0.8) * factor, 0, 1)
        occurs = rng.random((shape.series, steps)) < likely
        even = traits.log_uniform(0.3, 20)  # the shape of the gamma distribution of rates
        sizes = 1 + rng.poisson(traits.log_uniform(0.2, 15) * rng.gamma(even, size=occurs.shape) / even)
        rates = traits.log_uniform(0.1, 8) * factor * rng.gamma(even, size=occurs.shape) / even
        return np.where(traits.chance(0.5), occurs * sizes, rng.poisson(rates)).astype(np.float64)
