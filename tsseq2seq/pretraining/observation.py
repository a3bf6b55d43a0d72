"""Observation: from when on series are known, and which values are missing."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int

__all__ = ["draw_known", "fewest_known"]


def fewest_known(lengths: Int[np.ndarray, " N"]) -> Int[np.ndarray, " N"]:
    """Return how many values of series of these lengths are known at least."""
    return np.maximum(4, lengths // 2)


def draw_known(
    series: int, steps: int, shortest: int, missing: bool, rng: np.random.Generator
) -> Bool[np.ndarray, "N T"]:
    """Return which values are known.

    Parameters
    ----------
    series, steps
        Of the panel.
    shortest
        The fewest steps of a series; in half of the panels all series are as long as the panel, in the others
        they begin at different times.
    missing
        Whether values are missing within the series: here and there, or in a row.
    """
    begin = np.zeros((series, 1), dtype=np.int64)
    if rng.random() < 0.5:
        begin = np.floor((steps - shortest + 1) * rng.random((series, 1)) ** rng.uniform(1, 4)).astype(
            np.int64
        )
    known = np.arange(steps) >= begin
    if missing:
        rate = np.exp(rng.uniform(np.log(0.005), np.log(0.2), (series, 1))) * (rng.random((series, 1)) < 0.6)
        some = known & (rng.random((series, steps)) >= rate)
        gap = rng.integers(1, max(2, steps // 8), (series, 1)) * (rng.random((series, 1)) < 0.3)
        start = rng.integers(0, steps, (series, 1))
        some &= (np.arange(steps) < start) | (np.arange(steps) >= start + gap)
        enough = some.sum(axis=1) >= fewest_known(known.sum(axis=1))
        known = np.where(enough[:, None], some, known)
    return known
