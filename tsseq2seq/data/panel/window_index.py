"""Which windows there are to train on, to validate on, to score and to forecast."""

from __future__ import annotations

import torch
from jaxtyping import Int
from torch import Tensor

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.windows import Windows, WindowShape

__all__ = ["cutoff_windows", "forecast_windows", "training_windows", "validation_windows"]


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
    least: Int[Tensor, " series"] | None = None,
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
