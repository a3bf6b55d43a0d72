"""Mixtures: convex combinations of series of other worlds."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["Mixture"]

_MOST, _CONCENTRATION = 3, 1.5


class Mixture(World):
    """What is the sum of unlike things: a region of its towns, a total of its parts.

    ``y = Σ λ_k y_k / mean|y_k|`` of two or three series of other worlds, with λ from a Dirichlet
    distribution: TSMixup of Ansari et al., *Chronos* (2024).

    Parameters
    ----------
    worlds
        Of which series are mixed.
    """

    name: ClassVar[str] = "mixture"

    def __init__(self, worlds: tuple[World, ...]) -> None:
        self.worlds = worlds

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series."""
        weights = rng.gamma(_CONCENTRATION, size=(shape.series, _MOST))
        weights[:, 2] *= rng.random(shape.series) < 0.5
        weights /= weights.sum(axis=1, keepdims=True)
        total = np.zeros((shape.series, shape.steps))
        for place, number in enumerate(rng.choice(len(self.worlds), _MOST, replace=False)):
            part = self.worlds[number].draw(shape, rng)
            with np.errstate(all="ignore"):  # a part that ran away makes a mixture that is drawn again
                total += weights[:, place, None] * part / np.abs(part).mean(axis=1, keepdims=True)
        return total
