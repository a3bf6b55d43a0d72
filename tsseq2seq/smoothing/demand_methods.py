"""The methods for demand that is mostly nothing: a level each, which is the demand to expect of every step.

::

    Teunter, Syntetos and Babai    p = p + α · (demanded − p) at each step,  z = z + β · (y − z) at a demand
                                                                                              forecast  p · z
    Syntetos and Boylan            q = q + α · (interval − q),  z = z + α · (y − z), both at a demand
                                                                                forecast  (1 − α / 2) · z / q
    simple smoothing               A = A + α · (y − A)                          forecast  A

Each rate begins as that of a plain mean, 1, 1/2, 1/3 …, and falls no lower than α: α / (1 − (1 − α)ⁿ) at the
n-th value. So no first state has to be assumed, and a rate of 0 is the mean of all values.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["DemandLevels", "DemandMethods", "demand_levels"]


@dataclass(frozen=True)
class DemandMethods:
    """The grid of methods for intermittent demand.

    Attributes
    ----------
    probabilities, sizes
        Rates of the probability of a demand, and of its size; all are combined.
    intervals
        Rates of the method of Syntetos and Boylan.
    levels
        Rates of simple smoothing.

    References
    ----------
    Croston, "Forecasting and stock control for intermittent demands", 1972; Syntetos and Boylan, "The
    accuracy of intermittent demand estimates", 2005; Teunter, Syntetos and Babai, "Intermittent demand:
    linking forecasting to inventory obsolescence", 2011.

    Examples
    --------
    >>> DemandMethods().count
    26
    """

    probabilities: tuple[float, ...] = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3)
    sizes: tuple[float, ...] = (0.0, 0.1, 0.3)
    intervals: tuple[float, ...] = (0.05, 0.1, 0.2)
    levels: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4, 0.7)

    @property
    def count(self) -> int:
        """The number of methods."""
        return len(self.probabilities) * len(self.sizes) + len(self.intervals) + len(self.levels)


@dataclass(frozen=True)
class DemandLevels:
    """What the methods know of demand after each step.

    Attributes
    ----------
    level
        (series, T, methods): the demand to expect of a step.
    probability
        (series, T, probabilities): how probable a demand is, at each of its rates.
    """

    level: Float[Tensor, "series T G"]
    probability: Float[Tensor, "series T P"]


def demand_levels(
    values: Float[Tensor, "series T"], observed: Bool[Tensor, "series T"], methods: DemandMethods
) -> DemandLevels:
    """Return the levels after each step; step t knows the values up to t and no later one.

    Parameters
    ----------
    values
        Demand, at least 0 wherever anything is read.
    observed
        Which values count; the others change nothing.
    methods
        The methods.
    """
    demanded = observed & (values > 0)
    seen = observed.double()
    ago = _seen_before(demanded, seen)
    probability = _smoothed(demanded.double(), observed, methods.probabilities)
    size = _smoothed(values, demanded, methods.sizes)
    linked = (probability[..., :, None] * size[..., None, :]).flatten(-2)
    interval = _smoothed(ago, demanded, methods.intervals)
    size_beside = _smoothed(values, demanded, methods.intervals)
    debiased = 1 - torch.tensor(methods.intervals, dtype=torch.float64) / 2
    croston = debiased * size_beside / interval.clamp(min=1)
    simple = _smoothed(values, observed, methods.levels)
    return DemandLevels(torch.cat([linked, croston, simple], dim=-1), probability)


def _seen_before(
    demanded: Bool[Tensor, "series T"], seen: Float[Tensor, "series T"]
) -> Float[Tensor, "series T"]:
    """Return at each demand how many steps were observed since the one before, or since the beginning."""
    count = seen.cumsum(1)
    latest = torch.where(demanded, count, 0.0).cummax(1).values
    before = torch.nn.functional.pad(latest[:, :-1], (1, 0))
    return count - before


def _smoothed(
    values: Float[Tensor, "series T"], counted: Bool[Tensor, "series T"], rates: tuple[float, ...]
) -> Float[Tensor, "series T R"]:
    """Return the discounted means of the values that count, at each rate; 0 before the first of them."""
    number = counted.cumsum(1).clamp(min=1).double()[..., None]
    alphas = torch.tensor(rates, dtype=torch.float64)
    falling = -torch.expm1(number * torch.log1p(-alphas))
    gains = torch.where(alphas > 0, alphas / torch.where(alphas > 0, falling, 1.0), 1 / number)
    gains = gains * counted[..., None]
    level = torch.zeros(len(values), len(rates), dtype=torch.float64)
    stored = []
    for value, gain in zip(values.unbind(1), gains.unbind(1), strict=True):
        level = level + gain * (value[:, None] - level)
        stored.append(level)
    return torch.stack(stored, dim=1)
