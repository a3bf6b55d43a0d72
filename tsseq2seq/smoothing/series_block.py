"""Blocks of a panel's series, padded to one length, as the smoothing reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.panel import Panel

__all__ = ["SeriesBlock", "series_blocks"]

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
    """

    series: Int[Tensor, " n"]
    target: Int[Tensor, " n"]
    start: Int[Tensor, " n"]
    values: Float[Tensor, "n T"]
    observed: Bool[Tensor, "n T"]
    ends: Int[Tensor, " n"]

    @property
    def lengths(self) -> Int[Tensor, " n"]:
        """Steps up to the last observed value."""
        return (self.observed * torch.arange(1, self.values.shape[1] + 1)).amax(1)


def series_blocks(
    panel: Panel, *, most_steps: int | None = None, chosen: Int[Tensor, " chosen"] | None = None
) -> Iterator[SeriesBlock]:
    """Yield blocks of series of similar length; a series without any observed value is in none.

    Parameters
    ----------
    panel
        The series, on any device; blocks lie on the CPU.
    most_steps
        How many of the last steps of each series are read. None: all.
    chosen
        The series to read. None: all.
    """
    lengths, offsets = panel.lengths.cpu(), panel.offsets.cpu()
    order = torch.arange(panel.count) if chosen is None else chosen.cpu()
    order = order[lengths[order].argsort(descending=True, stable=True)]
    targets = panel.values.shape[1]
    begin = 0
    while begin < len(order):
        longest = int(lengths[order[begin]])
        if most_steps is not None:
            longest = min(longest, most_steps)
        count = max(1, _MOST_STEPS // max(1, longest * targets))
        block = order[begin : begin + count]
        for target in range(targets):
            made = _block(panel, block, offsets, lengths, target, longest)
            if len(made.series):
                yield made
        begin += count


def _block(
    panel: Panel, series: Tensor, offsets: Tensor, lengths: Tensor, target: int, longest: int
) -> SeriesBlock:
    earliest = (lengths[series] - longest).clamp(min=0)
    steps = earliest[:, None] + torch.arange(longest)
    inside = steps < lengths[series][:, None]
    rows = (offsets[series][:, None] + steps).clamp(max=max(0, len(panel.values) - 1))
    observed = panel.observed.cpu()[rows, target] & inside
    has = observed.any(1)
    series, rows, observed, inside, earliest = (
        part[has] for part in (series, rows, observed, inside, earliest)
    )
    first = observed.int().argmax(1)
    shifted = torch.arange(longest) + first[:, None]
    inside, shifted = shifted < longest, shifted.clamp(max=longest - 1)
    rows, observed = rows.gather(1, shifted), observed.gather(1, shifted) & inside
    unit, origin = panel.unit.cpu()[series, target], panel.origin.cpu()[series, target]
    shift = (origin / unit)[:, None]
    numbers = panel.values.cpu()[rows, target].double() + shift
    # the panel's rounding (float32) must not turn a 0 into a value above or below it
    numbers = torch.where(numbers.abs() <= 2.0**-24 * shift.abs(), 0.0, numbers)
    return SeriesBlock(
        series,
        torch.full_like(series, target),
        earliest + first,
        numbers.masked_fill(~observed, 0.0),
        observed,
        lengths[series] - earliest - first,
    )
