"""Events: levels that shift, outliers, and pulses that fade."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.recursions import decayed_sum
from tsseq2seq.pretraining.traits import Traits

__all__ = ["level_shifts", "outliers", "pulses"]


def _struck(traits: Traits, steps: int, expected: float) -> Float[np.ndarray, "N T"]:
    """Return sizes of events, normal, at so many random steps of a series on average; 0 elsewhere."""
    hit = traits.rng.random((traits.series, steps)) < expected / steps
    return hit * traits.white(steps)


def level_shifts(traits: Traits, steps: int, expected: float = 1.0) -> Float[np.ndarray, "N T"]:
    """Return levels that stay until they jump, by several units of noise."""
    return np.cumsum(traits.log_uniform(1, 15) * _struck(traits, steps, expected), axis=1)


def outliers(traits: Traits, steps: int, expected: float = 2.0) -> Float[np.ndarray, "N T"]:
    """Return values far off, for one step each."""
    return traits.log_uniform(3, 20) * _struck(traits, steps, expected)


def pulses(traits: Traits, steps: int, expected: float = 3.0) -> Float[np.ndarray, "N T"]:
    """Return jumps, upwards in most series, that fade within a few steps: promotions, storms, strikes."""
    sizes = _struck(traits, steps, expected)
    sizes = np.where(traits.chance(0.7), np.abs(sizes), -np.abs(sizes))
    return decayed_sum(traits.log_uniform(2, 20) * sizes, traits.uniform(0, 0.9))
