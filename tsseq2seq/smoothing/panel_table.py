"""PanelTable: what smoothing forecasts from any cutoff of a panel, read by index arithmetic on its rows.

One pass over the steps of a panel fills the table. After it a forecast from a cutoff costs a few look-ups,
so that a network can add to it in every training step.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.smoothing.base import SmoothingBase
from tsseq2seq.smoothing.methods import Methods
from tsseq2seq.smoothing.seasonal_indices import last_known_step
from tsseq2seq.smoothing.series_block import series_blocks
from tsseq2seq.smoothing.smoothed_block import BlockTable

__all__ = ["PanelTable"]


@dataclass(frozen=True)
class PanelTable:
    """Smoothing's forecasts from any cutoff of a panel, on the panel's device.

    Attributes
    ----------
    panel
        The series.
    numbers
        (rows, Y, N), float64: after each step, the numbers of
        :meth:`~tsseq2seq.smoothing.methods.Methods.combined`, in units of the panel.
    indices, known
        (2, rows, Y, periods): the seasonal indices, as terms and as factors, and which are known.
    factors
        (rows, Y): whether seasons are factors for a cutoff after the step.
    plain
        (rows, Y): whether there is no season for a cutoff after the step, as of intermittent demand. None:
        nowhere.
    lowest
        (rows, Y), float64: the lowest number to forecast after the step.
    periods, methods
        Seasonal periods, and the methods.
    """

    panel: Panel
    numbers: Float[Tensor, "rows Y N"]
    indices: Float[Tensor, "2 rows Y periods"]
    known: Bool[Tensor, "2 rows Y periods"]
    factors: Bool[Tensor, "rows Y"]
    plain: Bool[Tensor, "rows Y"] | None
    lowest: Float[Tensor, "rows Y"]
    periods: tuple[int, ...]
    methods: Methods

    @classmethod
    def of(cls, base: SmoothingBase, panel: Panel) -> PanelTable:
        """Smooth all series of a panel."""
        rows, targets, periods = len(panel.values), panel.values.shape[1], len(base.periods)
        numbers = torch.zeros(rows, targets, 2 + len(base.methods.dampings), dtype=torch.float64)
        indices = torch.zeros(2, rows, targets, periods, dtype=torch.float64)
        indices[1] = 1.0
        known = torch.zeros(2, rows, targets, periods, dtype=torch.bool)
        factors, plain = torch.zeros(2, rows, targets, dtype=torch.bool)
        lowest = torch.full((rows, targets), -torch.inf, dtype=torch.float64)
        offsets = panel.offsets.cpu()
        for block in series_blocks(panel):
            table = base.table(block)
            steps = torch.arange(block.values.shape[1])
            inside = steps < block.ends[:, None]
            place = ((offsets[block.series] + block.start)[:, None] + steps)[inside]
            target = int(block.target[0])
            uses_factors = steps + 1 <= table.smoothed.positive_until[:, None]
            factors[place, target] = uses_factors[inside]
            lowest[place, target] = table.smoothed.lowest_forecast[inside]
            demanded = table.smoothed.intermittent
            plain[place, target] = demanded[inside]
            for kind, of_kind in enumerate((~uses_factors & ~demanded, uses_factors)):
                _fill(table, kind, of_kind, inside, place, target, numbers, indices, known)
            if table.demand is not None and table.smoothed.demand is not None:
                level = table.demand.level[table.smoothed.demand.place.clamp(min=0)]
                numbers[place[demanded[inside]], target, 0] = level[inside & demanded]
        device = panel.values.device
        return cls(
            panel,
            numbers.to(device),
            indices.to(device),
            known.to(device),
            factors.to(device),
            plain.to(device) if bool(plain.any()) else None,
            lowest.to(device),
            base.periods,
            base.methods,
        )

    def at(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: int
    ) -> Float[Tensor, "B steps Y"]:
        """Return the forecasts of so many steps from cutoffs on, as numbers of the panel."""
        start = self.panel.offsets[series]
        row = (start + cutoff - 1).clamp(min=0)
        ahead = torch.arange(1, steps + 1, device=series.device, dtype=torch.float64)
        forecasts = self.methods.forecast(self.numbers[row], ahead)
        wanted = cutoff[:, None] + torch.arange(steps, device=series.device)
        factors = self.factors[row][:, :, None]
        plain = None if self.plain is None else self.plain[row][:, :, None]
        for number, period in enumerate(self.periods):
            step = last_known_step(wanted, cutoff[:, None], period)
            place = (start[:, None] + step.clamp(min=0)).clamp(max=len(self.numbers) - 1)
            known = (self.known[..., number][:, place] & (step >= 0)[:, :, None]).transpose(2, 3)
            index = self.indices[..., number][:, place].transpose(2, 3)
            added = forecasts + torch.where(known[0], index[0], 0.0)
            multiplied = forecasts * torch.where(known[1], index[1], 1.0)
            seasonal = torch.where(factors, multiplied, added)
            forecasts = seasonal if plain is None else torch.where(plain, forecasts, seasonal)
        held = forecasts.maximum(self.lowest[row][:, :, None])
        origin, unit = self.panel.origin[series], self.panel.unit[series]
        return (held - (origin / unit)[:, :, None]).transpose(1, 2).float()


def _fill(
    table: BlockTable,
    kind: int,
    of_kind: Bool[Tensor, "n T"],
    inside: Bool[Tensor, "n T"],
    place: Int[Tensor, " R"],
    target: int,
    numbers: Tensor,
    indices: Tensor,
    known: Tensor,
) -> None:
    """Write what one kind of seasons says into the tables: its indices, and the numbers where it is used."""
    smoothed = table.smoothed
    branch, found = (smoothed.factors, table.factors) if kind else (smoothed.terms, table.terms)
    if branch is None or found is None:
        return
    has = branch.place >= 0
    rows = branch.place.clamp(min=0)
    used = (of_kind & has[:, None])[inside]
    numbers[place[used], target] = found.numbers[rows][inside][used]
    written = has[:, None].expand_as(inside)[inside]
    for number, seasonal in enumerate(found.seasons.indices):
        indices[kind, place[written], target, number] = seasonal.table[rows][inside][written]
        known[kind, place[written], target, number] = seasonal.known[rows][inside][written]
