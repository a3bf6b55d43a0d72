"""Events: levels that shift, outliers, and pulses that fade."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.recursions import decayed_sum
from tsseq2seq.pretraining.traits import Traits

__all__ = ["closed_days", "disturbed", "level_shifts", "outliers", "pulses"]


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


def disturbed(traits: Traits, values: Float[np.ndarray, "N T"]) -> Float[np.ndarray, "N T"]:
    """Return series in some of which the level shifts once or twice, or a few values are far off.

    What no model of a series foresees comes to all kinds of them. Sizes are in units of a usual change, and
    of a series above 0 they are factors.
    """
    steps = values.shape[1]
    shifts = traits.chance(0.12) * level_shifts(traits, steps, 1.5)
    terms = 0.4 * shifts + 0.35 * traits.chance(0.12) * outliers(traits, steps, 1 + steps / 100)
    positive = values.min(axis=1, keepdims=True) > 0
    logs = np.where(positive, np.log(np.where(positive, values, 1.0)), values)
    usual = np.abs(np.diff(logs, axis=1)).mean(axis=1, keepdims=True)
    added = logs + usual * terms
    # a factor of 5 is an event, more is a mistake
    bounded = np.where(positive, np.exp(logs + np.clip(added - logs, -1.6, 1.6)), added)
    return np.where((terms != 0).any(axis=1, keepdims=True), bounded, values)


def closed_days(traits: Traits, values: Float[np.ndarray, "N T"]) -> Float[np.ndarray, "N T"]:
    """Return series of steps up to a day, in some of which a value now and then is 0: closed, or not read."""
    if traits.step_years > 1 / 360:
        return values
    rate = traits.log_uniform(0.002, 0.03) * traits.chance(0.1) * (values.min(axis=1, keepdims=True) > 0)
    return np.where(traits.rng.random(values.shape) < rate, 0.0, values)


def pulses(traits: Traits, steps: int, expected: float = 3.0) -> Float[np.ndarray, "N T"]:
    """Return jumps, upwards in most series, that fade within a few steps: promotions, storms, strikes."""
    sizes = _struck(traits, steps, expected)
    sizes = np.where(traits.chance(0.7), np.abs(sizes), -np.abs(sizes))
    return decayed_sum(traits.log_uniform(2, 20) * sizes, traits.uniform(0, 0.9))
