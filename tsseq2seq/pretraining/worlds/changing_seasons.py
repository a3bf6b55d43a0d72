"""Changing seasons: the season is most of it, and it does not stay."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.links import either, noise_share
from tsseq2seq.pretraining.components.noise import noise
from tsseq2seq.pretraining.components.recursions import decayed_sum
from tsseq2seq.pretraining.components.seasons import season, season_size, seasons
from tsseq2seq.pretraining.components.trends import growth, local_trend
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["ChangingSeasons"]


class ChangingSeasons(World):
    """One or several strong seasons whose shape drifts from one profile to another, and whose size wanders.

    ``y_t = μ_t + A_t [(1 − w_t) s_t + w_t s'_t] + ε_t`` with w from 0 to 1 somewhere in the series, and an
    AR(1) amplitude. Where there is no season, it is the amplitude of a local trend's noise that wanders.
    """

    name: ClassVar[str] = "changing seasons"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series."""
        traits, steps = shape.traits(rng), shape.steps
        decay = 1 - traits.log_uniform(0.005, 0.1)
        wandering = np.sqrt(1 - decay**2) * decayed_sum(traits.white(steps), decay)
        size = np.exp(traits.uniform(0, 0.5) * wandering)
        unit = noise_share(traits)
        terms = growth(traits, steps) / unit + local_trend(traits, steps)
        if not shape.periods:
            return either(traits, terms + size * noise(traits, steps), unit)
        before = seasons(traits, shape.periods, steps)
        after = season(traits, shape.periods[0], steps)
        middle, width = traits.uniform(0, 1.3), traits.log_uniform(0.02, 0.5)
        moved = 1 / (1 + np.exp(-np.clip((np.arange(steps) / steps - middle) / width, -30, 30)))
        moved = moved * traits.chance(0.5)
        strength = 2 * season_size(traits)
        terms += strength * size * ((1 - moved) * before + moved * after) + noise(traits, steps)
        return either(traits, terms, unit)
