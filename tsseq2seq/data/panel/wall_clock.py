"""By how much the clock on the wall is moved at each step of a panel whose time stamps have a zone.

Steps of less than a day count the time passed. What repeats itself every day does so by the clock, and so
comes an hour's steps earlier or later once the clocks have changed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Int
from torch import Tensor

from tsseq2seq.data.grid.grids import DAY, FixedGrid
from tsseq2seq.data.panel.panel import Panel

__all__ = ["WallClock", "clocks_change", "wall_clock"]


@dataclass(frozen=True)
class WallClock:
    """How far the clock is ahead at each step.

    Attributes
    ----------
    ahead
        (rows,), steps by which the clock is ahead of the first row's, at consecutive times.
    first
        (series,), the row of each series' first step.
    day
        Steps of a day.
    """

    ahead: Int[Tensor, " rows"]
    first: Int[Tensor, " series"]
    day: int

    def steps(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: Int[Tensor, "B *T"]
    ) -> Int[Tensor, "B *T"]:
        """Return the steps at which the clock shows what it would show at others, had it not been changed.

        Parameters
        ----------
        series, cutoff
            Of each window; the clock before the cutoff is the one that counts.
        steps
            Counted from the series' start. Where an hour is skipped, the one before stands for it.
        """
        moved = self._moved(series, cutoff, steps)
        return torch.where(steps < 0, steps, (steps - moved).clamp(min=0))

    def order(self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], horizon: int) -> Int[Tensor, "B H"]:
        """Return which step of a forecast by the unchanged clock belongs to each step of the horizon.

        An hour that comes twice is forecast twice alike. After an hour that is skipped, the last one lies
        beyond the forecast: the same hour of the day before stands for it.
        """
        ahead = torch.arange(horizon, device=cutoff.device)
        place = ahead + self._moved(series, cutoff, cutoff[:, None] + ahead)
        day_before = torch.where(place >= self.day, place - self.day, horizon - 1)
        return torch.where(place < horizon, place, day_before).clamp(0, horizon - 1)

    def _moved(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: Int[Tensor, "B *T"]
    ) -> Int[Tensor, "B *T"]:
        first = self.first[series]
        last_known = self.ahead[(first + cutoff - 1).clamp(0, len(self.ahead) - 1)]
        shape = (-1, *[1] * (steps.dim() - 1))
        rows = (first.view(shape) + steps).clamp(0, len(self.ahead) - 1)
        return self.ahead[rows] - last_known.view(shape)


def wall_clock(panel: Panel, horizon: int) -> WallClock | None:
    """Return how the clocks change in a panel and the horizon after it; None: they do not, or not by steps.

    Parameters
    ----------
    panel
        The series.
    horizon
        Steps after their ends.
    """
    starts, grid = panel.starts, panel.frequency.grid
    if not isinstance(starts, pd.DatetimeIndex) or starts.tz is None or not isinstance(grid, FixedGrid):
        return None
    if grid.wall_time or DAY % grid.step:
        return None
    passed = starts.tz_convert(None).as_unit("ns").asi8
    origin = int(passed.min())
    first = (passed - origin) // grid.step
    count = int((first + panel.lengths.cpu().numpy()).max()) + horizon
    times = pd.DatetimeIndex(origin + grid.step * np.arange(count)).tz_localize("UTC").tz_convert(starts.tz)
    offsets = times.tz_localize(None).asi8 - times.tz_convert(None).asi8
    moved = offsets - offsets[0]
    if not moved.any() or (moved % grid.step).any():
        return None
    device = panel.offsets.device
    return WallClock(
        torch.from_numpy(moved // grid.step).to(device),
        torch.from_numpy(first).to(device),
        DAY // grid.step,
    )


def clocks_change(panel: Panel) -> bool:
    """Return whether clocks change in a panel or in the year after it, by whole steps.

    A model fitted in winter forecasts in summer too.
    """
    grid = panel.frequency.grid
    year = 366 * DAY // grid.step if isinstance(grid, FixedGrid) else 1
    return wall_clock(panel, year) is not None
