"""Blend: the network's forecast and that of exponential smoothing, in shares.

Networks and smoothing err in different places, so that their mean errs less than either; that is how the M4
competition was won (Smyl 2020). The share of the network is what it has earned: see
:mod:`~tsseq2seq.forecasting.network_share`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.errors import DataWarning, warn
from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.cutoff_forecasts import CutoffForecasts

__all__ = ["Blend", "BlendedPaths", "Correcting"]

# Probabilities one standard deviation below and above the mean of a normal distribution.
_ONE_DEVIATION = (0.15865525393145707, 0.8413447460685429)


@runtime_checkable
class Correcting(Protocol):
    """Something that corrects the forecasts of exponential smoothing."""

    def steps(self, horizon: int) -> int:
        """Return how many steps of smoothing it reads."""

    def apply(
        self,
        smoothed: CutoffForecasts,
        forecasts: np.ndarray,
        windows: Windows,
        probabilities: Sequence[float],
    ) -> np.ndarray:
        """Return the forecasts of windows, corrected."""


@dataclass(frozen=True)
class Blend:
    """Exponential smoothing, and the share that the network has beside it.

    Attributes
    ----------
    base
        Exponential smoothing.
    share
        Share of the network in the forecast, from 0 to 1.
    correction
        Corrects the forecasts of smoothing. None: they are taken as they are.
    """

    base: SmoothingBase
    share: float
    correction: Correcting | None = None

    def mix(self, numbers: np.ndarray, windows: Windows, probabilities: Sequence[float]) -> np.ndarray:
        """Return the mixed point and quantiles.

        The quantiles of a mixture are the means of the quantiles, so that intervals are as wide as those of
        network and smoothing on average. Where smoothing knows too little of a series, the network is alone.

        Parameters
        ----------
        numbers
            (windows, horizon, targets, 1 + quantiles): the network's point and quantiles, in original units.
        windows
            What was forecast.
        probabilities
            The probabilities of the quantiles.
        """
        base = self.base_forecasts(windows, probabilities)
        return np.where(np.isnan(base), numbers, self.share * numbers + (1 - self.share) * base)

    def of_paths(self, windows: Windows) -> BlendedPaths:
        """Return what moves sample paths of the windows."""
        return BlendedPaths(self.base_forecasts(windows, _ONE_DEVIATION), self.share)

    def base_forecasts(self, windows: Windows, probabilities: Sequence[float]) -> np.ndarray:
        """Forecast the windows by exponential smoothing; NaN where it knows too little, or clocks change."""
        if windows.clock is not None:
            warn(
                "clocks change within the series: exponential smoothing, whose seasons are of equal steps, "
                "has no share in these forecasts, and the network forecasts alone; time stamps in UTC have "
                "no such changes",
                DataWarning,
            )
            shape = len(windows), windows.shape.horizon, windows.panel.values.shape[1], 1 + len(probabilities)
            return np.full(shape, np.nan)
        found = self._smoothed(windows, probabilities)
        forecasts = found.read(probabilities, windows.shape.horizon)
        if self.correction is None:
            return forecasts
        return self.correction.apply(found, forecasts, windows, probabilities)

    def _smoothed(self, windows: Windows, probabilities: Sequence[float]) -> CutoffForecasts:
        """Return the forecasts of smoothing; windows to which a network adds it have them already."""
        steps = windows.shape.horizon
        if self.correction is not None:
            steps = self.correction.steps(steps)
        made = windows.bases
        if isinstance(made, CutoffForecasts) and made.serves(self.base, windows, probabilities, steps):
            return made
        return CutoffForecasts.of(self.base, windows, probabilities, steps=steps)


@dataclass(frozen=True)
class BlendedPaths:
    """Moves sample paths to the mixed point, and gives them the mixed width.

    Attributes
    ----------
    base
        (windows, horizon, targets, 3): smoothing's point, and one deviation below and above it.
    share
        Share of the network.
    """

    base: np.ndarray
    share: float

    def move(self, paths: np.ndarray, index: Int[Tensor, " B"]) -> Float[np.ndarray, "B N H Y"]:
        """Return the paths of some windows, moved and widened around their median.

        Parameters
        ----------
        paths
            (B, paths, horizon, targets).
        index
            Which windows these are.
        """
        point, low, high = np.moveaxis(self.base[index.cpu().numpy()], -1, 0)
        below, centre, above = np.quantile(paths, [_ONE_DEVIATION[0], 0.5, _ONE_DEVIATION[1]], axis=1)
        width = above - below
        wanted = self.share * width + (1 - self.share) * (high - low)
        ratio = np.divide(wanted, width, out=np.ones_like(width), where=width > 0)
        middle = self.share * centre + (1 - self.share) * point
        moved = middle[:, None] + ratio[:, None] * (paths - centre[:, None])
        return np.where(np.isnan(point)[:, None], paths, moved)
