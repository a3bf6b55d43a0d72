"""Windows of a panel: context and targets at each cutoff, gathered by index arithmetic.

A window is a series and a cutoff. A cutoff of c lies between the steps c − 1 and c of the series: the last
steps before it are the context, those from c on are the targets. Windows never span two series. Nothing is
copied until a batch is gathered.

From the number of a window to its series and cutoff (``locate``), with a stride of 2::

    series           0              1    2            counts      3  1  2
    window           0    1    2    3    4    5       cumulative  3  4  6
    cutoff           4    6    8    5    4    6       first cutoff of each series + 2 × its window's rank

The series is the first whose cumulative count is above the number.

From a cutoff to steps and rows of the panel (``gather``): row = offset of the series + step. Here a series
a b c d e has the cutoff 3, with a context of 6 steps and a horizon of 2, in segments of 2; a dot is masked::

                      context           targets
    step       -1  0 |  1  2 |  3  4      3  4
    value       .  a |  b  c |  .  .      d  e

A short context starts with the segment that holds the series' first value: the front of this segment is
masked, and whole segments of padding follow the last value.
"""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch, Moments
from tsseq2seq.data.panel.features import Features
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.prefix_statistics import LastObserved, PrefixMoments
from tsseq2seq.data.panel.wall_clock import wall_clock

__all__ = ["Bases", "HistoryMoments", "WindowShape", "Windows"]


@dataclass(frozen=True)
class WindowShape:
    """Lengths of a window, in steps.

    Attributes
    ----------
    context_length, horizon
        Steps of the context, and steps to forecast.
    segment_length
        Steps of a segment. Context and horizon need not be multiples of it: the front of the first
        segment of the context is masked, and so is the back of the last one of the horizon.
    lags
        Steps back to the earlier values that each step is read with.
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


@runtime_checkable
class Bases(Protocol):
    """Forecasts of a panel's series from any cutoff, to which a network adds."""

    def at(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: int
    ) -> Float[Tensor, "B steps Y"]:
        """Return the forecasts of so many steps from cutoffs on, as numbers of the panel."""


