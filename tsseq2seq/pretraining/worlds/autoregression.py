"""Autoregression: ARMA and ARIMA processes, stationary by construction."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.links import either, noise_share
from tsseq2seq.pretraining.components.seasons import season_size, seasons
from tsseq2seq.pretraining.components.trends import growth
from tsseq2seq.pretraining.traits import Traits
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["Autoregression", "arma", "from_partial"]

_ORDER, _BEFORE = 3, 100


def from_partial(partial: Float[np.ndarray, "N P"]) -> Float[np.ndarray, "N P"]:
    """Return the coefficients of these partial autocorrelations, by the recursion of Durbin and Levinson.

    Those between −1 and 1 give a stationary process, and every stationary process has such (Barndorff-Nielsen
    and Schou 1973).

    Examples
    --------
    >>> import numpy as np
    >>> from_partial(np.array([[0.5, 0.2]])).round(2).tolist()
    [[0.4, 0.2]]
    """
    coefficients = partial[:, :0]
    for order in range(partial.shape[1]):
        last = partial[:, order : order + 1]
        coefficients = np.hstack([coefficients - last * coefficients[:, ::-1], last])
    return coefficients


def arma(
    shocks: Float[np.ndarray, "N T"],
    autoregressive: Float[np.ndarray, "N P"],
    moving_average: Float[np.ndarray, "N Q"],
    *,
    period: int = 1,
) -> Float[np.ndarray, "N T"]:
    """Return ``x_t = Σ φ_k x_{t−k·period} + e_t + Σ θ_k e_{t−k·period}``, from rest."""
    by_step = np.ascontiguousarray(shocks.T)
    inputs = by_step.copy()
    for lag, theta in enumerate(moving_average.T, start=1):
        inputs[lag * period :] += theta * by_step[: max(0, len(by_step) - lag * period)]
    for t in range(period, len(inputs)):
        for lag, phi in enumerate(autoregressive.T[: t // period], start=1):
            inputs[t] += phi * inputs[t - lag * period]
    return np.ascontiguousarray(inputs.T)


class Autoregression(World):
    """What comes back to its mean, or, added up, does not.

    ``φ(B) Φ(B^m) (1 − B)^d x_t = θ(B) Θ(B^m) e_t`` (Box and Jenkins 1970) of orders up to three, seasonally
    up to one, d = 0 or 1, with or without a fixed season beside it.
    """

    name: ClassVar[str] = "autoregression"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series."""
        traits = shape.traits(rng)
        shocks = traits.white(shape.steps + _BEFORE)
        values = arma(shocks, self._coefficients(traits, toward=0.3), self._coefficients(traits, toward=0.0))
        if shape.periods:
            own = traits.chance(0.4) * np.tanh(0.5 + 0.6 * traits.normal())
            values = arma(values, own, -0.5 * own * traits.chance(0.5), period=shape.periods[0])
        values = values[:, _BEFORE:]
        values = values / np.maximum(values.std(axis=1, keepdims=True), 1e-9)
        if shape.periods:
            size = season_size(traits) * traits.chance(0.7)
            values = values + size * seasons(traits, shape.periods, shape.steps)
        summed = traits.chance(min(0.8, 0.3 * traits.pace))
        values = np.where(summed, np.cumsum(values, axis=1), values)
        unit = noise_share(traits)
        values += traits.chance(0.8) * growth(traits, shape.steps) / unit
        return either(traits, values, unit)

    @staticmethod
    def _coefficients(traits: Traits, toward: float) -> Float[np.ndarray, "N P"]:
        """Return coefficients of orders 0 to three; the first partial autocorrelation is mostly positive."""
        partial = np.tanh(0.6 * traits.normal(_ORDER) + np.array([toward, 0, 0]) * 2)
        order = traits.choice([0.15, 0.4, 0.25, 0.2])
        return from_partial(np.where(np.arange(_ORDER) < order, partial, 0.0))
