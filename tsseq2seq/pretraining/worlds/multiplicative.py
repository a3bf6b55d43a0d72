"""Multiplicative worlds: growth in percent, seasons and noise as shares of the level."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.links import noise_share
from tsseq2seq.pretraining.components.noise import noise
from tsseq2seq.pretraining.components.seasons import season_size, seasons
from tsseq2seq.pretraining.components.trends import broken_line, growth, local_trend
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["Multiplicative"]


class Multiplicative(World):
    """Sales, visitors, production: what grows does so in percent, and its season grows with it.

    ``y_t = exp(μ_t + a·s_t + σ·ε_t)`` with a local trend μ, so that a season that doubles the level in July
    does so in every year. The unit is a share of the level.
    """

    name: ClassVar[str] = "multiplicative"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series, all of them positive."""
        traits, steps = shape.traits(rng), shape.steps
        unit = noise_share(traits)
        trend = local_trend(traits, steps) + traits.chance(0.3) * broken_line(traits, steps)
        trend = 1.2 * growth(traits, steps) + unit * trend
        # over the whole series the level changes by a factor of twenty at most
        trend *= np.minimum(1, 3 / np.maximum(np.ptp(trend, axis=1, keepdims=True), 1e-9))
        terms = trend + unit * noise(traits, steps)
        if shape.periods:
            terms += unit * season_size(traits) * seasons(traits, shape.periods, steps)
        return np.exp(np.clip(terms, -5, 5))
