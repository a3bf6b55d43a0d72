"""SmoothingBase: exponential smoothing with what it learned from a panel, forecast from any cutoff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.smoothing.demand import DemandWeights
from tsseq2seq.smoothing.demand_methods import DemandMethods
from tsseq2seq.smoothing.error_shape import ErrorShape
from tsseq2seq.smoothing.learning import learned_weights
from tsseq2seq.smoothing.method_weights import MethodWeights
from tsseq2seq.smoothing.methods import Methods
from tsseq2seq.smoothing.rehearsal import (
    Rehearsal,
    first_rehearsal,
    rehearsal_cutoffs,
    typical_change,
    typical_demand,
)
from tsseq2seq.smoothing.series_block import SeriesBlock, Spans, series_blocks
from tsseq2seq.smoothing.smoothed_block import BlockTable, SmoothedBlock

__all__ = ["SmoothingBase"]

# Origins to learn from, and how many steps of all series are looked through for them.
_CUTOFFS, _ROWS = 6000, 60_000
# Of a long series only so many steps, or so many of its longest periods, are learned from and forecast from.
_STEPS, _PERIODS = 1000, 4


@dataclass(frozen=True)
class SmoothingBase:
    """Exponential smoothing with all that it learned from a panel.

    Attributes
    ----------
    periods
        Seasonal periods, the shortest first; empty: none.
    horizon
        Steps ahead over which methods are judged.
    weights
        How much each method counts.
    shape
        How errors grow and are distributed.
    methods
        The methods.
    demand_methods, demand_weights
        The methods for intermittent demand, and how much each of them counts.
    """

    periods: tuple[int, ...]
    horizon: int
    weights: MethodWeights
    shape: ErrorShape
    methods: Methods = field(default_factory=Methods)
    demand_methods: DemandMethods = field(default_factory=DemandMethods)
    demand_weights: DemandWeights = field(default_factory=lambda: DemandWeights.unlearned(DemandMethods()))

    @classmethod
    def unlearned(cls, periods: tuple[int, ...], horizon: int) -> SmoothingBase:
        """Return smoothing that weighs its methods by each series' own errors alone."""
        methods, nothing = Methods(), torch.zeros(0, horizon, dtype=torch.float64)
        weights = MethodWeights.unlearned(methods.count)
        return cls(periods, horizon, weights, ErrorShape.learned(nothing, nothing, horizon), methods)

    @classmethod
    def learned(cls, panel: Panel, periods: tuple[int, ...], horizon: int, *, seed: int) -> SmoothingBase:
        """Learn from a panel, or from a sample of it, what served its series at earlier cutoffs.

        Parameters
        ----------
        panel
            The series.
        periods, horizon
            Seasonal periods, and steps to forecast.
        seed
            Seed of the sample, of the cutoffs and of the learning.
        """
        generator = torch.Generator().manual_seed(seed)
        methods = Methods()
        blocks = _sample(panel, periods, horizon, methods, generator)
        longest = max(periods, default=1)
        cutoffs = [
            rehearsal_cutoffs(block, longest, horizon, most=_share_of(block, blocks), generator=generator)
            for block in blocks
        ]
        usual, demanded = _by_kind(blocks, cutoffs)
        rehearsals = [
            Rehearsal.of(block, rows, steps, _change(block, longest, rows, steps), horizon)
            for block, rows, steps in usual
        ]
        weights = MethodWeights.unlearned(methods.count)
        if rehearsals:
            weights = learned_weights(Rehearsal.joined(rehearsals), generator=generator)
        demand_weights = DemandWeights.unlearned(DemandMethods())
        if demanded:
            demand_weights = _learned_of_demand(demanded, horizon, generator)
        # what comes next is forecast from a whole history: the later rehearsals are the most like it
        later = [(block, *_later_half(block, rows, steps)) for block, rows, steps in usual]
        empty = torch.zeros(0, horizon, dtype=torch.float64)
        errors = [(empty, empty)] + [
            _errors(block.table(weights, demand_weights), rows, steps, horizon)
            for block, rows, steps in later
        ]
        joined, observed = (torch.cat(parts) for parts in zip(*errors, strict=True))
        horizons = max((_horizons(steps, horizon) for _, _, steps in later), default=0)
        shape = ErrorShape.learned(joined, observed, horizon, horizons=horizons)
        return cls(periods, horizon, weights, shape, methods, demand_weights=demand_weights)

    def forecast(self, panel: Panel, horizon: int, *, probabilities: Sequence[float] = ()) -> np.ndarray:
        """Forecast the steps after the end of each series, and quantiles.

        Returns
        -------
        numpy.ndarray
            (series, horizon, targets, 1 + probabilities) in original units, float64; NaN for a series of
            which too little is known: fewer than five values, or no error of a forecast.
        """
        series = torch.arange(panel.count)
        return self.forecast_cutoffs(panel, series, panel.lengths.cpu(), horizon, probabilities=probabilities)

    def forecast_cutoffs(
        self,
        panel: Panel,
        series: Int[Tensor, " B"],
        cutoffs: Int[Tensor, " B"],
        horizon: int,
        *,
        probabilities: Sequence[float] = (),
    ) -> np.ndarray:
        """Forecast from any cutoffs; values from the cutoff on are not looked at.

        Parameters
        ----------
        panel
            The series.
        series, cutoffs
            Numbers of series, and the step of each from which on to forecast.
        horizon
            Steps to forecast.
        probabilities
            Probabilities of quantiles.

        Returns
        -------
        numpy.ndarray
            (B, horizon, targets, 1 + probabilities), as for :meth:`forecast`; NaN where too little is known.
        """
        numbers, known = self.cutoff_numbers(panel, series, cutoffs, horizon, probabilities=probabilities)
        return numbers.masked_fill(~known[:, None, :, None], torch.nan).numpy()

    def cutoff_numbers(
        self,
        panel: Panel,
        series: Int[Tensor, " B"],
        cutoffs: Int[Tensor, " B"],
        horizon: int,
        *,
        probabilities: Sequence[float] = (),
    ) -> tuple[Float[Tensor, "B H Y N"], Bool[Tensor, "B Y"]]:
        """Return what :meth:`forecast_cutoffs` does, also where too little is known, and where enough is.

        Before its first value a series is forecast as 0.
        """
        targets = panel.values.shape[1]
        numbers = torch.zeros(len(series), horizon, targets, 1 + len(probabilities), dtype=torch.float64)
        known = torch.zeros(len(series), targets, dtype=torch.bool)
        if not len(series):
            return numbers, known
        spans, span_of = _spans_before(series, cutoffs, self.memory)
        for block in series_blocks(panel, spans):
            place = torch.full((len(spans.series),), -1)
            place[block.span] = torch.arange(len(block.span))
            rows = place[span_of]
            wanted = ((rows >= 0) & (cutoffs > block.start[rows.clamp(min=0)])).nonzero()[:, 0]
            if len(wanted):
                at, target = (rows[wanted], cutoffs[wanted]), int(block.target[0])
                found = self._of_block(panel, block, *at, horizon, probabilities)
                numbers[wanted, :, target], known[wanted, target] = found
        return numbers, known

    @property
    def memory(self) -> int:
        """How many steps before a cutoff are read at least."""
        return _memory(self.periods)

    def _of_block(
        self,
        panel: Panel,
        block: SeriesBlock,
        rows: Int[Tensor, " B"],
        cutoffs: Int[Tensor, " B"],
        horizon: int,
        probabilities: Sequence[float],
    ) -> tuple[Float[Tensor, "B H N"], Bool[Tensor, " B"]]:
        """Forecast some rows of a block from cutoffs of their series, and quantiles."""
        at, ahead = (rows, cutoffs - block.start[rows]), torch.arange(1, horizon + 1)
        table = self.table(block, earliest=int(at[1].min()))
        numbers = table.forecast(*at, ahead)[..., None]
        if probabilities:
            offsets = self.shape.offsets(probabilities, horizon)
            numbers = torch.cat([numbers, table.quantiles(*at, ahead, probabilities, offsets)], dim=-1)
        unit = panel.unit.cpu()[block.series[rows], block.target[rows]]
        return numbers * unit[:, None, None], table.known(*at)

    def table(self, block: SeriesBlock, *, earliest: int = 1) -> BlockTable:
        """Smooth the series of a block, and weigh the methods.

        Parameters
        ----------
        block
            The series.
        earliest
            The first cutoff that anything is asked of.
        """
        smoothed = SmoothedBlock.of(
            block,
            self.periods,
            self.horizon,
            self.methods,
            earliest=earliest,
            demand_methods=self.demand_methods,
        )
        return smoothed.table(self.weights, self.demand_weights)


