"""SmoothedBlock: a block of series, each smoothed as it is: positive, below 0 at times, or mostly 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.smoothing.demand import Demand, DemandTable, DemandWeights
from tsseq2seq.smoothing.demand_methods import DemandMethods
from tsseq2seq.smoothing.intermittent import mostly_zero
from tsseq2seq.smoothing.method_weights import MethodWeights
from tsseq2seq.smoothing.methods import Methods
from tsseq2seq.smoothing.series_block import SeriesBlock
from tsseq2seq.smoothing.smoothed import MethodForecasts, Smoothed, SmoothedTable

__all__ = ["BlockTable", "SmoothedBlock"]

# Of fewer values than this nothing is known.
_FEWEST_VALUES = 5
# Without a greater error than this share of the largest value, rounding aside, there is none.
_ROUNDING = 1e-12
# So many values without an error are taken at their word.
_ENOUGH_EQUAL_VALUES = 20
# A forecast of a series that was always positive stays above this share of its lowest value.
_LEAST_SHARE = 0.1
# Where seasons explain more of the variance than this, it is they that are 0, such as the sun at night.
_SEASONAL = 0.25

_DEMAND_METHODS = DemandMethods()


_Kind = TypeVar("_Kind", Smoothed, Demand)


@dataclass(frozen=True)
class _Branch(Generic[_Kind]):
    """The series of a block that are smoothed in one way.

    Attributes
    ----------
    place
        (n,): where a series of the block is among them; −1 if it is not.
    smoothed
        These series.
    """

    place: Int[Tensor, " n"]
    smoothed: _Kind


@dataclass(frozen=True)
class SmoothedBlock:
    """Smoothed series of a block.

    A series has factors as seasons at cutoffs before which all its values are positive, and terms at the
    others; at those before which it is intermittent demand it has no season, and methods of its own. So what
    comes after a cutoff does not decide on how it is smoothed.

    Attributes
    ----------
    block
        The series.
    seen
        (n, T): how many values were observed up to each step.
    positive_until
        (n,): the last cutoff with factors; 0: none.
    lowest, largest
        (n, T): the lowest value, and the largest absolute value, up to each step.
    intermittent
        (n, T): whether the series is intermittent demand up to each step.
    factors, terms, demand
        The series with each kind of seasons, and those of intermittent demand. None: there are none.
    """

    block: SeriesBlock
    seen: Int[Tensor, "n T"]
    positive_until: Int[Tensor, " n"]
    lowest: Float[Tensor, "n T"]
    largest: Float[Tensor, "n T"]
    intermittent: Bool[Tensor, "n T"]
    factors: _Branch[Smoothed] | None
    terms: _Branch[Smoothed] | None
    demand: _Branch[Demand] | None

    @classmethod
    def of(
        cls,
        block: SeriesBlock,
        periods: tuple[int, ...],
        horizon: int,
        methods: Methods,
        *,
        earliest: int = 1,
        demand_methods: DemandMethods = _DEMAND_METHODS,
    ) -> SmoothedBlock:
        """Smooth the series of a block; see :meth:`Smoothed.of` and :meth:`Demand.of`."""
        values, observed = block.values, block.observed
        length = values.shape[1]
        lowest = values.masked_fill(~observed, torch.inf).cummin(1).values
        positive = (lowest > 0).sum(1)
        factors = (positive > 0) if periods else torch.zeros_like(positive, dtype=torch.bool)
        terms = ~factors | (positive < length)

        def branch(chosen: Tensor, multiplicative: bool) -> _Branch[Smoothed] | None:
            if not bool(chosen.any()):
                return None
            place = torch.where(chosen, chosen.cumsum(0) - 1, -1)
            kept = values[chosen]
            if multiplicative:
                # beyond the last cutoff with factors nothing is read; it only must not divide by 0
                kept = torch.where(lowest[chosen] > 0, kept, 1.0)
            smoothed = Smoothed.of(
                kept,
                observed[chosen],
                block.ends[chosen],
                periods,
                horizon=horizon,
                multiplicative=multiplicative,
                methods=methods,
                earliest=earliest,
            )
            return _Branch(place, smoothed)

        until = torch.where(factors, torch.where(positive == length, length + 1, positive), 0)
        largest = values.abs().cummax(1).values
        with_factors, with_terms = branch(factors, True), branch(terms, False)
        intermittent = _intermittent(block, with_terms)
        demand = None
        chosen = intermittent[:, max(0, earliest - 1) :].any(1)
        if bool(chosen.any()):
            found = Demand.of(values[chosen], observed[chosen], horizon=horizon, methods=demand_methods)
            demand = _Branch(torch.where(chosen, chosen.cumsum(0) - 1, -1), found)
        seen = observed.cumsum(1)
        return cls(block, seen, until, lowest, largest, intermittent, with_factors, with_terms, demand)

    @property
    def values(self) -> Float[Tensor, "n T"]:
        """The values, in units of the panel."""
        return self.block.values

    @property
    def observed(self) -> Bool[Tensor, "n T"]:
        """Which values were observed."""
        return self.block.observed

    @property
    def lowest_forecast(self) -> Float[Tensor, "n T"]:
        """The lowest point to forecast after each step; −∞ for a series that was negative."""
        return torch.where(self.lowest >= 0, _LEAST_SHARE * self.lowest, -torch.inf)

    def method_forecasts(
        self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], horizon: int
    ) -> MethodForecasts:
        """Return the forecasts of all methods; see :meth:`Smoothed.method_forecasts`.

        None of the cutoffs is one of intermittent demand.
        """
        parts = []
        for branch, chosen in self.split(rows, cutoffs):
            found = branch.smoothed.method_forecasts(branch.place[rows[chosen]], cutoffs[chosen], horizon)
            parts.append((chosen, found))
        forecasts = _joined(len(rows), [(chosen, part.forecasts) for chosen, part in parts])
        logarithms = _joined(len(rows), [(chosen, part.logarithms) for chosen, part in parts])
        return MethodForecasts(forecasts, logarithms)

    def table(self, weights: MethodWeights, demand_weights: DemandWeights) -> BlockTable:
        """Return the table from which forecasts from any cutoff are read."""
        factors, terms = (
            None if branch is None else branch.smoothed.table(weights)
            for branch in (self.factors, self.terms)
        )
        demand = None if self.demand is None else self.demand.smoothed.table(demand_weights)
        return BlockTable(self, factors, terms, demand)

    def split(self, rows: Tensor, cutoffs: Tensor) -> list[tuple[_Branch[Any], Tensor]]:
        """Return the branches, each with the indices of the rows that are in it at these cutoffs."""
        with_factors, demanded = cutoffs <= self.positive_until[rows], self.intermittent[rows, cutoffs - 1]
        kinds = (
            (self.factors, with_factors),
            (self.terms, ~with_factors & ~demanded),
            (self.demand, demanded),
        )
        used = [(branch, chosen.nonzero()[:, 0]) for branch, chosen in kinds if branch is not None]
        # without any row, one kind tells the shape
        return [(branch, chosen) for branch, chosen in used if len(chosen)] or used[:1]


@dataclass(frozen=True)
class BlockTable:
    """Forecasts of a block's series from any cutoff.

    Attributes
    ----------
    smoothed
        The smoothed block.
    factors, terms, demand
        The tables of its three kinds of series.
    """

    smoothed: SmoothedBlock
    factors: SmoothedTable | None
    terms: SmoothedTable | None
    demand: DemandTable | None

    def forecast(
        self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], ahead: Int[Tensor, " H"]
    ) -> Float[Tensor, "B H"]:
        """Return forecasts in the units of the block; a series that never was negative stays so.

        Parameters
        ----------
        rows
            Rows of the block.
        cutoffs
            Steps of the block before which values are known, at least 1.
        ahead
            Steps ahead, from 1.
        """
        forecasts = self._read(rows, cutoffs, lambda table, *at: table.forecast(*at, ahead))
        return forecasts.maximum(self.smoothed.lowest_forecast[rows, cutoffs - 1][:, None])

    def spread(
        self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], ahead: Int[Tensor, " H"]
    ) -> Float[Tensor, "B H"]:
        """Return the mean absolute error until the cutoffs; see :meth:`SmoothedTable.spread`."""
        return self._read(rows, cutoffs, lambda table, *at: table.spread(*at, ahead))

    def quantiles(
        self,
        rows: Int[Tensor, " B"],
        cutoffs: Int[Tensor, " B"],
        ahead: Int[Tensor, " H"],
        probabilities: Sequence[float],
        offsets: Float[Tensor, "H Q"],
    ) -> Float[Tensor, "B H Q"]:
        """Return quantiles: so many mean errors from the forecast; of intermittent demand its own.

        Parameters
        ----------
        rows, cutoffs, ahead
            As for :meth:`forecast`.
        probabilities, offsets
            Of the quantiles, and the mean errors by which they lie off the forecast.
        """

        def read(table: SmoothedTable | DemandTable, place: Tensor, at: Tensor) -> Tensor:
            if isinstance(table, DemandTable):
                return table.quantiles(place, at, probabilities)[:, None].expand(-1, len(ahead), -1)
            return table.spread(place, at, ahead)[..., None] * offsets

        found = self._read(rows, cutoffs, read)
        demanded = self.smoothed.intermittent[rows, cutoffs - 1][:, None, None]
        point = self.forecast(rows, cutoffs, ahead)[..., None]
        return torch.where(demanded, found, point + found).maximum(self.floor(rows, cutoffs)[:, None, None])

    def floor(self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"]) -> Float[Tensor, " B"]:
        """Return the lowest quantile to forecast: 0 where no value was below it."""
        return self.smoothed.lowest_forecast[rows, cutoffs - 1].clamp(max=0)

    def known(self, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"]) -> Bool[Tensor, " B"]:
        """Return whether enough is known before the cutoffs: some values, and how far they spread."""
        seen = self.smoothed.seen[rows, cutoffs - 1]
        error = self.spread(rows, cutoffs, torch.ones(1, dtype=torch.long))[:, 0]
        erred = error > _ROUNDING * self.smoothed.largest[rows, cutoffs - 1]
        return (seen >= _FEWEST_VALUES) & (erred | (seen >= _ENOUGH_EQUAL_VALUES))

    def _read(
        self,
        rows: Tensor,
        cutoffs: Tensor,
        read: Callable[[SmoothedTable | DemandTable, Tensor, Tensor], Tensor],
    ) -> Tensor:
        """Read each row from the table of the branch that it is in at its cutoff."""
        parts, of_block = [], self.smoothed
        for branch, chosen in of_block.split(rows, cutoffs):
            if branch is of_block.demand:
                table: SmoothedTable | DemandTable | None = self.demand
            else:
                table = self.factors if branch is of_block.factors else self.terms
            assert table is not None
            parts.append((chosen, read(table, branch.place[rows[chosen]], cutoffs[chosen])))
        return _joined(len(rows), parts)


def _intermittent(block: SeriesBlock, terms: _Branch[Smoothed] | None) -> Bool[Tensor, "n T"]:
    """Return whether each series is intermittent demand up to each step, other than by its seasons."""
    found = mostly_zero(block.values, block.observed)
    if terms is None or not bool(found.any()):
        return found  # of a series that is positive it is nowhere true
    has = terms.place >= 0
    found[has] &= terms.smoothed.variance_explained(block.values[has]) <= _SEASONAL
    return found


def _joined(count: int, parts: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Put the parts of rows where they belong; every row is in one."""
    if len(parts) == 1:
        return parts[0][1]
    joined = parts[0][1].new_empty(count, *parts[0][1].shape[1:])
    for chosen, part in parts:
        joined[chosen] = part
    return joined
