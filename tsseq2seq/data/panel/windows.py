"""Windows are index arithmetic: a batch is one gather from the panel, and nothing is copied before.

A window is a series and a cutoff: its context are the steps before the cutoff, its targets those
after it. Windows never span two series. Short histories are padded under a mask.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.features import Features
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.prefix_statistics import LastObserved, PrefixMoments
from tsseq2seq.data.panel.wall_clock import wall_clock

__all__ = ["WindowShape", "Windows"]


@dataclass(frozen=True)
class WindowShape:
    """Lengths of a window, in steps.

    Attributes
    ----------
    context_length, horizon
        Steps read, and steps forecast.
    segment_length
        Steps of a segment; context and horizon need not be multiples of it: the first segment is
        masked in part, and the last one is cropped.
    lags
        How many steps before a step those values lie that are read beside it.
    """

    context_length: int
    horizon: int
    segment_length: int = 1
    lags: tuple[int, ...] = ()

    @property
    def context_segments(self) -> int:
        """Segments that hold the context."""
        return -(-self.context_length // self.segment_length)

    @property
    def horizon_segments(self) -> int:
        """Segments that hold the horizon."""
        return -(-self.horizon // self.segment_length)


class Windows:
    """All windows of a panel between a first and a last cutoff of each series.

    It is also a map-style dataset (``len(windows)``, ``windows[i]``) for those who bring their own
    ``DataLoader``.

    Parameters
    ----------
    panel
        The series.
    shape
        Lengths of a window.
    first, last
        (series,), first and last cutoff, counted from the series' start: a cutoff of c has c steps
        before it. A series whose last is below its first has no window.
    end
        (series,), targets from this step on are masked; None: the series' length.
    stride
        Steps between cutoffs.
    moments
        Whether batches carry statistics of the whole history (for ``scaling="series"`` and ``"last"``).

    Attributes
    ----------
    counts
        (series,), windows of each series.
    complete
        Whether all values of all windows were observed and none is padded, so that no mask needs to be
        looked up.
    clock
        How the clock on the wall is changed, by which seasons go; None: it is not, or time has no zone.
    values_only
        Whether they are complete, and nothing stands beside the values of a step: no covariates but static
        ones, no calendar and no lags.
    """

    def __init__(
        self,
        panel: Panel,
        shape: WindowShape,
        *,
        first: Int[Tensor, " series"],
        last: Int[Tensor, " series"],
        end: Int[Tensor, " series"] | None = None,
        stride: int = 1,
        moments: bool = False,
    ) -> None:
        self.panel = panel
        self.shape = shape
        self.first = first
        self.stride = stride
        self.lengths = panel.lengths  # once: a batch must not cost more with more series
        self.lags = torch.tensor(shape.lags, dtype=torch.long, device=panel.lengths.device)
        self.end = self.lengths if end is None else end
        self.counts = ((last - first) // stride + 1).clamp(min=0)
        self.cumulative = self.counts.cumsum(0)
        self.total = int(self.cumulative[-1])
        full = shape.segment_length * (shape.context_segments - 1) + 1
        # known here once, so that no batch needs to ask the device
        self.padded = bool(((first < full) & (self.counts > 0)).any())
        self.moments = PrefixMoments(panel) if moments else None
        self.clock = wall_clock(panel, shape.horizon_segments * shape.segment_length)
        all_observed = bool(panel.observed.all())
        self.last_observed = None if all_observed else LastObserved(panel)
        # where the clocks change, a window is no piece of the panel
        self.complete = all_observed and self.clock is None and self._have_all_steps()
        beside = (panel.past, panel.future, panel.calendar)
        self.values_only = self.complete and not shape.lags and all(part is None for part in beside)

    def _have_all_steps(self) -> bool:
        """Tell whether every window has a full context and a full horizon, in whole segments."""
        shape = self.shape
        if shape.context_length % shape.segment_length or shape.horizon % shape.segment_length:
            return False
        last = self.first + (self.counts - 1) * self.stride
        full = (self.first >= shape.context_length) & (last + shape.horizon <= self.end)
        return bool((full | (self.counts == 0)).all())

    def __len__(self) -> int:
        """Return the number of windows."""
        return self.total

    def __getitem__(self, index: int) -> Batch:
        """Return one window as a batch of one."""
        if not -self.total <= index < self.total:
            raise IndexError(f"window {index} of {self.total}")
        return self.gather(torch.tensor([index % self.total], device=self.cumulative.device))

    def locate(self, index: Int[Tensor, " B"]) -> tuple[Int[Tensor, " B"], Int[Tensor, " B"]]:
        """Return series and cutoff of windows by their number."""
        series = torch.searchsorted(self.cumulative, index, right=True)
        before = torch.where(series > 0, self.cumulative[(series - 1).clamp(min=0)], 0)
        return series, self.first[series] + (index - before) * self.stride

    def gather(self, index: Int[Tensor, " B"]) -> Batch:
        """Return windows by their number, in one gather."""
        series, cutoff = self.locate(index)
        shape, panel = self.shape, self.panel
        segments = torch.div(
            cutoff.clamp(max=shape.context_length) + shape.segment_length - 1,
            shape.segment_length,
            rounding_mode="floor",
        )
        first = cutoff - segments * shape.segment_length
        beside: dict[str, Any] = {}
        if self.values_only:
            values, mask = self._pieces(series, first)
        else:
            steps = self._steps(first, cutoff)
            values, mask = (
                self._pieces(series, first) if self.complete else self._masked(series, cutoff, steps)
            )
            beside = self._beside(series, cutoff, steps)
        length = shape.context_segments * shape.segment_length
        return Batch(
            context=values[:, :length],
            context_mask=mask[:, :length],
            target=values[:, length:],
            target_mask=mask[:, length:],
            lengths=segments if self.padded else None,
            series=series,
            origin=panel.origin[series],
            unit=panel.unit[series],
            history=None if self.moments is None else self.moments.before(series, cutoff),
            last=None if self.last_observed is None else self.last_observed.before(series, cutoff),
            static=None if panel.static is None else panel.static.map(lambda tensor: tensor[series]),
            complete=self.complete,
            **beside,
        )

    def _pieces(
        self, series: Int[Tensor, " B"], first: Int[Tensor, " B"]
    ) -> tuple[Float[Tensor, "B T Y"], Bool[Tensor, "B T Y"]]:
        """Return complete windows: each is one piece of the panel, copied faster than number by number."""
        length = (self.shape.context_segments + self.shape.horizon_segments) * self.shape.segment_length
        pieces = self.panel.values.unfold(0, length, 1)
        values = pieces.index_select(0, self.panel.offsets[series] + first).transpose(1, 2)
        return values, torch.ones((), dtype=torch.bool, device=values.device).expand(values.shape)

    def _steps(self, first: Int[Tensor, " B"], cutoff: Int[Tensor, " B"]) -> Int[Tensor, "B T"]:
        """Return the steps of windows, counted from their series' start."""
        length = self.shape.context_segments * self.shape.segment_length
        ahead = self.shape.horizon_segments * self.shape.segment_length
        numbers = torch.arange(max(length, ahead), device=cutoff.device)
        # behind the context there may be padding, so that the targets need not follow its last value
        return torch.cat([first[:, None] + numbers[:length], cutoff[:, None] + numbers[:ahead]], dim=1)

    def _masked(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: Int[Tensor, "B T"]
    ) -> tuple[Float[Tensor, "B T Y"], Bool[Tensor, "B T Y"]]:
        """Return windows that lack values, or reach beyond what there is."""
        there = self._by_clock(series, cutoff, steps)
        rows = self._rows(series, there)
        limit = torch.minimum(self.end[series], cutoff + self.shape.horizon)
        inside = self._until(limit, steps, cutoff)
        if self.clock is not None:
            inside = inside & (there < self.end[series][:, None])
        mask = self.panel.observed[rows] & inside[:, :, None]
        return self.panel.values[rows] * mask, mask

    def in_time(self, forecasts: Tensor, index: Int[Tensor, " B"], *, steps: int) -> Tensor:
        """Put the steps of windows' forecasts, in dimension ``steps``, where they belong in time.

        They are forecast by the clock before the cutoff, which may be changed after it.
        """
        if self.clock is None:
            return forecasts
        order = self.clock.order(*self.locate(index), self.shape.horizon)
        shape = [1] * forecasts.dim()
        shape[0], shape[steps] = order.shape
        return torch.take_along_dim(forecasts, order.view(shape), dim=steps)

    def _by_clock(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: Int[Tensor, "B *T"]
    ) -> Int[Tensor, "B *T"]:
        """Return the steps that the clock before the cutoff means."""
        return steps if self.clock is None else self.clock.steps(series, cutoff, steps)

    def _rows(self, series: Int[Tensor, " B"], steps: Int[Tensor, "B *T"]) -> Int[Tensor, "B *T"]:
        """Return the panel's rows of steps; of those that it lacks, some row."""
        start = self.panel.offsets[series].view(-1, *[1] * (steps.dim() - 1))
        return (start + steps).clamp_(0, len(self.panel.values) - 1)

    def _beside(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: Int[Tensor, "B T"]
    ) -> dict[str, Any]:
        """Return what stands beside the values, as fields of a batch."""
        panel, ahead = self.panel, cutoff + self.shape.horizon
        length = self.shape.context_segments * self.shape.segment_length
        beside: dict[str, Any] = {}
        there = self._by_clock(series, cutoff, steps)
        if panel.past is not None:
            context = steps[:, :length]
            inside = self._until(cutoff, context, cutoff)
            beside["past"] = _at(panel.past, self._rows(series, there[:, :length]), inside)
        if panel.future is not None:
            inside = self._until(torch.minimum(self.lengths[series], ahead), steps, cutoff)
            inside &= there < self.lengths[series][:, None]
            beside["future"] = _at(panel.future, self._rows(series, there), inside)
        if panel.calendar is not None:
            # as with future covariates, nothing is told of what a last segment has beyond the horizon
            inside = self._until(ahead, steps, cutoff)
            beside["calendar"] = panel.calendar.at(series, there) * inside[:, :, None]
        if self.shape.lags:
            beside["lagged"], beside["lagged_mask"] = self._lagged(series, cutoff, steps)
        return beside

    def _until(
        self, end: Int[Tensor, " B"], steps: Int[Tensor, "B T"], cutoff: Int[Tensor, " B"]
    ) -> Bool[Tensor, "B T"]:
        """Return which steps are of the window: no padding of the context, and before ``end``."""
        oldest = (cutoff - self.shape.context_length).clamp(min=0)
        inside = (steps >= oldest[:, None]) & (steps < end[:, None])
        length = self.shape.context_segments * self.shape.segment_length
        inside[:, :length] &= steps[:, :length] < cutoff[:, None]
        return inside

    def _lagged(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: Int[Tensor, "B T"]
    ) -> tuple[Float[Tensor, "B T L Y"], Bool[Tensor, "B T L Y"]]:
        panel = self.panel
        earlier = steps[:, :, None] - self.lags
        usable = (earlier >= 0) & (earlier < cutoff[:, None, None])
        rows = self._rows(series, self._by_clock(series, cutoff, earlier))
        if self.complete:
            # nothing is padded or missing, so that only the ends of a series are to be minded
            mask = usable[..., None].expand(*usable.shape, panel.values.shape[1])
        else:
            # to the end of the last segment, so that a shorter horizon is the beginning of a longer one
            end = cutoff + self.shape.horizon_segments * self.shape.segment_length
            usable &= self._until(end, steps, cutoff)[:, :, None]
            mask = panel.observed[rows] & usable[..., None]
        return panel.values[rows] * mask, mask


def _at(features: Features, rows: Int[Tensor, "B T"], inside: Bool[Tensor, "B T"]) -> Features:
    return features.map(lambda tensor: tensor[rows]).where(inside)
