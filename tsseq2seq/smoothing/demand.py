"""Demand: what is expected of intermittent series from any cutoff, by methods weighed by squared errors.

Of demand that is mostly nothing the median is 0, and a method that forecasts nothing has the least absolute
error. What is wanted is the mean, which squared errors ask for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.smoothing.demand_methods import DemandMethods, demand_levels
from tsseq2seq.smoothing.method_errors import discounted_errors, relative_logarithms
from tsseq2seq.smoothing.method_weights import MethodWeights
from tsseq2seq.smoothing.smoothed import MethodForecasts

__all__ = ["Demand", "DemandTable", "DemandWeights", "JudgedLevels"]

# What the size of a demand counts less with each step that passes, in quantiles.
_DISCOUNT = 0.99
# So many numbers are sorted at once.
_MOST_NUMBERS = 4_000_000


@dataclass(frozen=True)
class JudgedLevels:
    """Levels of some methods after each step, each the forecast of all steps ahead, and their errors.

    Attributes
    ----------
    values, observed
        (series, T): what is forecast, and where it is known.
    levels
        (series, T, methods): the levels.
    total, count
        (series, T, methods) and (series, T, 1): discounted sums of squared errors, and their number.
    horizon
        Steps to forecast, at which the methods are judged.
    """

    values: Float[Tensor, "series T"]
    observed: Bool[Tensor, "series T"]
    levels: Float[Tensor, "series T G"]
    total: Float[Tensor, "series T G"]
    count: Float[Tensor, "series T 1"]
    horizon: int

    @classmethod
    def of(
        cls,
        values: Float[Tensor, "series T"],
        observed: Bool[Tensor, "series T"],
        levels: Float[Tensor, "series T G"],
        horizon: int,
    ) -> JudgedLevels:
        """Judge every method at every step by its levels some steps before."""
        length = values.shape[1]

        def judge(ahead: int) -> Tensor:
            return (values[:, ahead:, None] - levels[:, : length - ahead]).square_()

        total, count = discounted_errors(judge, observed, horizon, width=levels.shape[-1])
        return cls(values, observed, levels, total, count, horizon)

    def method_forecasts(
        self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], horizon: int
    ) -> MethodForecasts:
        """Return the forecasts of all methods from cutoffs, each after that many steps of its series."""
        levels = self.levels[rows, cutoffs - 1][:, None].expand(-1, horizon, -1)
        return MethodForecasts(levels, self._logarithms()[rows, cutoffs - 1])

    def weighed(self, weights: MethodWeights) -> JudgedLevels:
        """Return the weighted mean of the methods, as one method."""
        mean = (weights.of(self._logarithms()) * self.levels).sum(-1, keepdim=True)
        return JudgedLevels.of(self.values, self.observed, mean, self.horizon)

    def error(self) -> Float[Tensor, "series T G"]:
        """Return the root mean squared error of each method until each step; 0 where it is not known."""
        return (self.total / self.count.clamp(min=1e-12)).sqrt()

    def _logarithms(self) -> Float[Tensor, "series T G"]:
        return relative_logarithms(self.total.sqrt(), self.count)


@dataclass(frozen=True)
class DemandWeights:
    """How much each method counts.

    Attributes
    ----------
    amount
        Of those that say how much is demanded.
    chance
        Of those that say how probable a demand is.
    """

    amount: MethodWeights
    chance: MethodWeights

    @classmethod
    def unlearned(cls, methods: DemandMethods) -> DemandWeights:
        """Return weights by the series' own errors alone."""
        counts = methods.count, len(methods.probabilities)
        return cls(*(MethodWeights.unlearned(count) for count in counts))


@dataclass(frozen=True)
class Demand:
    """What all methods expect of some intermittent series after each step.

    Attributes
    ----------
    amount
        How much is demanded.
    chance
        How probable a demand is.
    """

    amount: JudgedLevels
    chance: JudgedLevels

    @classmethod
    def of(
        cls,
        values: Float[Tensor, "series T"],
        observed: Bool[Tensor, "series T"],
        *,
        horizon: int,
        methods: DemandMethods,
    ) -> Demand:
        """Smooth series."""
        levels, demanded = demand_levels(values, observed, methods), (values > 0).double()
        return cls(
            JudgedLevels.of(values, observed, levels.level, horizon),
            JudgedLevels.of(demanded, observed, levels.probability, horizon),
        )

    def table(self, weights: DemandWeights) -> DemandTable:
        """Return what forecasts from any cutoff are read from, with the methods weighed."""
        amount, chance = self.amount.weighed(weights.amount), self.chance.weighed(weights.chance)
        return DemandTable(
            amount.values,
            amount.observed,
            amount.levels[..., 0],
            chance.levels[..., 0].clamp(0, 1),
            amount.error()[..., 0],
        )


@dataclass(frozen=True)
class DemandTable:
    """The demand to expect after each step, and how probable any is.

    Attributes
    ----------
    values, observed
        (series, T): the series.
    level, probability
        (series, T): the demand to expect of a step, and how probable a demand is.
    error
        (series, T): the discounted root mean squared error until then.
    """

    values: Float[Tensor, "series T"]
    observed: Bool[Tensor, "series T"]
    level: Float[Tensor, "series T"]
    probability: Float[Tensor, "series T"]
    error: Float[Tensor, "series T"]

    def forecast(
        self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], ahead: Int[Tensor, " H"]
    ) -> Float[Tensor, "B H"]:
        """Return the demand to expect, which is the same of all steps ahead."""
        return self.level[rows, cutoffs - 1][:, None].expand(-1, len(ahead))

    def spread(
        self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], ahead: Int[Tensor, " H"]
    ) -> Float[Tensor, "B H"]:
        """Return the root mean squared error until the cutoffs."""
        return self.error[rows, cutoffs - 1][:, None].expand(-1, len(ahead))

    def quantiles(
        self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], probabilities: Sequence[float]
    ) -> Float[Tensor, "B Q"]:
        """Return quantiles of a step's demand: nothing, or a demand of a size as there was before.

        Sizes are those of the series itself, of which older ones count less.
        """
        wanted = torch.tensor(list(probabilities), dtype=torch.float64)
        size = max(1, _MOST_NUMBERS // self.values.shape[1])
        pieces = zip(rows.split(size), cutoffs.split(size), strict=True)
        return torch.cat([self._quantiles(row, cutoff, wanted) for row, cutoff in pieces])

    def _quantiles(self, rows: Tensor, cutoffs: Tensor, wanted: Tensor) -> Float[Tensor, "B Q"]:
        steps = torch.arange(self.values.shape[1])
        before = steps < cutoffs[:, None]
        values = self.values[rows]
        counted = before & self.observed[rows] & (values > 0)
        weights = counted * _DISCOUNT ** (cutoffs[:, None] - 1 - steps).clamp(min=0).double()
        ordered, order = torch.where(counted, values, 0.0).sort(dim=1)
        reached = weights.gather(1, order).cumsum(1)
        probability = self.probability[rows, cutoffs - 1][:, None]
        # of what is above the share of nothing, the part of the sizes
        above = (wanted - (1 - probability)) / probability.clamp(min=1e-300)
        place = torch.searchsorted(reached, above.clamp(min=0) * reached[:, -1:] * (1 - 1e-12))
        found = ordered.gather(1, place.clamp(max=ordered.shape[1] - 1))
        return torch.where(above > 0, found, 0.0)
