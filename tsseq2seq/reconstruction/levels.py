"""Levels: by which mean and deviation each series is scaled as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.data.evenly_spaced import evenly_spaced
from tsseq2seq.data.panel.batch import Moments
from tsseq2seq.data.panel.panel import Panel

__all__ = ["FixedMoments", "Levels", "indices_of_known", "typical_spread_of_windows"]

# So many series tell what is typical of many more.
_MOST_SERIES = 200


@dataclass(frozen=True)
class Levels:
    """Mean and population standard deviation of each series, in original units.

    Attributes
    ----------
    mean, spread
        (series, Y), float64; NaN and 0 where nothing was observed.
    """

    mean: Float[Tensor, "series Y"]
    spread: Float[Tensor, "series Y"]

    @classmethod
    def of(cls, panel: Panel) -> Levels:
        """Return the levels of the observed values of a panel."""
        offsets = panel.offsets
        values, seen = panel.values.double(), panel.observed
        of_row = torch.repeat_interleave(torch.arange(panel.count, device=values.device), panel.lengths)
        count = _sums(seen.double(), offsets)
        mean = _sums(values.masked_fill(~seen, 0.0), offsets) / count.clamp(min=1)
        squares = (values - mean[of_row]).masked_fill(~seen, 0.0).square()
        spread = (_sums(squares, offsets) / count.clamp(min=1)).sqrt()
        # that of a constant may be a little above 0 by rounding
        low = torch.segment_reduce(values.masked_fill(~seen, torch.inf), "min", offsets=offsets)
        high = torch.segment_reduce(values.masked_fill(~seen, -torch.inf), "max", offsets=offsets)
        spread = spread.masked_fill(~(high > low), 0.0)
        mean = mean.masked_fill(count == 0, torch.nan)
        return cls(panel.origin + panel.unit * mean, panel.unit * spread)

    def known(self, trained: Panel, panel: Panel) -> Levels:
        """Return these levels for another panel; a series that was not trained on has its own."""
        own = Levels.of(panel)
        index = torch.from_numpy(indices_of_known(trained, panel)).to(self.mean.device)
        is_known = ((index >= 0)[:, None]) & self.mean[index].isfinite()
        return Levels(
            torch.where(is_known, self.mean[index], own.mean),
            torch.where(is_known, self.spread[index], own.spread),
        )

    def moments(self, panel: Panel) -> FixedMoments:
        """Return the moments of windows of a panel with these levels."""
        mean = ((self.mean - panel.origin) / panel.unit).nan_to_num(0.0)
        return FixedMoments(mean.float(), (self.spread / panel.unit).float())


@dataclass(frozen=True)
class FixedMoments:
    """The same moments at every cutoff of a series.

    Attributes
    ----------
    mean, spread
        (series, Y), as numbers of the panel.
    """

    mean: Float[Tensor, "series Y"]
    spread: Float[Tensor, "series Y"]

    def before(self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"]) -> Moments:
        """Return the moments of each window's series."""
        return Moments(self.mean[series], self.spread[series])


def _sums(values: Float[Tensor, "rows Y"], offsets: Int[Tensor, " offsets"]) -> Float[Tensor, "series Y"]:
    return torch.segment_reduce(values, "sum", offsets=offsets)


def indices_of_known(trained: Panel, panel: Panel) -> np.ndarray:
    """Return the number of each series in the panel trained on, (series,); -1 of one that is not in it."""
    if trained.named != panel.named:
        return np.full(panel.count, -1, dtype=np.int64)
    return np.asarray(trained.ids.get_indexer(panel.ids), dtype=np.int64)


def typical_spread_of_windows(panel: Panel, window_length: int) -> float:
    """Return by what share of the whole series' deviation the values of a typical window deviate.

    Examples
    --------
    >>> from tsseq2seq.data.frames.columns import Columns
    >>> from tsseq2seq.data.frames.long_frame import read_long_frame
    >>> from tsseq2seq.data.grid.frequency import Frequency
    >>> from tsseq2seq.data.panel.panel import make_panel
    >>> import pandas as pd
    >>> line = pd.DataFrame({"ds": range(100), "y": np.arange(100.0)})
    >>> panel = make_panel(read_long_frame(line, Columns()), Frequency.parse(1))
    >>> round(typical_spread_of_windows(panel, 10), 2)
    0.1
    """
    spreads, shares = Levels.of(panel).spread / panel.unit, []
    for series in evenly_spaced(panel.count, _MOST_SERIES).tolist():
        rows = slice(int(panel.offsets[series]), int(panel.offsets[series + 1]))
        values = panel.values[rows].double().masked_fill(~panel.observed[rows], torch.nan)
        count = len(values) // window_length
        if not count:
            continue
        windows = values[-count * window_length :].reshape(count, window_length, -1)
        mean = windows.nanmean(1, keepdim=True)
        deviation = (windows - mean).square().nanmean(1).sqrt()
        shares.append((deviation / spreads[series]).nanmedian(0).values)
    share = float(torch.cat(shares).nanmedian()) if shares else float("nan")
    return 1.0 if np.isnan(share) else share
