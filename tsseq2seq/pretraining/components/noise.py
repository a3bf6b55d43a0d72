"""Noise: with light and heavy tails, of a spread that stays or changes."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.recursions import decayed_sum
from tsseq2seq.pretraining.traits import Traits

__all__ = ["changing_spread", "heavy_tailed", "noise"]

# Steps of a day and less have a pace below this, those of a week and more above.
_DAILY_PACE = 0.3


def heavy_tailed(traits: Traits, steps: int, degrees: Float[np.ndarray, "N 1"]) -> Float[np.ndarray, "N T"]:
    """Return noise of Student's t distribution with unit variance; more than two degrees of freedom."""
    spread = traits.rng.chisquare(degrees, (traits.series, steps)) / (degrees - 2)
    return traits.white(steps) / np.sqrt(spread)


def changing_spread(traits: Traits, steps: int) -> Float[np.ndarray, "N T"]:
    """Return positive factors whose logarithm is a slow AR(1) process (Taylor 1986)."""
    decay = 1 - traits.log_uniform(0.005, 0.2)
    size = traits.uniform(0.2, 0.9)
    return np.exp(size * np.sqrt(1 - decay**2) * decayed_sum(traits.white(steps), decay))


def noise(traits: Traits, steps: int, *, lasting: bool = True) -> Float[np.ndarray, "N T"]:
    """Return noise of about unit spread.

    Most of it is normal and independent; some has heavy tails, some a changing spread, and some lasts for a
    few steps, an AR(1) process, unless ``lasting`` is False. Real series have all three more often than one
    would think.
    """
    values = traits.white(steps)
    heavy = traits.chance(0.5)
    if heavy.any():
        values = np.where(heavy, heavy_tailed(traits, steps, traits.uniform(3, 10)), values)
    uneven = traits.chance(0.3)
    if uneven.any():
        values = np.where(uneven, changing_spread(traits, steps) * values, values)
    if lasting:
        # what disturbs an hour disturbs the next one, what disturbs a month is often over in the next
        share, longest = (0.7, 0.8) if traits.pace < _DAILY_PACE else (0.4, 0.7)
        decay = traits.chance(share) * traits.uniform(-0.1, longest)
        values = np.sqrt(1 - decay**2) * decayed_sum(values, decay)
    return values
