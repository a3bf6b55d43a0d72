"""Trends: levels that wander, slopes that are damped, break or end, and cycles.

Their unit is that of the noise.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.recursions import decayed_sum, rotation
from tsseq2seq.pretraining.traits import Traits

__all__ = ["broken_line", "cycle", "ended_line", "local_level", "local_trend"]


def local_level(traits: Traits, steps: int) -> Float[np.ndarray, "N T"]:
    """Return random walks whose steps are small or large beside the noise; some do not move at all."""
    size = traits.log_uniform(0.01, 1) * traits.chance(0.8)
    return np.cumsum(size * traits.white(steps), axis=1)


def local_trend(traits: Traits, steps: int) -> Float[np.ndarray, "N T"]:
    """Return levels with slopes that wander and are damped in half of the series.

    ``b_t = φ b_{t−1} + ζ_t``, ``l_t = l_{t−1} + b_t + η_t`` (Harvey 1989).
    """
    damping = np.where(traits.chance(0.5), 1.0, traits.uniform(0.8, 0.99))
    shocks = traits.log_uniform(0.001, 0.1) * traits.chance(0.4) * traits.white(steps)
    # in half of the series the slope carries the level far beyond the noise by the end
    shocks[:, :1] += traits.normal() * traits.log_uniform(1, 30) * traits.chance(0.6) / steps
    return local_level(traits, steps) + np.cumsum(decayed_sum(shocks, damping), axis=1)


def broken_line(traits: Traits, steps: int) -> Float[np.ndarray, "N T"]:
    """Return straight lines whose slope changes up to four times, to another one or to none."""
    size = traits.log_uniform(1, 40) / steps
    slope = np.repeat(traits.normal(), steps, axis=1)
    for _ in range(int(traits.rng.integers(1, 5))):
        after = np.arange(steps) >= traits.rng.integers(0, steps, (traits.series, 1))
        slope = np.where(after, traits.white(1) * traits.chance(0.7), slope)
    return np.cumsum(size * slope, axis=1)


def ended_line(traits: Traits, steps: int) -> Float[np.ndarray, "N T"]:
    """Return slopes that begin and end somewhere, gently or at once; before and after them nothing moves."""
    position = np.arange(steps) / steps
    end = traits.rng.uniform(0.2, 1.1, (traits.series, 1))
    begin = np.where(traits.chance(0.6), -1.0, end * traits.rng.uniform(0, 0.8, (traits.series, 1)))
    width = traits.log_uniform(0.002, 0.2)
    # the softplus is the integral of a logistic step
    ramp = width * (np.logaddexp(0, (position - begin) / width) - np.logaddexp(0, (position - end) / width))
    return traits.normal() * traits.log_uniform(2, 40) * (ramp - ramp[:, :1])


def cycle(traits: Traits, steps: int, shortest: float) -> Float[np.ndarray, "N T"]:
    """Return stochastic cycles of unit spread, longer than ``shortest`` steps (Harvey 1989)."""
    length = traits.log_uniform(max(4.0, shortest), max(8.0, 3 * shortest, steps))
    decay = 1 - traits.log_uniform(0.005, 0.1)
    # when the series begins, it is under way, at any place
    shocks = traits.white(steps) + 1j * traits.white(steps)
    shocks[:, :1] /= np.sqrt(1 - decay**2)
    return np.sqrt(1 - decay**2) * rotation(shocks, 2 * np.pi / length, decay)
