"""Windows are index arithmetic: a batch is one gather from the panel, and nothing is copied before.

A window is a series and a cutoff: its context are the steps before the cutoff, its targets those
after it. Windows never span two series. Short histories are padded under a mask.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.batch import Batch, Moments
from tsseq2seq.data.features import Features
from tsseq2seq.data.panel import Panel

__all__ = [
    "WindowShape",
    "Windows",
    "cutoff_windows",
    "forecast_windows",
    "training_windows",
    "validation_windows",
]


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
    whole
        Whether all values of all windows were observed, so that no mask needs to be looked up.
    """

    def __init__(
        self,
        panel: Panel,
        shape: WindowShape,
        *,
        first: Int[Tensor, " S"],
        last: Int[Tensor, " S"],
        end: Int[Tensor, " S"] | None = None,
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
        self.moments = _PrefixMoments(panel) if moments else None
        complete = bool(panel.observed.all())
        self.last_observed = None if complete else _LastObserved(panel)
        self.whole = complete and self._have_all_steps()

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
        length = shape.context_segments * shape.segment_length
        segments = torch.div(
            cutoff.clamp(max=shape.context_length) + shape.segment_length - 1,
            shape.segment_length,
            rounding_mode="floor",
        )
        places = torch.arange(length + shape.horizon_segments * shape.segment_length, device=index.device)
        # behind the context there may be padding, so that the targets need not follow its last place
        context = (cutoff - segments * shape.segment_length)[:, None] + places[:length]
        steps = torch.cat([context, cutoff[:, None] + (places[length:] - length)], dim=1)
        ahead = cutoff + shape.horizon
        rows = panel.offsets[series][:, None] + steps
        if self.whole:
            # a window is one piece of the panel, which is copied faster than number by number
            values = panel.values.unfold(0, len(places), 1)[rows[:, 0]].transpose(1, 2)
            mask = torch.ones((), dtype=torch.bool, device=index.device).expand(values.shape)
        else:
            rows = rows.clamp(0, len(panel.values) - 1)
            limit = torch.minimum(self.end[series], ahead)
            mask = panel.observed[rows] & self._until(limit, steps, cutoff)[:, :, None]
            values = panel.values[rows] * mask
        lagged, lagged_mask = self._lagged(series, cutoff, steps)
        past = future = None
        if panel.past is not None:
            past = _at(panel.past, rows[:, :length], self._until(cutoff, context, cutoff))
        if panel.future is not None:
            known = torch.minimum(self.lengths[series], ahead)
            future = _at(panel.future, rows, self._until(known, steps, cutoff))
        return Batch(
            context=values[:, :length],
            context_mask=mask[:, :length],
            target=values[:, length:],
            target_mask=mask[:, length:],
            lengths=segments if self.padded else None,
            series=series,
            location=panel.location[series],
            scale=panel.scale[series],
            history=None if self.moments is None else self.moments.before(series, cutoff),
            last=None if self.last_observed is None else self.last_observed.before(series, cutoff),
            past=past,
            future=future,
            static=None if panel.static is None else panel.static.map(lambda tensor: tensor[series]),
            calendar=self._calendar(series, cutoff, steps),
            lagged=lagged,
            lagged_mask=lagged_mask,
            complete=self.whole,
        )

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
    ) -> tuple[Float[Tensor, "B T L Y"] | None, Bool[Tensor, "B T L Y"] | None]:
        if not self.shape.lags:
            return None, None
        panel = self.panel
        earlier = steps[:, :, None] - self.lags
        known = (earlier >= 0) & (earlier < cutoff[:, None, None])
        rows = panel.offsets[series][:, None, None] + earlier
        if self.whole:
            # nothing is padded or missing, so that only the ends of a series are to be minded
            mask = known[..., None].expand(*known.shape, panel.values.shape[1])
        else:
            # to the end of the last segment, so that a shorter horizon is the beginning of a longer one
            end = cutoff + self.shape.horizon_segments * self.shape.segment_length
            known &= self._until(end, steps, cutoff)[:, :, None]
            mask = panel.observed[rows.clamp(0, len(panel.values) - 1)] & known[..., None]
        return panel.values[rows.clamp_(0, len(panel.values) - 1)] * mask, mask

    def _calendar(
        self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"], steps: Int[Tensor, "B T"]
    ) -> Float[Tensor, "B T F"] | None:
        table = self.panel.calendar
        if table is None:
            return None
        # as with future covariates, nothing is told of what a last segment has beyond the horizon
        inside = self._until(cutoff + self.shape.horizon, steps, cutoff)
        return table.at(series, steps) * inside[:, :, None]


def _at(features: Features, rows: Int[Tensor, "B T"], inside: Bool[Tensor, "B T"]) -> Features:
    return features.map(lambda tensor: tensor[rows]).where(inside)


