"""Units: where series lie, and in what numbers they are told."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from tsseq2seq.pretraining.traits import Traits

__all__ = ["in_units"]

# Fewer whole numbers than these between the lowest and the highest value leave nothing of a series.
_FEWEST_WHOLE = 6


def in_units(
    values: Float[np.ndarray, "N T"], counts: Bool[np.ndarray, " N"], traits: Traits
) -> Float[np.ndarray, "N T"]:
    """Return series in units that could be anybody's.

    Parameters
    ----------
    values
        As worlds draw them.
    counts
        Which of them are counts: most of these stay as they are.
    traits
        Series of a panel may lie in like units.

    Notes
    -----
    What is nowhere below 0 keeps its proportions; three quarters of the others are lifted above 0, by little
    or much beside their range, and some are cut off below. Scales lie between 1e-3 and 1e6; a third of the
    series are whole numbers, where that leaves enough of them.
    """
    counts = counts[:, None]
    low, high = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    extent = np.maximum(high - low, 1e-12)
    lifted = traits.log_uniform(0.02, 3) - low / extent
    moved = np.where(traits.chance(0.75), lifted, traits.normal())
    values = np.where((low >= 0) | counts, values / np.maximum(np.abs(high), 1e-12), values / extent + moved)
    cut = traits.chance(0.02) & ~counts
    if cut.any():
        floor = np.quantile(values, 0.25, axis=1, keepdims=True)
        values = np.where(cut, np.maximum(values - floor, 0), values)
    scale = traits.log_uniform(1e-3, 1e6) * np.exp(0.5 * traits.normal())
    kept = counts & traits.chance(0.8)
    values = values * np.where(kept, high, np.clip(scale, 1e-3, 1e6))
    whole = traits.chance(0.33) & (np.ptp(values, axis=1, keepdims=True) >= _FEWEST_WHOLE)
    return np.where(whole | kept, np.round(values), values)
