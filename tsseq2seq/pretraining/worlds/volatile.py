"""Volatile series: quiet and restless times, and heavy tails."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.links import either, noise_share
from tsseq2seq.pretraining.components.noise import changing_spread, heavy_tailed
from tsseq2seq.pretraining.components.recursions import decayed_sum
from tsseq2seq.pretraining.components.seasons import seasons
from tsseq2seq.pretraining.components.trends import growth
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["Volatile"]


class Volatile(World):
    """Winds, flows, turnover: the noise is most of it.

    ``y_t = x_t + a·s_t``, ``x_t = φ x_{t−1} + h_t e_t`` with Student's e, and a spread h that follows
    stochastic volatility (Taylor 1986), the season, or both.
    """

    name: ClassVar[str] = "volatile"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series."""
        traits, steps = shape.traits(rng), shape.steps
        spread = np.where(traits.chance(0.7), changing_spread(traits, steps), 1.0)
        season = seasons(traits, shape.periods, steps)
        spread = spread * np.exp(traits.chance(0.4) * traits.uniform(0, 0.7) * np.clip(season, -3, 3))
        shocks = spread * heavy_tailed(traits, steps, traits.uniform(2.5, 12))
        values = decayed_sum(shocks, traits.uniform(0, 0.9) * traits.chance(0.6))
        unit = 1.5 * noise_share(traits)
        values += traits.log_uniform(0.1, 2) * season + traits.chance(0.7) * growth(traits, steps) / unit
        return either(traits, values, unit)
