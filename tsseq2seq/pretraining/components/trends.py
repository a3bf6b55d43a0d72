"""Trends: levels that wander, slopes that are damped, break or end, and cycles.

Their unit is that of the noise.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.recursions import decayed_sum, rotation
from tsseq2seq.pretraining.traits import Traits

__all__ = ["broken_line", "cycle", "ended_line", "growth", "local_level", "local_trend"]

# Growth in a year as a share of the level: mean and spread of most series, and the spread of the others.
_GROWTH, _GROWTH_SPREAD, _ANY_GROWTH = 0.06, 0.04, 0.08


def growth(traits: Traits, steps: int) -> Float[np.ndarray, "N T"]:
    """Return steady growth or decline as a share of the level, some percent a year, upwards in most series.

    Of all that real series taught, this is what generators have least: what is measured at all mostly grows.
    """
    usual = _GROWTH + _GROWTH_SPREAD * traits.normal()
    rate = np.where(traits.chance(0.92), usual, _ANY_GROWTH * traits.normal())
    return rate * traits.step_years * np.arange(steps)


def local_level(traits: Traits, steps: int) -> Float[np.ndarray, "N T"]:
    """Return random walks whose steps are small or large beside the noise; some do not move at all.

    The longer a step, the larger the walk's part in it: yearly series are mostly walks, hourly ones noise.
    """
    size = traits.wander * traits.log_uniform(0.06, 1.2) * traits.chance(0.9)
    return np.cumsum(size * traits.white(steps), axis=1)


def local_trend(traits: Traits, steps: int) -> Float[np.ndarray, "N T"]:
    """Return levels with slopes that wander and are damped in most of the series.

    ``b_t = φ b_{t−1} + ζ_t``, ``l_t = l_{t−1} + b_t + η_t`` (Harvey 1989).
    """
    damped = traits.chance(0.6)
    damping = np.where(damped, traits.uniform(0.3, 0.98), 1.0)
    # what is damped soon must be pushed more: a shock moves the level by 1 / (1 − φ) of it in the end
    size = np.where(damped, (1 - damping) * traits.log_uniform(0.03, 1), traits.log_uniform(0.001, 0.05))
    # a slope's wandering is added up twice, so that it grows faster with a step's length than a level's
    shocks = traits.pace**1.5 * size * traits.chance(0.6) * traits.white(steps)
    # in some series the slope carries the level far beyond the noise by the end
    shocks[:, :1] += traits.normal() * traits.log_uniform(1, 15) * traits.chance(0.25) / steps
    return local_level(traits, steps) + np.cumsum(decayed_sum(shocks, damping), axis=1)


def broken_line(traits: Traits, steps: int) -> Float[np.ndarray, "N T"]:
    """Return straight lines whose slope changes up to four times, to another one or to none."""
    size = traits.log_uniform(1, 15) / steps
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
    rise = traits.normal()
    rise = np.where(traits.chance(0.5), np.abs(rise), rise)  # what grows is measured more often
    return rise * traits.log_uniform(2, 25) * (ramp - ramp[:, :1])


def cycle(traits: Traits, steps: int, shortest: float) -> Float[np.ndarray, "N T"]:
    """Return stochastic cycles of unit spread, longer than ``shortest`` steps (Harvey 1989)."""
    length = traits.log_uniform(max(4.0, shortest), max(8.0, 3 * shortest, steps))
    decay = 1 - traits.log_uniform(0.005, 0.1)
    # when the series begins, it is under way, at any place
    shocks = traits.white(steps) + 1j * traits.white(steps)
    shocks[:, :1] /= np.sqrt(1 - decay**2)
    return np.sqrt(1 - decay**2) * rotation(shocks, 2 * np.pi / length, decay)
