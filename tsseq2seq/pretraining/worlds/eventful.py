"""Eventful series: levels that shift, pulses that fade, outliers."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.events import level_shifts, outliers, pulses
from tsseq2seq.pretraining.components.links import either, noise_share
from tsseq2seq.pretraining.components.noise import noise
from tsseq2seq.pretraining.components.seasons import season_size, seasons
from tsseq2seq.pretraining.components.trends import growth, local_trend
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["Eventful"]


class Eventful(World):
    """What happens from outside: a new competitor, a promotion, a fault of the meter.

    ``y_t = μ_t + s_t + ε_t`` plus level shifts (they stay), pulses (they fade) and additive outliers (gone at
    once), the kinds of Chen and Liu (1993).
    """

    name: ClassVar[str] = "eventful"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series."""
        traits, steps = shape.traits(rng), shape.steps
        unit = noise_share(traits)
        terms = growth(traits, steps) / unit + noise(traits, steps)
        terms += traits.chance(0.6) * local_trend(traits, steps)
        if shape.periods:
            terms += season_size(traits) * seasons(traits, shape.periods, steps)
        often = max(1.0, steps / 100)
        terms += traits.chance(0.5) * level_shifts(traits, steps, 1.5 * often)
        terms += traits.chance(0.4) * pulses(traits, steps, 3 * often)
        terms += traits.chance(0.4) * outliers(traits, steps, 2 * often)
        return either(traits, terms, unit)
