"""Blocks of a panel's series, padded to one length, as the smoothing reads them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.panel import Panel

__all__ = ["SeriesBlock", "Spans", "series_blocks"]

# Steps of all series of a block together, padding included: their states then take some 200 MB.
_MOST_STEPS = 60_000


@dataclass(frozen=True)
class SeriesBlock:
    """Some series of a panel, each from its first observed value on.

    Attributes
    ----------
    series, target
        (n,): which series of the panel these are, and of which target.
    start
        (n,): the step of the series at which its values here begin.
    values
        (n, T), float64, in units of the panel (original value / unit); 0 where not observed.
    observed
        (n, T): which values were observed; the first of each series was.
    ends
        (n,): steps of each series; padding follows.
    span
        (n,): which of the spans asked for these are.
    """

    series: Int[Tensor, " n"]
    target: Int[Tensor, " n"]
    start: Int[Tensor, " n"]
    values: Float[Tensor, "n T"]
    observed: Bool[Tensor, "n T"]
    ends: Int[Tensor, " n"]
    span: Int[Tensor, " n"]

    @property
    def lengths(self) -> Int[Tensor, " n"]:
        """Steps up to the last observed value."""
        return (self.observed * torch.arange(1, self.values.shape[1] + 1)).amax(1)


@dataclass(frozen=True)
class Spans:
    """Parts of series: of each the steps from ``start`` to ``end``, exclusive; a series may have several."""

    series: Int[Tensor, " spans"]
    start: Int[Tensor, " spans"]
    end: Int[Tensor, " spans"]


def series_blocks(panel: Panel, spans: Spans | None = None) -> Iterator[SeriesBlock]:
    """Yield blocks of spans of similar length; one without any observed value is in none.

    Parameters
    ----------
    panel
        The series, on any device; blocks lie on the CPU.
    spans
        What is read of the series. None: all of every series.
    """
    # only what is read here, and once, is copied from a GPU
    bare = dataclasses.replace(panel, past=None, future=None, static=None, calendar=None)
    panel = bare.to(torch.device("cpu"))
    if spans is None:
        every = torch.arange(panel.count)
        spans = Spans(every, torch.zeros_like(every), panel.lengths)
    steps = spans.end - spans.start
    order = steps.argsort(descending=True, stable=True)
    targets = panel.values.shape[1]
    begin = 0
    while begin < len(order):
        longest = int(steps[order[begin]])
        count = max(1, _MOST_STEPS // max(1, longest * targets))
        for target in range(targets):
            made = _block(panel, spans, order[begin : begin + count], target, longest)
            if len(made.series):
                yield made
        begin += count


def _block(panel: Panel, spans: Spans, chosen: Tensor, target: int, longest: int) -> SeriesBlock:
    """Read some spans of one target, each from its first observed value on."""
    series, earliest, ends = spans.series[chosen], spans.start[chosen], spans.end[chosen]
    steps = earliest[:, None] + torch.arange(longest)
    inside = steps < ends[:, None]
    rows = (panel.offsets[series][:, None] + steps).clamp(max=max(0, len(panel.values) - 1))
    observed = panel.observed[rows, target] & inside
    has = observed.any(1)
    chosen, series, rows, observed, earliest, ends = (
        part[has] for part in (chosen, series, rows, observed, earliest, ends)
    )
    first = observed.int().argmax(1)
    shifted = torch.arange(longest) + first[:, None]
    inside, shifted = shifted < longest, shifted.clamp(max=longest - 1)
    rows, observed = rows.gather(1, shifted), observed.gather(1, shifted) & inside
    unit, origin = panel.unit[series, target], panel.origin[series, target]
    shift = (origin / unit)[:, None]
    numbers = panel.values[rows, target].double() + shift
    # the panel's rounding (float32) must not turn a 0 into a value above or below it
    numbers = torch.where(numbers.abs() <= 2.0**-24 * shift.abs(), 0.0, numbers)
    return SeriesBlock(
        series,
        torch.full_like(series, target),
        earliest + first,
        numbers.masked_fill(~observed, 0.0),
        observed,
        ends - earliest - first,
        chosen,
    )
