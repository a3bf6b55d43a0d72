"""Saturation: growth that has an end."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.links import noise_share
from tsseq2seq.pretraining.components.noise import noise
from tsseq2seq.pretraining.components.seasons import season_size, seasons
from tsseq2seq.pretraining.traits import Traits
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["Saturation", "growth_curve"]


def growth_curve(traits: Traits, steps: int) -> Float[np.ndarray, "N T"]:
    """Return curves between 0 and 1: logistic, Gompertz's, or rising and falling; some run backwards."""
    position = np.arange(steps) / max(1, steps - 1)
    moved = traits.log_uniform(3, 25) * (position - traits.uniform(-0.2, 1.1))
    logistic = 1 / (1 + np.exp(-np.clip(moved, -50, 50)))
    gompertz = np.exp(-np.exp(-np.clip(moved, -5, 50)))
    kind = traits.choice([0.45, 0.35, 0.2])
    curve = np.where(kind == 0, logistic, gompertz)
    curve = np.where(kind == 2, 4 * logistic * (1 - logistic), curve)
    return np.where(traits.chance(0.15), 1 - curve, curve)


class Saturation(World):
    """New products, epidemics, spread of a technology: slow, fast, slow.

    ``y_t = floor + K · c_t · season_t · noise_t`` with c logistic (Verhulst 1838), Gompertz's (1825), or the
    logistic's slope, sales of what spreads (Bass 1969). The noise is a share of the level.
    """

    name: ClassVar[str] = "saturation"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series, all of them positive."""
        traits, steps = shape.traits(rng), shape.steps
        level = traits.uniform(0, 0.5) + growth_curve(traits, steps)
        unit = noise_share(traits)
        terms = unit * noise(traits, steps)
        if shape.periods:
            terms += traits.chance(0.7) * unit * season_size(traits) * seasons(traits, shape.periods, steps)
        return (level + 1e-3) * np.exp(np.clip(terms, -3, 3))
