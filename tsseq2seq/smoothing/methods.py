"""The smoothing methods whose forecasts are averaged, and their forecasts from their states.

Every method adds a straight or a damped line to a level, so that all of them are a handful of sums::

    levels     A(t) = A + α · (x − A)                         forecast  A + d · (C + h)
    trends     l(t) = l + φb + α · (x − l − φb),  b = φb + β · (x − l − φb)
                                                              forecast  l + (φ + φ² + … + φʰ) · b

d is a share of the slope of the straight line through all values up to the cutoff: 0 for simple smoothing,
one half for the theta method, 1 for the whole trend. C counts how far a smoothed level lags behind a line of
slope 1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from jaxtyping import Float, Int
from torch import Tensor

__all__ = ["Methods", "States"]


@dataclass(frozen=True)
class Methods:
    """The grid of smoothing methods.

    Attributes
    ----------
    levels
        Smoothing parameters α of the methods without a trend of their own; 1 is the naive forecast.
    drifts
        Shares of the global slope; each is combined with each level.
    trend_levels, trend_ratios, dampings
        α, β / α and φ of the damped trends; all are combined.

    References
    ----------
    Gardner and McKenzie, "Forecasting trends in time series", 1985; Hyndman and Billah, "Unmasking the theta
    method", 2003.

    Examples
    --------
    >>> Methods().count
    60
    """

    levels: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)
    drifts: tuple[float, ...] = (0.0, 0.5, 1.0)
    trend_levels: tuple[float, ...] = (0.2, 0.5, 0.8, 1.0)
    trend_ratios: tuple[float, ...] = (0.02, 0.1, 0.3)
    dampings: tuple[float, ...] = (0.8, 0.9, 0.97)

    @property
    def count(self) -> int:
        """The number of methods."""
        trends = len(self.trend_levels) * len(self.trend_ratios) * len(self.dampings)
        return len(self.levels) * len(self.drifts) + trends

    def alphas(self) -> Float[Tensor, " levels"]:
        """Return the smoothing parameters of the levels, in float64."""
        return torch.tensor(self.levels, dtype=torch.float64)

    def trends(self) -> tuple[Float[Tensor, " trends"], Float[Tensor, " trends"], Float[Tensor, " trends"]]:
        """Return α, β and φ of each damped trend, in float64."""
        grid = [
            (alpha, alpha * ratio, damping)
            for alpha in self.trend_levels
            for ratio in self.trend_ratios
            for damping in self.dampings
        ]
        alphas, betas, dampings = torch.tensor(grid, dtype=torch.float64).T
        return alphas, betas, dampings

    def forecasts(self, states: States, steps: Float[Tensor, " H"]) -> Float[Tensor, "*B H G"]:
        """Return the forecasts of all methods so many steps ahead.

        Parameters
        ----------
        states
            The states at the cutoffs.
        steps
            Steps ahead, from 1.
        """
        ahead = steps[..., None]
        lines = [
            states.level[..., None, :]
            + share * states.slope[..., None, None] * (states.lag[..., None, :] + ahead)
            for share in self.drifts
        ]
        _, _, damping = self.trends()
        damped = damping * (1 - damping**ahead) / (1 - damping)
        return torch.cat(
            [*lines, states.trend_level[..., None, :] + damped * states.trend[..., None, :]], dim=-1
        )

    def combined(self, states: States, weights: Float[Tensor, "*B G"]) -> Float[Tensor, "*B N"]:
        """Return the numbers from which :meth:`forecast` computes the weighted mean of all methods.

        These are a level, a slope, and a damped trend for each damping.
        """
        count = len(self.levels)
        level = (weights[..., count * len(self.drifts) :] * states.trend_level).sum(-1)
        slope = torch.zeros_like(level)
        for number, share in enumerate(self.drifts):
            part = weights[..., number * count : (number + 1) * count]
            drift = share * states.slope
            level = level + (part * (states.level + drift[..., None] * states.lag)).sum(-1)
            slope = slope + drift * part.sum(-1)
        trends = weights[..., count * len(self.drifts) :] * states.trend
        by_damping = trends.unflatten(-1, (-1, len(self.dampings))).sum(-2)
        return torch.cat([level[..., None], slope[..., None], by_damping], dim=-1)

    def forecast(self, numbers: Float[Tensor, "*B N"], steps: Float[Tensor, " H"]) -> Float[Tensor, "*B H"]:
        """Return the weighted mean of all methods, from :meth:`combined`."""
        level, slope, trends = numbers[..., :1], numbers[..., 1:2], numbers[..., 2:]
        damping = torch.tensor(self.dampings, dtype=numbers.dtype, device=numbers.device)
        damped = damping * (1 - damping ** steps[..., None]) / (1 - damping)
        return level + slope * steps + (damped * trends[..., None, :]).sum(-1)


@dataclass(frozen=True)
class States:
    """What the methods know of a series after a step.

    Attributes
    ----------
    level
        (…, levels): the smoothed levels.
    lag
        (…, levels): how far a level lags behind a line of slope 1.
    slope
        (…): slope of the straight line through all values so far.
    trend_level, trend
        (…, trends): level and trend of the damped methods.
    """

    level: Float[Tensor, "*B levels"]
    lag: Float[Tensor, "*B levels"]
    slope: Float[Tensor, "*B"]
    trend_level: Float[Tensor, "*B trends"]
    trend: Float[Tensor, "*B trends"]

    def at(self, rows: Int[Tensor, " B"], steps: Int[Tensor, " B"]) -> States:
        """Return the states of some rows after some steps; the tensors are (series, T, …)."""
        return States(**{field.name: getattr(self, field.name)[rows, steps] for field in fields(self)})

    def until(self, end: int) -> States:
        """Return the states after the first ``end`` steps."""
        return States(**{field.name: getattr(self, field.name)[:, :end] for field in fields(self)})
