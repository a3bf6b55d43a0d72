"""Recursions over time steps, for all series at once."""

from __future__ import annotations

import numpy as np
from jaxtyping import Complex, Float

__all__ = ["decayed_sum", "rotation"]


def decayed_sum(
    inputs: Float[np.ndarray, "N T"], decay: Float[np.ndarray, "N 1"]
) -> Float[np.ndarray, "N T"]:
    """Return ``s_t = decay · s_{t−1} + x_t``: an AR(1) process, or with decay 1 a sum.

    Examples
    --------
    >>> import numpy as np
    >>> decayed_sum(np.array([[1.0, 0.0, 0.0]]), np.array([[0.5]])).tolist()
    [[1.0, 0.5, 0.25]]
    """
    by_step, factor = np.array(inputs.T, order="C"), decay[:, 0]  # a copy: one row would be a view
    for t in range(1, len(by_step)):
        by_step[t] += factor * by_step[t - 1]
    return np.ascontiguousarray(by_step.T)


def rotation(
    noise: Complex[np.ndarray, "N T"], angle: Float[np.ndarray, "N 1"], decay: Float[np.ndarray, "N 1"]
) -> Float[np.ndarray, "N T"]:
    """Return the real part of ``z_t = decay · e^{i·angle} · z_{t−1} + noise_t``: a stochastic cycle."""
    turn = (decay * np.exp(1j * angle))[:, 0]
    by_step = np.array(noise.T, order="C")
    for t in range(1, len(by_step)):
        by_step[t] += turn * by_step[t - 1]
    return np.ascontiguousarray(by_step.real.T)
