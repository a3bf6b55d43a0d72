"""How widely the series trained on vary: what is assumed of a series whose own values do not tell yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.evenly_spaced import evenly_spaced
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.series_rows import row_offsets, series_of_rows, steps_of_rows

__all__ = ["UsualSpread"]

# The medians of so many series and steps at their ends are close enough, and cost nothing.
_MOST_SERIES, _MOST_STEPS = 1000, 1000


@dataclass(frozen=True)
class UsualSpread:
    """The middle deviation and the middle level of the series trained on, of each target.

    Attributes
    ----------
    spread
        In original units; 0 where no series varies. Empty: it is not known.
    level
        The middle of their mean absolute values, where all series lie on one side of 0: a new series is then
        taken to vary in proportion to its level. 0 elsewhere: the deviation is taken as it is.

    Examples
    --------
    >>> UsualSpread((2.0,), (10.0,)).at(torch.tensor([[[50.0]]])).item()
    10.0
    """

    spread: tuple[float, ...] = ()
    level: tuple[float, ...] = ()

    @classmethod
    def of(cls, panel: Panel) -> UsualSpread:
        """Take the medians over the ends of the series of a panel; those that never vary do not count."""
        series = evenly_spaced(panel.count, _MOST_SERIES)
        ends = panel.offsets[1:].cpu().numpy()[series]
        lengths = np.minimum(panel.lengths.cpu().numpy()[series], _MOST_STEPS)
        rows = torch.from_numpy((ends - lengths).repeat(lengths) + steps_of_rows(lengths))
        rows, starts = rows.to(panel.values.device), row_offsets(lengths)[:-1]
        counted = panel.observed[rows].double().cpu().numpy()
        numbers = panel.values[rows].double().cpu().numpy() * counted
        count = np.maximum(np.add.reduceat(counted, starts), 1.0)
        mean = np.add.reduceat(numbers, starts) / count
        of_row = series_of_rows(starts, len(numbers))
        squares = np.add.reduceat(((numbers - mean[of_row]) * counted) ** 2, starts) / count
        unit, origin = panel.unit.cpu().numpy()[series], panel.origin.cpu().numpy()[series]
        deviation, level = np.sqrt(squares) * unit, mean * unit + origin
        spreads, levels = [], []
        for target in range(numbers.shape[1]):
            varying = deviation[:, target] > 0
            own = level[varying, target]
            one_side = len(own) > 0 and bool((own > 0).all() or (own < 0).all())
            spreads.append(float(np.median(deviation[varying, target])) if varying.any() else 0.0)
            levels.append(float(np.median(np.abs(own))) if one_side else 0.0)
        return cls(tuple(spreads), tuple(levels))

    def at(self, level: Float[Tensor, "B 1 Y"]) -> Float[Tensor, "B 1 Y"]:
        """Return the deviation to assume of series at some level, in original units, float64."""
        level = level.nan_to_num(0.0)
        spread = torch.tensor(self.spread, dtype=torch.float64, device=level.device)
        usual = torch.tensor(self.level, dtype=torch.float64, device=level.device)
        share = torch.where((usual > 0) & (level != 0), level.double().abs() / usual.clamp(min=1e-300), 1.0)
        return spread * share
