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

from tsseq2seq.smoothing.demand_methods import DemandLevels, DemandMethods, demand_levels
from tsseq2seq.smoothing.method_errors import discounted_errors, relative_logarithms
from tsseq2seq.smoothing.method_weights import MethodWeights
from tsseq2seq.smoothing.smoothed import MethodForecasts

__all__ = ["Demand", "DemandTable"]

# What the size of a demand counts less with each step that passes, in quantiles.
_DISCOUNT = 0.99
# So many numbers are sorted at once.
_MOST_NUMBERS = 4_000_000


@dataclass(frozen=True)
class Demand:
    """The levels of all methods after each step of some intermittent series, and their errors.

    Attributes
    ----------
    values, observed
        (series, T): the series.
    levels
        What the methods expect.
    total, count
        (series, T, methods) and (series, T, 1): discounted sums of squared errors, and their number.
    methods, horizon
        The methods, and the steps to forecast, at which they are judged.
    """

    values: Float[Tensor, "series T"]
    observed: Bool[Tensor, "series T"]
    levels: DemandLevels
    total: Float[Tensor, "series T G"]
    count: Float[Tensor, "series T 1"]
    methods: DemandMethods
    horizon: int

    @classmethod
    def of(
        cls,
        values: Float[Tensor, "series T"],
        observed: Bool[Tensor, "series T"],
        *,
        horizon: int,
        methods: DemandMethods,
    ) -> Demand:
        """Smooth series, and judge every method at every step by the levels some steps before."""
        levels = demand_levels(values, observed, methods)
        total, count = _squared_errors(values, observed, levels.level, horizon)
        return cls(values, observed, levels, total, count, methods, horizon)

    def logarithms(self, rows: Int[Tensor, "*B"], steps: Int[Tensor, "*B"]) -> Float[Tensor, "*B G"]:
        """Return the logarithm of each method's root mean squared error relative to the mean of all."""
        return relative_logarithms(self.total[rows, steps].sqrt(), self.count[rows, steps])

    def method_forecasts(
        self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], horizon: int
    ) -> MethodForecasts:
        """Return the forecasts of all methods from cutoffs, each after that many steps of its series."""
        level = self.levels.level[rows, cutoffs - 1]
        return MethodForecasts(
            level[:, None].expand(-1, horizon, -1), self.logarithms(rows, cutoffs - 1)
        )

    def table(self, weights: MethodWeights) -> DemandTable:
        """Return what forecasts from any cutoff are read from, with the methods weighed."""
        series, length = self.observed.shape
        rows = torch.arange(series)[:, None].expand(-1, length)
        steps = torch.arange(length).expand(series, -1)
        share = weights.of(self.logarithms(rows, steps))
        level = (share * self.levels.level).sum(-1)
        linked = share[..., : self.methods.linked]
        probability = (linked * self.levels.probability).sum(-1) / linked.sum(-1).clamp(min=1e-300)
        total, count = _squared_errors(self.values, self.observed, level[..., None], self.horizon)
        error = (total / count.clamp(min=1e-12))[..., 0].sqrt()
        return DemandTable(self.values, self.observed, level, probability.clamp(0, 1), error)


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


def _squared_errors(
    values: Float[Tensor, "series T"],
    observed: Bool[Tensor, "series T"],
    levels: Float[Tensor, "series T G"],
    horizon: int,
) -> tuple[Float[Tensor, "series T G"], Float[Tensor, "series T 1"]]:
    """Return the discounted sums of squared errors up to each step, and of their number."""
    length = values.shape[1]

    def judge(ahead: int) -> Tensor:
        return (values[:, ahead:, None] - levels[:, : length - ahead]).square_()

    return discounted_errors(judge, observed, horizon, width=levels.shape[-1])
