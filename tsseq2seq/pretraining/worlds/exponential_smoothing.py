"""Exponential smoothing as state-space models: series that ETS forecasts best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float

from tsseq2seq.pretraining.components.links import noise_share
from tsseq2seq.pretraining.components.noise import noise
from tsseq2seq.pretraining.components.seasons import profile, season_size
from tsseq2seq.pretraining.components.trends import growth
from tsseq2seq.pretraining.traits import Traits
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["Dynamics", "ExponentialSmoothing", "simulate"]


@dataclass(frozen=True)
class Dynamics:
    """The models of series: kinds of error, trend and season, their smoothing parameters and first states.

    Parameters
    ----------
    relative_errors, factor_seasons
        Whether errors are shares of the value expected, and seasons factors of the level.
    alpha, beta, gamma, phi
        Smoothing of level, slope and season, and damping of the slope; 0 where there is none of it.
    level, slope
        Before the first value.
    season
        Indices before the first value, the first one of them for the first value.
    """

    relative_errors: Bool[np.ndarray, " N"]
    factor_seasons: Bool[np.ndarray, " N"]
    alpha: Float[np.ndarray, " N"]
    beta: Float[np.ndarray, " N"]
    gamma: Float[np.ndarray, " N"]
    phi: Float[np.ndarray, " N"]
    level: Float[np.ndarray, " N"]
    slope: Float[np.ndarray, " N"]
    season: Float[np.ndarray, "N P"]


def simulate(models: Dynamics, errors: Float[np.ndarray, "N T"]) -> Float[np.ndarray, "N T"]:
    """Return the series that errors give.

    With an additive innovation ε, which is the error itself or its share of the value expected, the thirty
    models of Hyndman et al. (2008, tables 2.2 and 2.3; without multiplicative trends) are one recursion::

        y = m + ε          m = l + φb + s            m = (l + φb) s
        l ← l + φb +       αε                        αε / s
        b ← φb +           βε                        βε / s
        s ← s +            γε                        γε / (l + φb)
    """
    level, slope = models.level, models.slope
    seasons = np.array(models.season.T, order="C")  # a copy, which changes
    factor = models.factor_seasons
    by_step = np.empty(errors.shape[::-1])
    for t, error in enumerate(errors.T):
        season = seasons[t % len(seasons)]
        damped = models.phi * slope
        base = level + damped
        mean = np.where(factor, base * season, base + season)
        shock = np.where(models.relative_errors, mean * error, error)
        by_step[t] = mean + shock
        of_level = shock / np.where(factor, season, 1.0)
        seasons[t % len(seasons)] = season + models.gamma * shock / np.where(factor, base, 1.0)
        level = base + models.alpha * of_level
        slope = damped + models.beta * of_level
    return np.ascontiguousarray(by_step.T)


class ExponentialSmoothing(World):
    """Levels, slopes and seasons that each error moves a little.

    All models of Hyndman, Koehler, Ord and Snyder, *Forecasting with Exponential Smoothing* (2008): additive
    and multiplicative errors; no trend, a linear or a damped one; no season, an additive or a multiplicative
    one. Smoothing parameters lie within the usual bounds.
    """

    name: ClassVar[str] = "exponential smoothing"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series of a level of about 1."""
        traits = shape.traits(rng)
        unit = noise_share(traits)
        errors = unit * noise(traits, shape.steps, lasting=False)
        with np.errstate(all="ignore"):  # a model that runs away is drawn again
            return simulate(self._models(traits, unit, shape.periods), errors)

    @staticmethod
    def _models(traits: Traits, unit: Float[np.ndarray, "N 1"], periods: tuple[int, ...]) -> Dynamics:
        ones = np.ones((traits.series, 1))
        seasonal = traits.chance(0.85) if periods else ones < 0
        factor = seasonal & traits.chance(0.7)
        indices = np.zeros((traits.series, 1))
        if periods:
            indices = unit * season_size(traits) * profile(traits, periods[0])
            indices = np.where(factor, np.maximum(1 + indices, 0.05), indices * seasonal)
            shift = int(traits.rng.integers(periods[0]))
            indices = np.roll(indices, shift, axis=1)
        trended = traits.chance(0.85)
        # the best smoothing of a walk under noise, by the ratio of their spreads (Muth 1960)
        ratio = traits.wander * traits.log_uniform(0.05, 2)
        alpha = ratio * (np.sqrt(ratio**2 + 4) - ratio) / 2
        slope = growth(traits, 2)[:, 1:]
        # over hundreds of steps a slope that is smoothed fast would be all there is
        beta = alpha * np.minimum(traits.pace * traits.log_uniform(0.001, 0.1), 0.3) * traits.chance(0.7)
        columns = {
            "relative_errors": traits.chance(0.7),
            "factor_seasons": factor,
            "alpha": alpha,
            "beta": trended * beta,
            "gamma": seasonal * (1 - alpha) * traits.log_uniform(0.005, 0.5) * traits.chance(0.7),
            "phi": trended * np.where(traits.chance(0.6), 1.0, traits.uniform(0.8, 0.98)),
            "level": ones,
            "slope": trended * slope,
        }
        return Dynamics(season=indices, **{name: column[:, 0] for name, column in columns.items()})