def _memory(periods: tuple[int, ...]) -> int:
    return max(_STEPS, _PERIODS * max(periods, default=1))


def _spans_before(
    series: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], memory: int
) -> tuple[Spans, Int[Tensor, " B"]]:
    """Return what is read of long series for cutoffs, at least so many steps, and the span of each cutoff.

    A span begins at a multiple of half the memory, so that many cutoffs share one, and where it begins
    depends on nothing but the cutoff.
    """
    half = memory // 2
    starts = torch.div((cutoffs - memory).clamp(min=0), half, rounding_mode="floor") * half
    pairs, span_of = torch.stack([series, starts]).unique(dim=1, return_inverse=True)
    ends = torch.zeros(pairs.shape[1], dtype=cutoffs.dtype).scatter_reduce(0, span_of, cutoffs, "amax")
    return Spans(pairs[0], pairs[1], ends), span_of


def _sample(
    panel: Panel, periods: tuple[int, ...], horizon: int, methods: Methods, generator: torch.Generator
) -> list[SmoothedBlock]:
    """Smooth a sample of the series."""
    most_steps = _memory(periods)
    order = torch.randperm(panel.count, generator=generator)
    rows = panel.lengths.cpu()[order].clamp(max=most_steps).cumsum(0) * panel.values.shape[1]
    chosen = order[: max(1, int((rows <= _ROWS).sum()))]
    ends = panel.lengths.cpu()[chosen]
    blocks = series_blocks(panel, Spans(chosen, (ends - most_steps).clamp(min=0), ends))
    earliest = first_rehearsal(max(periods, default=1))
    return [SmoothedBlock.of(block, periods, horizon, methods, earliest=earliest) for block in blocks]


