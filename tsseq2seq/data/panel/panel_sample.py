"""A sample of a panel: the last steps of some series, from which settings are chosen."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor
from tsseq2seq.data.panel.panel import Panel

__all__ = ["PanelSample", "take_sample"]

_MOST_SERIES = 100
_MOST_STEPS = 5000


@dataclass(frozen=True)
class PanelSample:
    """The last steps of some of the series, one row each; shorter series have padding in front.

    Attributes
    ----------
    values
        (series, T, Y), the panel's numbers.
    observed
        (series, T, Y), False where a value is missing, and in the padding.
    origin, unit
        (series, 1, Y): original value = origin + unit × number.
    typical_length
        The median length of the series, in steps.
    """

    values: Float[Tensor, "series T Y"]
    observed: Bool[Tensor, "series T Y"]
    origin: Float[Tensor, "series 1 Y"]
    unit: Float[Tensor, "series 1 Y"]
    typical_length: int

    def original(self) -> Float[Tensor, "series T Y"]:
        """Return the original values; NaN where one is missing."""
        return (self.origin + self.unit * self.values).masked_fill(~self.observed, torch.nan)


def take_sample(panel: Panel) -> PanelSample:
    """Return the last 5,000 steps of up to 100 series, evenly spaced over the panel."""
    chosen = evenly_spaced_tensor(panel.count, _MOST_SERIES)
    lengths = panel.lengths[chosen].clamp(max=_MOST_STEPS)
    longest = int(lengths.max())
    ends = panel.offsets[chosen + 1]
    rows = ends[:, None] - longest + torch.arange(longest)
    inside = rows >= (ends - lengths)[:, None]
    rows = rows.clamp(min=0)
    return PanelSample(
        values=panel.values[rows].double(),
        observed=panel.observed[rows] & inside[:, :, None],
        origin=panel.origin[chosen][:, None],
        unit=panel.unit[chosen][:, None],
        typical_length=int(lengths.float().median()),
    )
