"""Intervals of a point forecast, from the errors that exponential smoothing made at earlier cutoffs.

A network of points says nothing of its errors, and where data are few none can be held back to calibrate it.
Smoothing has forecast every earlier cutoff from the values before it alone. Its errors are honest, and the
point, of which it is a part, is hardly ever less accurate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.forecasting.blend import Blend
from tsseq2seq.forecasting.usual_spread import UsualSpread
from tsseq2seq.smoothing.base import SmoothingBase

__all__ = ["smoothing_intervals"]

# The mean absolute error of a normal distribution, in standard deviations.
_MEAN_ERROR = 0.7978845608028654


def smoothing_intervals(
    base: SmoothingBase,
    windows: Windows,
    point: np.ndarray,
    probabilities: Sequence[float],
    usual: UsualSpread,
) -> np.ndarray:
    """Return quantiles around point forecasts.

    Parameters
    ----------
    base
        Exponential smoothing, with the distribution of its errors.
    windows
        What was forecast.
    point
        (windows, horizon, targets), the point forecasts in original units.
    probabilities
        The probabilities of the quantiles.
    usual
        How widely the series trained on vary, for those of which smoothing knows too little.

    Returns
    -------
    numpy.ndarray
        (windows, horizon, targets, quantiles) in original units.
    """
    forecasts = Blend(base, 0.0).base_forecasts(windows, probabilities)
    around = forecasts[..., 1:] - forecasts[..., :1]
    unknown = np.isnan(around)
    if unknown.any():
        around = np.where(unknown, _usual_around(base, point, probabilities, usual), around)
    return point[..., None] + around


def _usual_around(
    base: SmoothingBase, point: np.ndarray, probabilities: Sequence[float], usual: UsualSpread
) -> np.ndarray:
    """Return quantiles around the points of series that vary as the series trained on do."""
    errors = base.shape.offsets(probabilities, point.shape[1]).numpy()
    level = torch.from_numpy(point.mean(axis=1, keepdims=True))
    spread = _MEAN_ERROR * usual.at(level).numpy()
    return np.asarray(spread[..., None] * errors[None, :, None, :])
