"""Gaussian processes: paths of kernels that are composed at random."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from jaxtyping import Float

from tsseq2seq.pretraining.components.links import either, noise_share
from tsseq2seq.pretraining.components.noise import noise
from tsseq2seq.pretraining.components.trends import growth
from tsseq2seq.pretraining.worlds.base import World, WorldShape

__all__ = ["GaussianProcess", "composed_kernel"]

# One kernel for so many series: a factorisation costs more than the paths drawn from it.
_SHARED, _MOST_KERNELS, _JITTER = 16, 24, 1e-6
_MOST_ENTRIES = 4_000_000  # of all covariances together


def composed_kernel(
    steps: int, periods: tuple[int, ...], rng: np.random.Generator
) -> Float[np.ndarray, "T T"]:
    """Return the covariance of one to five kernels, of unit mean variance, joined by sums and products."""
    distance = np.abs(np.subtract.outer(np.arange(steps), np.arange(steps))).astype(np.float64)
    kernel = _kernel(distance, steps, periods, rng)
    for _ in range(int(rng.integers(0, 5))):
        other = _kernel(distance, steps, periods, rng)
        kernel = kernel + rng.uniform(0.1, 1) * other if rng.random() < 0.6 else kernel * other
        kernel = kernel / np.mean(np.diag(kernel))
    return kernel


def _kernel(
    distance: Float[np.ndarray, "T T"], steps: int, periods: tuple[int, ...], rng: np.random.Generator
) -> Float[np.ndarray, "T T"]:
    """Return one kernel of the bank."""
    kind = rng.choice(["rbf", "rough", "rational", "linear", "white", "periodic"], p=_shares(periods))
    scale = steps * np.exp(rng.uniform(np.log(0.02), np.log(1)))
    if kind == "rbf":
        return np.exp(-0.5 * (distance / scale) ** 2)
    if kind == "rough":  # Ornstein and Uhlenbeck's: continuous, nowhere smooth
        return np.exp(-distance / scale)
    if kind == "rational":
        shape = np.exp(rng.uniform(np.log(0.1), np.log(3)))
        return (1 + (distance / scale) ** 2 / (2 * shape)) ** -shape
    if kind == "linear":
        line = np.arange(steps) / steps - rng.uniform(-0.5, 1)
        return (0.1 + np.outer(line, line)) / np.mean(0.1 + line**2)
    if kind == "white":
        return np.eye(steps)
    period = periods[int(rng.integers(len(periods)))] if periods else steps / rng.uniform(2, 8)
    return np.exp(-2 * (np.sin(np.pi * distance / period) / rng.uniform(0.4, 2)) ** 2)


def _shares(periods: tuple[int, ...]) -> list[float]:
    return [0.15, 0.15, 0.1, 0.1, 0.15, 0.35] if periods else [0.25, 0.25, 0.15, 0.15, 0.15, 0.05]


class GaussianProcess(World):
    """Smooth, rough, periodic and linear shapes, added and multiplied.

    ``y ~ N(0, K)``, K of squared exponential, exponential, rational quadratic, linear, white and periodic
    kernels joined by sums and products: KernelSynth of Ansari et al., *Chronos* (2024), after Duvenaud et
    al. (2013). A few series share each kernel; most have some
    noise and growth beside it.
    """

    name: ClassVar[str] = "gaussian process"

    def draw(self, shape: WorldShape, rng: np.random.Generator) -> Float[np.ndarray, "N T"]:
        """Draw series."""
        groups = min(_MOST_KERNELS, -(-shape.series // _SHARED), 1 + _MOST_ENTRIES // shape.steps**2)
        if shape.alike > 0:
            groups = -(-groups // 4)
        values = np.empty((shape.series, shape.steps))
        for rows in np.array_split(np.arange(shape.series), groups):
            kernel = composed_kernel(shape.steps, shape.periods, rng)
            jitter = _JITTER * np.eye(shape.steps)
            factor = np.linalg.cholesky(kernel + jitter)
            values[rows] = rng.standard_normal((len(rows), shape.steps)) @ factor.T
        traits = shape.traits(rng)
        unit = noise_share(traits)
        values = traits.log_uniform(1, 8) * values + traits.chance(0.85) * noise(traits, shape.steps)
        values += traits.chance(0.8) * growth(traits, shape.steps) / unit
        return either(traits, values, unit, multiplicative=0.6)