def _share_of(block: SmoothedBlock, blocks: Sequence[SmoothedBlock]) -> int:
    """Return how many cutoffs a block has of all, by its number of series."""
    total = sum(len(each.block.series) for each in blocks)
    return -(-_CUTOFFS * len(block.block.series) // total)


def _later_half(
    block: SmoothedBlock, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"]
) -> tuple[Int[Tensor, " later"], Int[Tensor, " later"]]:
    """Return the rehearsals in the later half of each series; all if none is."""
    later = 2 * cutoffs >= block.block.lengths[rows]
    return (rows[later], cutoffs[later]) if bool(later.any()) else (rows, cutoffs)


def _horizons(cutoffs: Int[Tensor, " B"], horizon: int) -> int:
    """Return how many horizons, one after the other, cutoffs cover."""
    return 1 + int(cutoffs.max() - cutoffs.min()) // horizon if len(cutoffs) else 0


def _by_kind(
    blocks: Sequence[SmoothedBlock], cutoffs: Sequence[tuple[Tensor, Tensor]]
) -> list[list[tuple[SmoothedBlock, Tensor, Tensor]]]:
    """Return blocks with rows and cutoffs: first all but those of intermittent demand, then these."""
    kinds: list[list[tuple[SmoothedBlock, Tensor, Tensor]]] = [[], []]
    for block, (rows, steps) in zip(blocks, cutoffs, strict=True):
        demanded = block.intermittent[rows, steps - 1]
        for kind, chosen in zip(kinds, (~demanded, demanded), strict=True):
            if bool(chosen.any()):
                kind.append((block, rows[chosen], steps[chosen]))
    return kinds


def _change(block: SmoothedBlock, period: int, rows: Tensor, cutoffs: Tensor) -> Tensor:
    return typical_change(block.block.values, block.block.observed, period)[rows, cutoffs - 1]


def _learned_of_demand(
    cutoffs: list[tuple[SmoothedBlock, Tensor, Tensor]], horizon: int, generator: torch.Generator
) -> DemandWeights:
    """Learn from cutoffs of intermittent demand what served, of its amount and of its chance."""
    amounts, chances = [], []
    for block, rows, steps in cutoffs:
        assert block.demand is not None
        demand, at = block.demand.smoothed, (block.demand.place[rows], steps)
        scale = typical_demand(demand.amount.values, demand.amount.observed)[at[0], at[1] - 1]
        amounts.append(Rehearsal.of(demand.amount, *at, scale, horizon))
        chances.append(Rehearsal.of(demand.chance, *at, torch.ones_like(scale), horizon))
    learned = (
        learned_weights(Rehearsal.joined(rehearsals), generator=generator, squared=True)
        for rehearsals in (amounts, chances)
    )
    return DemandWeights(*learned)


def _errors(
    table: BlockTable, rows: Int[Tensor, " B"], cutoffs: Int[Tensor, " B"], horizon: int
) -> tuple[Float[Tensor, "B H"], Float[Tensor, "B H"]]:
    """Return outcome less forecast, in units of the mean error until then; 1 where there is an outcome."""
    block, ahead = table.smoothed.block, torch.arange(1, horizon + 1)
    steps = cutoffs[:, None] + ahead - 1
    spread = table.spread(rows, cutoffs, ahead)
    observed = block.observed[rows[:, None], steps] & (spread > 0)
    errors = block.values[rows[:, None], steps] - table.forecast(rows, cutoffs, ahead)
    return torch.where(observed, errors / torch.where(observed, spread, 1.0), 0.0), observed.double()
