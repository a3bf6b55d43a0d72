"""The network's share in a forecast beside exponential smoothing, by what it has earned.

Where data are few, a network is trained without the last horizons of each series, and both are judged on
these. Where they are many, its training windows serve: it has hardly seen any of them twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.forecasting.blend import Blend
from tsseq2seq.forecasting.correction import Correction
from tsseq2seq.forecasting.fitted import FittedSeries
from tsseq2seq.forecasting.prediction import quantiles_all
from tsseq2seq.smoothing.base import SmoothingBase

__all__ = ["Evidence", "least_share", "share_by", "usual_share", "windows_truth"]

# The share before anything is known, and how many series it takes to move it as far as they say.
_USUAL_SHARE, _USUAL_SERIES = 0.5, 4.0
# However many series there are, they share what happened in the one horizon that both are judged on: a share
# that follows it freely is worse on the next one. Some percent move it little, a large difference does. What
# is shared differs from horizon to horizon, so that the mean of several varies less by their number.
_ONE_HORIZON = 0.5
# Paths that tell the centre of a distribution.
_PATHS = 50
# Shares that are tried.
_SHARES = np.linspace(0.0, 1.0, 21)


@dataclass(frozen=True)
class Evidence:
    """Forecasts of windows by network and smoothing, and what came.

    Attributes
    ----------
    network, base, truth
        (windows, horizon, targets); NaN where missing.
    horizons
        How many horizons, one after the other, the windows of a series cover.
    """

    network: np.ndarray
    base: np.ndarray
    truth: np.ndarray
    horizons: int = 1

    @classmethod
    def of(
        cls,
        series: FittedSeries,
        windows: Windows,
        base: SmoothingBase,
        correction: Correction | None = None,
        *,
        horizons: int,
    ) -> Evidence:
        """Forecast windows by both, smoothing corrected if there is a correction."""
        network = quantiles_all(
            series.members, windows, series.resolved.output.probabilities, paths=_PATHS, seed=0
        )
        smoothed = Blend(base, 0.0, correction).base_forecasts(windows, ())
        return cls(network[..., 0], smoothed[..., 0], windows_truth(windows), horizons)

    @classmethod
    def none(cls) -> Evidence:
        """Return the evidence where nothing could be judged."""
        nothing = np.zeros((0, 1, 1))
        return cls(nothing, nothing, nothing)


def windows_truth(windows: Windows) -> np.ndarray:
    """Return the targets of windows in original units, (windows, horizon, targets); NaN where missing."""
    batch = windows.gather(torch.arange(len(windows), device=windows.cumulative.device))
    values = batch.origin[:, None] + batch.unit[:, None] * batch.target.double()
    return values.masked_fill(~batch.target_mask, torch.nan).cpu().numpy()[:, : windows.shape.horizon]


def usual_share(context_length: int, horizon: int) -> float:
    """Return the share of a network without any evidence: less where it reads less than two horizons.

    Examples
    --------
    >>> usual_share(36, 12), usual_share(1, 6)
    (0.5, 0.041666666666666664)
    """
    return _USUAL_SHARE * min(1.0, context_length / (2 * horizon))


def share_by(evidence: Evidence, *, usual: float = _USUAL_SHARE) -> float:
    """Return the share with the least mean error, drawn to the usual one as far as there is little evidence.

    Parameters
    ----------
    evidence
        Forecasts on which neither was trained; each window counts alike, whatever its size.
    usual
        The share without any evidence.

    Examples
    --------
    >>> truth = np.ones((400, 1, 1))
    >>> share_by(Evidence(truth, 0 * truth, truth)) > 0.9
    True
    """
    known = ~(np.isnan(evidence.network) | np.isnan(evidence.base) | np.isnan(evidence.truth))
    counted = known.any((1, 2))
    if not counted.any():
        return usual
    network, base, truth, known = (
        np.where(known, part, 0.0)[counted]
        for part in (evidence.network, evidence.base, evidence.truth, known)
    )
    errors = np.stack(
        [np.abs(share * network + (1 - share) * base - truth).sum((1, 2)) for share in _SHARES], axis=1
    )
    return least_share(errors, _SHARES, usual=usual, horizons=evidence.horizons)


def least_share(errors: np.ndarray, shares: np.ndarray, *, usual: float, horizons: int = 1) -> float:
    """Return the share with the least mean error, drawn to the usual one, the more the fewer the windows.

    Parameters
    ----------
    errors
        (windows, shares), the error of each window with each share; each window counts alike.
    shares
        (shares,), what was tried.
    usual
        The share without any evidence.
    horizons
        How many horizons, one after the other, the windows of a series cover.
    """
    unit = errors.mean(axis=1, keepdims=True)
    relative = np.divide(errors, unit, out=np.ones_like(errors), where=unit > 0).mean(axis=0)
    held = (_ONE_HORIZON / horizons + _USUAL_SERIES / len(errors)) * (shares - usual) ** 2
    return float(shares[np.argmin(relative + held)])
