"""Structural series: a local trend, a cycle, a season and noise."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.links import either, noise_share
from tsseq2seq.pretraining.components.noise import noise
from tsseq2seq.pretraining.components.seasons import season_size, seasons
from tsseq2seq.pretraining.components.trends import broken_line, cycle, growth, local_trend
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["Structural"]


class Structural(World):
    """Growth, local trends, damped or not, some of which break; cycles; a season; noise.

    ``y_t = μ_t + c_t + s_t + ε_t``, the basic structural model of Harvey, *Forecasting, Structural Time
    Series Models and the Kalman Filter* (1989); in a share of the series its logarithm.
    """

    name: ClassVar[str] = "structural"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series."""
        traits, steps = shape.traits(rng), shape.steps
        unit = noise_share(traits)
        terms = growth(traits, steps) / unit + local_trend(traits, steps) + noise(traits, steps)
        terms += traits.chance(0.25) * broken_line(traits, steps)
        longest = 2.0 * max(shape.periods, default=2)
        terms += traits.chance(0.3) * traits.log_uniform(0.3, 5) * cycle(traits, steps, longest)
        if shape.periods:
            terms += season_size(traits) * seasons(traits, shape.periods, steps)
        return either(traits, terms, unit)