class _PrefixMoments:
    """Running sums of each series, so that any cutoff's statistics are one look-up."""

    def __init__(self, panel: Panel) -> None:
        self.offsets = panel.offsets
        values = panel.values.double()
        stacked = torch.stack([panel.observed.double(), values, values.square()])
        # series by series: one sum over all would drown a small series in a large one's rounding
        parts = stacked.split(panel.lengths.tolist(), dim=1)
        self.sums = torch.cat([part.cumsum(1) for part in parts], dim=1)

    def before(self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"]) -> Moments:
        last = (self.offsets[series] + cutoff - 1).clamp(min=0)
        count, total, squares = self.sums[:, last] * (cutoff > 0)[:, None]
        count = count.clamp(min=1)
        mean = total / count
        variance = (squares / count - mean.square()).clamp(min=0)
        return Moments(mean.float(), variance.sqrt().float())


class _LastObserved:
    """Where each series was last observed before any step."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        rows = torch.arange(len(panel.values), device=panel.values.device)[:, None]
        self.latest = torch.where(panel.observed, rows, -1).cummax(0).values

    def before(self, series: Int[Tensor, " B"], cutoff: Int[Tensor, " B"]) -> Float[Tensor, "B Y"]:
        start = self.panel.offsets[series][:, None]
        row = self.latest[(start + cutoff[:, None] - 1).clamp(min=0)[:, 0]]
        values = self.panel.values.gather(0, row.clamp(min=0))
        return values.masked_fill((row < start) | (cutoff == 0)[:, None], torch.nan)


def training_windows(
    panel: Panel, shape: WindowShape, *, held_out: int = 0, stride: int = 1, moments: bool = False
) -> Windows:
    """Return the windows to train on.

    Cutoffs run from a full context to a full horizon before the end (of what is not held out). A
    series too short for that gives windows with shorter contexts, and, if it is shorter than the
    horizon, with fewer targets.

    Parameters
    ----------
    panel
        The series.
    shape
        Lengths of a window.
    held_out
        Steps at the end of each series that are not trained on.
    stride
        Cutoffs lie multiples of it before the end of a series; its last one serves where none does.
    moments
        Whether batches carry statistics of the whole history.
    """
    end = (panel.lengths - held_out).clamp(min=0)
    last = torch.where(end > shape.horizon, end - shape.horizon, end - 1)
    # half of a short series' cutoffs serve, at least one
    shortest = torch.clamp((last + 1) // 2, min=1)
    first = torch.minimum(torch.full_like(last, shape.context_length), shortest)
    if stride > 1:
        aligned = end - ((end - last + stride - 1) // stride) * stride
        last = torch.where(aligned >= first, aligned, last)
        first = torch.where(last >= first, last - (last - first) // stride * stride, first)
    return Windows(panel, shape, first=first, last=last, end=end, stride=stride, moments=moments)


def validation_windows(panel: Panel, shape: WindowShape, *, held_out: int, moments: bool = False) -> Windows:
    """Return the windows whose targets tile each series' last ``held_out`` steps."""
    first = panel.lengths - held_out
    last = torch.where(first > 0, panel.lengths - 1, first - 1)
    return Windows(panel, shape, first=first.clamp(min=0), last=last, stride=shape.horizon, moments=moments)


def cutoff_windows(
    panel: Panel,
    shape: WindowShape,
    *,
    windows: int | None,
    step: int,
    skip: int = 0,
    least: Int[Tensor, " S"] | None = None,
    moments: bool = False,
) -> Windows:
    """Return windows with known targets: cutoffs ``step`` apart, the last a horizon before the end.

    Parameters
    ----------
    panel
        The series.
    shape
        Lengths of a window.
    windows
        Cutoffs of each series at the most. None: all; those with a whole context, where there is one.
    step
        Steps between cutoffs.
    skip
        Cutoffs left out at the end.
    least
        (series,), no cutoff lies before this one. None: a cutoff has at least one step before it.
    moments
        Whether batches carry statistics of the whole history.

    Returns
    -------
    Windows
        Series by series, the earliest cutoff first; fewer of a series whose history is short.
    """
    last = panel.lengths - shape.horizon - skip * step
    if least is None:
        least = torch.ones_like(last)
    if windows is None:
        whole = torch.full_like(last, shape.context_length)
        least = torch.maximum(least, torch.minimum(whole, last))
    count = torch.div(last - least, step, rounding_mode="floor") + 1
    count = count.clamp(min=0, max=windows)
    # a cutoff of 0 has nothing before it
    count = torch.where(last < 1, 0, count)
    return Windows(panel, shape, first=last - (count - 1) * step, last=last, stride=step, moments=moments)


def forecast_windows(panel: Panel, shape: WindowShape, *, ahead: int = 0, moments: bool = False) -> Windows:
    """Return one window a series, whose cutoff is the series' end but for ``ahead`` steps."""
    cutoff = panel.lengths - ahead
    return Windows(panel, shape, first=cutoff, last=cutoff, end=cutoff, moments=moments)