@runtime_checkable
class HistoryMoments(Protocol):
    """Means and standard deviations that windows are scaled by."""

    def before(self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"]) -> Moments:
        """Return the moments of series at cutoffs, as numbers of the panel."""


class Windows:
    """All windows of a panel between a first and a last cutoff of each series.

    It is also a map-style dataset (``len(windows)``, ``windows[i]``) for those who bring their own loop:
    ``DataLoader(windows, batch_size=8, shuffle=True)`` gives batches of eight windows.

    Parameters
    ----------
    panel
        The series.
    shape
        Lengths of a window.
    first_cutoff, last_cutoff
        (series,), in steps from the series' start. A series whose last cutoff is below its first one has no
        window.
    end
        (series,), the step from which on targets are masked. None: the series' length.
    stride
        Steps between cutoffs. 1.
    moments
        Whether batches carry statistics of the whole history (for ``scaling="series"`` and ``"last"``).
        False.

    Attributes
    ----------
    counts
        (series,), the number of windows of each series.
    complete
        Whether every value of every window was observed, and no window has padding: all masks are True.
    clock
        How the wall clock is changed, which seasons follow. None: it is not, or time has no zone.
    bases
        Forecasts that batches carry for a network to add to. None: none; see :meth:`with_bases`.
    moments
        What the windows are scaled by, where that is not their own; see :meth:`as_they_pass`.
    values_only
        Whether the windows are complete and have neither past nor future covariates, calendar or lags.
    """

    def __init__(
        self,
        panel: Panel,
        shape: WindowShape,
        *,
        first_cutoff: Int[Tensor, " series"],
        last_cutoff: Int[Tensor, " series"],
        end: Int[Tensor, " series"] | None = None,
        stride: int = 1,
        moments: bool = False,
    ) -> None:
        self.panel = panel
        self.shape = shape
        self.first_cutoff = first_cutoff
        self.stride = stride
        self.lengths = panel.lengths  # computed once, so that a batch costs no more with more series
        self.lags = torch.tensor(shape.lags, dtype=torch.long, device=panel.lengths.device)
        self.end = self.lengths if end is None else end
        self.counts = ((last_cutoff - first_cutoff) // stride + 1).clamp(min=0)
        self.cumulative = self.counts.cumsum(0)
        self.total = int(self.cumulative[-1])
        # from this cutoff on, every segment of the context has a value
        unpadded = shape.segment_length * (shape.context_segments - 1) + 1
        # computed once, so that no batch waits for the device
        self.padded = bool(((first_cutoff < unpadded) & (self.counts > 0)).any())
        self.bases: Bases | None = None
        self.moments: HistoryMoments | None = PrefixMoments(panel) if moments else None
        self.clock = wall_clock(panel, shape.horizon_segments * shape.segment_length)
        all_observed = bool(panel.observed.all())
        self.last_observed = None if all_observed else LastObserved(panel)
        # where the clocks change, a window is no slice of the panel
        self.complete = all_observed and self.clock is None and self._have_all_steps()
        inputs = (panel.past, panel.future, panel.calendar)
        self.values_only = self.complete and not shape.lags and all(part is None for part in inputs)

    def _have_all_steps(self) -> bool:
        """Return whether every window has a full context and a full horizon, in whole segments."""
        shape = self.shape
        if shape.context_length % shape.segment_length or shape.horizon % shape.segment_length:
            return False
        last_cutoff = self.first_cutoff + (self.counts - 1) * self.stride
        full = (self.first_cutoff >= shape.context_length) & (last_cutoff + shape.horizon <= self.end)
        return bool((full | (self.counts == 0)).all())

    def with_bases(self, bases: Bases) -> Windows:
        """Return the same windows, whose batches carry forecasts to add to."""
        windows = copy.copy(self)
        windows.bases = bases
        return windows

    def of_values_alone(self, shape: WindowShape) -> Windows:
        """Return windows of another shape at the same cutoffs, without covariates and calendar."""
        bare = dataclasses.replace(self.panel, past=None, future=None, static=None, calendar=None)
        return Windows(
            bare,
            shape,
            first_cutoff=self.first_cutoff,
            last_cutoff=self.first_cutoff + (self.counts - 1) * self.stride,
            end=self.end,
            stride=self.stride,
        )

    def as_they_pass(self, moments: HistoryMoments | None) -> Windows:
        """Return the same windows for what is not forecast.

        Their steps are those that pass, whatever the clocks show, and their moments are the ones given.
        """
        windows = copy.copy(self)
        windows.clock, windows.moments = None, moments
        return windows

    def __len__(self) -> int:
        """Return the number of windows."""
        return self.total

    def __getitem__(self, index: int) -> Batch:
        """Return one window as a batch of one."""
        if not -self.total <= index < self.total:
            raise IndexError(f"window {index} of {self.total}")
        return self.gather(torch.tensor([index % self.total], device=self.cumulative.device))

    def __getitems__(self, indices: list[int]) -> list[Batch]:
        """Return several windows as one batch, for a ``DataLoader``."""
        from tsseq2seq.data.panel import collating  # noqa: F401 (tells torch how to collate batches)

        return [self.gather(torch.tensor(indices, device=self.cumulative.device))]

    def locate(self, index: Int[Tensor, " B"]) -> tuple[Int[Tensor, " B"], Int[Tensor, " B"]]:
        """Return the series and the cutoff of windows, given their numbers."""
        series = torch.searchsorted(self.cumulative, index, right=True)
        before = torch.where(series > 0, self.cumulative[(series - 1).clamp(min=0)], 0)
        return series, self.first_cutoff[series] + (index - before) * self.stride

    def gather(self, index: Int[Tensor, " B"]) -> Batch:
        """Return the windows of these numbers as a batch."""
        series, cutoff = self.locate(index)
        shape, panel = self.shape, self.panel
        segments = torch.div(
            cutoff.clamp(max=shape.context_length) + shape.segment_length - 1,
            shape.segment_length,
            rounding_mode="floor",
        )
        context_start = cutoff - segments * shape.segment_length
        inputs: dict[str, Any] = {}
        if self.values_only:
            values, mask = self._slices(series, context_start)
        else:
            steps = self._steps(context_start, cutoff)
            values, mask = (
                self._slices(series, context_start) if self.complete else self._masked(series, cutoff, steps)
            )
            inputs = self._inputs(series, cutoff, steps)
        length = shape.context_segments * shape.segment_length
        weights = None
        if panel.weights is not None:
            weights = self._weights(panel.weights, series, context_start, cutoff) * mask.any(2)
        return Batch(
            context=values[:, :length],
            context_mask=mask[:, :length],
            target=values[:, length:],
            target_mask=mask[:, length:],
            lengths=segments if self.padded else None,
            series=series,
            origin=panel.origin[series],
            unit=panel.unit[series],
            history_moments=None if self.moments is None else self.moments.before(series, cutoff),
            last_observed=None if self.last_observed is None else self.last_observed.before(series, cutoff),
            static=None if panel.static is None else panel.static.map(lambda tensor: tensor[series]),
            bases=self._bases(series, cutoff),
            weights=weights,
            complete=self.complete,
            **inputs,
        )

    def _bases(self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"]) -> Float[Tensor, "B H Y"] | None:
        if self.bases is None:
            return None
        return self.bases.at(series, cutoff, self.shape.horizon_segments * self.shape.segment_length)

    def _slices(
        self, series: Int[Tensor, " B"], context_start: Int[Tensor, " B"]
    ) -> tuple[Float[Tensor, "B T Y"], Bool[Tensor, "B T Y"]]:
        """Return complete windows: each is one slice of the panel, which is faster than row by row."""
        length = (self.shape.context_segments + self.shape.horizon_segments) * self.shape.segment_length
        slices = self.panel.values.unfold(0, length, 1)
        values = slices.index_select(0, self.panel.offsets[series] + context_start).transpose(1, 2)
        return values, torch.ones((), dtype=torch.bool, device=values.device).expand(values.shape)

    def _weights(
        self,
        weights: Float[Tensor, " rows"],
        series: Int[Tensor, " B"],
        context_start: Int[Tensor, " B"],
        cutoff: Int[Tensor, " B"],
    ) -> Float[Tensor, "B T"]:
        """Return the weights of context and targets; those of steps outside the panel mean nothing."""
        steps = self._steps(context_start, cutoff)
        return weights[self._rows(series, self._by_clock(series, cutoff, steps))]

    def _steps(self, context_start: Int[Tensor, " B"], cutoff: Int[Tensor, " B"]) -> Int[Tensor, "B T"]:
        """Return the steps of context and targets, counted from each series' start."""
        length = self.shape.context_segments * self.shape.segment_length
        horizon = self.shape.horizon_segments * self.shape.segment_length
        count = torch.arange(max(length, horizon), device=cutoff.device)
        # padding behind a short context reaches beyond the cutoff, where the targets begin again
        return torch.cat([context_start[:, None] + count[:length], cutoff[:, None] + count[:horizon]], dim=1)

    def _masked(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: Int[Tensor, "B T"]
    ) -> tuple[Float[Tensor, "B T Y"], Bool[Tensor, "B T Y"]]:
        """Return windows with missing values or padding, and their masks."""
        steps_in_time = self._by_clock(series, cutoff, steps)
        rows = self._rows(series, steps_in_time)
        limit = torch.minimum(self.end[series], cutoff + self.shape.horizon)
        inside = self._inside(limit, steps, cutoff)
        if self.clock is not None:
            inside = inside & (steps_in_time < self.end[series][:, None])
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
        """Return the panel's row of each step; a step outside the panel gets any row, and is masked."""
        start = self.panel.offsets[series].view(-1, *[1] * (steps.dim() - 1))
        return (start + steps).clamp_(0, len(self.panel.values) - 1)

    def _inputs(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: Int[Tensor, "B T"]
    ) -> dict[str, Any]:
        """Return covariates, calendar and lagged values, by their field of the batch."""
        panel, horizon_end = self.panel, cutoff + self.shape.horizon
        length = self.shape.context_segments * self.shape.segment_length
        inputs: dict[str, Any] = {}
        steps_in_time = self._by_clock(series, cutoff, steps)
        if panel.past is not None:
            inside = self._inside(cutoff, steps[:, :length], cutoff)
            inputs["past"] = _masked_rows(panel.past, self._rows(series, steps_in_time[:, :length]), inside)
        if panel.future is not None:
            inside = self._inside(torch.minimum(self.lengths[series], horizon_end), steps, cutoff)
            inside &= steps_in_time < self.lengths[series][:, None]
            inputs["future"] = _masked_rows(panel.future, self._rows(series, steps_in_time), inside)
        if panel.calendar is not None:
            # as for future covariates, steps of the last segment beyond the horizon are 0
            inside = self._inside(horizon_end, steps, cutoff)
            inputs["calendar"] = panel.calendar.at(series, steps_in_time) * inside[:, :, None]
        if self.shape.lags:
            inputs["lagged"], inputs["lagged_mask"] = self._lagged(series, cutoff, steps)
        return inputs

    def _inside(
        self, end: Int[Tensor, " B"], steps: Int[Tensor, "B T"], cutoff: Int[Tensor, " B"]
    ) -> Bool[Tensor, "B T"]:
        """Return which steps lie in the window and before ``end``; padding of the context does not."""
        oldest = (cutoff - self.shape.context_length).clamp(min=0)
        inside = (steps >= oldest[:, None]) & (steps < end[:, None])
        length = self.shape.context_segments * self.shape.segment_length
        inside[:, :length] &= steps[:, :length] < cutoff[:, None]
        return inside

    def _lagged(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: Int[Tensor, "B T"]
    ) -> tuple[Float[Tensor, "B T L Y"], Bool[Tensor, "B T L Y"]]:
        """Return the values at each lag before each step, and which were observed before the cutoff."""
        panel = self.panel
        earlier = steps[:, :, None] - self.lags
        usable = (earlier >= 0) & (earlier < cutoff[:, None, None])
        rows = self._rows(series, self._by_clock(series, cutoff, earlier))
        if self.complete:
            # without padding and missing values, only the series' start and the cutoff set limits
            mask = usable[..., None].expand(*usable.shape, panel.values.shape[1])
        else:
            # to the end of the last segment, so that a shorter horizon has the same inputs as a longer one
            end = cutoff + self.shape.horizon_segments * self.shape.segment_length
            usable &= self._inside(end, steps, cutoff)[:, :, None]
            mask = panel.observed[rows] & usable[..., None]
        return panel.values[rows] * mask, mask


def _masked_rows(features: Features, rows: Int[Tensor, "B T"], inside: Bool[Tensor, "B T"]) -> Features:
    """Return the features of rows, 0 where a step is not inside the window."""
    return features.map(lambda tensor: tensor[rows]).where(inside)
