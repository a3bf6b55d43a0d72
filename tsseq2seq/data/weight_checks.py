"""What weights must be, checked without torch, for frames that are only read."""

from __future__ import annotations

import numpy as np

__all__ = ["check_finite"]


def check_finite(weights: np.ndarray) -> int | None:
    """Return the place of the first weight that is below 0 or not finite; None if there is none."""
    bad = ~(np.isfinite(weights) & (weights >= 0))
    return int(bad.argmax()) if bad.any() else None
