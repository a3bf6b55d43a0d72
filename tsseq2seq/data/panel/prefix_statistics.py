"""Statistics of the history before any cutoff, by one look-up each: its moments and last observed value."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.data.panel.batch import Moments
from tsseq2seq.data.panel.panel import Panel

__all__ = ["LastObserved", "PrefixMoments"]


class PrefixMoments:
    """Mean and standard deviation before any cutoff, from running sums of each series.

    Parameters
    ----------
    panel
        The series.
    """

    def __init__(self, panel: Panel) -> None:
        self.offsets = panel.offsets
        values = panel.values.double()
        stacked = torch.stack([panel.observed.double(), values, values.square()])
        # each series has its own sum: a sum over all would lose a small series in a large one's rounding
        parts = stacked.split(panel.lengths.tolist(), dim=1)
        self.sums = torch.cat([part.cumsum(1) for part in parts], dim=1)

    def before(self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"]) -> Moments:
        """Return the moments of the observed values before each cutoff; 0 if there is none."""
        last = (self.offsets[series] + cutoff - 1).clamp(min=0)
        count, total, squares = self.sums[:, last] * (cutoff > 0)[:, None]
        count = count.clamp(min=1)
        mean = total / count
        variance = (squares / count - mean.square()).clamp(min=0)
        return Moments(mean.float(), variance.sqrt().float())


class LastObserved:
    """The last value observed before any cutoff.

    Parameters
    ----------
    panel
        The series.
    """

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        rows = torch.arange(len(panel.values), device=panel.values.device)[:, None]
        self.last_rows = torch.where(panel.observed, rows, -1).cummax(0).values

    def before(self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"]) -> Float[Tensor, "B Y"]:
        """Return the last value observed before each cutoff; NaN if there is none."""
        start = self.panel.offsets[series][:, None]
        row = self.last_rows[(start + cutoff[:, None] - 1).clamp(min=0)[:, 0]]
        values = self.panel.values.gather(0, row.clamp(min=0))
        return values.masked_fill((row < start) | (cutoff == 0)[:, None], torch.nan)
