"""Trends that end: a slope that was there is no reason for one to come."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.links import either, noise_share
from tsseq2seq.pretraining.components.noise import noise
from tsseq2seq.pretraining.components.seasons import season_size, seasons
from tsseq2seq.pretraining.components.trends import ended_line, growth, local_level
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["StoppingTrend"]


class StoppingTrend(World):
    """Growth or decline between two points in time, gently or at once; nothing before and after.

    ``y_t = a·ramp_t + l_t + s_t + ε_t`` with a slowly wandering level: why a damped trend is the safer
    forecast (Gardner and McKenzie 1985).
    """

    name: ClassVar[str] = "stopping trend"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series."""
        traits, steps = shape.traits(rng), shape.steps
        unit = noise_share(traits)
        terms = ended_line(traits, steps) + 0.3 * local_level(traits, steps) + noise(traits, steps)
        terms += traits.chance(0.4) * growth(traits, steps) / unit
        if shape.periods:
            terms += season_size(traits) * seasons(traits, shape.periods, steps)
        return either(traits, terms, unit)
