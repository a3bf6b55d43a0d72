"""The windows to train on, to validate on, to score and to forecast: which cutoffs each series has.

A cutoff of c has c steps before it. A series of 15 steps, a context of 4 and a horizon of 3 give::

    step                   0  1  2  3  4  5  6  7  8  9 10 11 12 13 14
    training_windows                   x  x  x  x  x  x                    held_out 3: last targets 9–11
    validation_windows                                         x           held_out 3: targets 12–14
    cutoff_windows                                    x        x           windows 2, step 3
    forecast_windows                                                    x  targets after the series' end

``windows.py`` shows how a window's number leads to its series, cutoff and rows.
"""

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

    The first cutoff has a full context before it, the last one a full horizon before the held-out steps. A
    series too short for that gives windows with shorter contexts, and, if it is no longer than the horizon,
    with fewer targets.

    Parameters
    ----------
    panel
        The series.
    shape
        Lengths of a window.
    held_out
        Steps at the end of each series that are not trained on. 0.
    stride
        Steps between cutoffs, counted back from the end of what is trained on. A series with no such cutoff
        keeps its last one. 1.
    moments
        Whether batches carry statistics of the whole history. False.
    """
    end = (panel.lengths - held_out).clamp(min=0)
    last = torch.where(end > shape.horizon, end - shape.horizon, end - 1)
    # a short series is trained on from the middle of its cutoffs, so that contexts are not too short
    middle = torch.clamp((last + 1) // 2, min=1)
    first = torch.minimum(torch.full_like(last, shape.context_length), middle)
    if stride > 1:
        aligned = end - ((end - last + stride - 1) // stride) * stride
        last = torch.where(aligned >= first, aligned, last)
        first = torch.where(last >= first, last - (last - first) // stride * stride, first)
    return Windows(
        panel, shape, first_cutoff=first, last_cutoff=last, end=end, stride=stride, moments=moments
    )


def validation_windows(panel: Panel, shape: WindowShape, *, held_out: int, moments: bool = False) -> Windows:
    """Return the windows whose targets cover each series' last ``held_out`` steps, each step once.

    A series of no more than ``held_out`` steps has no window, as it has no context.
    """
    first = panel.lengths - held_out
    last = torch.where(first > 0, panel.lengths - 1, first - 1)
    return Windows(
        panel,
        shape,
        first_cutoff=first.clamp(min=0),
        last_cutoff=last,
        stride=shape.horizon,
        moments=moments,
    )


def cutoff_windows(
    panel: Panel,
    shape: WindowShape,
    *,
    windows: int | None,
    step: int,
    skip: int = 0,
    earliest: Int[Tensor, " series"] | None = None,
    moments: bool = False,
) -> Windows:
    """Return windows whose targets lie in the panel: the last cutoff is a horizon before the end.

    Parameters
    ----------
    panel
        The series.
    shape
        Lengths of a window.
    windows
        Cutoffs of each series at the most. None: all with a full context, or the last one if none has.
    step
        Steps between cutoffs.
    skip
        Cutoffs left out at the end. 0.
    earliest
        (series,), the first cutoff allowed. None: 1.
    moments
        Whether batches carry statistics of the whole history. False.

    Returns
    -------
    Windows
        Series by series, the earliest cutoff first. A short series has fewer, or none.
    """
    last = panel.lengths - shape.horizon - skip * step
    if earliest is None:
        earliest = torch.ones_like(last)
    if windows is None:
        full = torch.full_like(last, shape.context_length)
        earliest = torch.maximum(earliest, torch.minimum(full, last))
    count = torch.div(last - earliest, step, rounding_mode="floor") + 1
    count = count.clamp(min=0, max=windows)
    # a cutoff of 0 has nothing before it
    count = torch.where(last < 1, 0, count)
    return Windows(
        panel,
        shape,
        first_cutoff=last - (count - 1) * step,
        last_cutoff=last,
        stride=step,
        moments=moments,
    )


def forecast_windows(
    panel: Panel, shape: WindowShape, *, future_steps: int = 0, moments: bool = False
) -> Windows:
    """Return one window a series, to forecast what follows its end.

    The last ``future_steps`` rows of each series hold future covariates only (``future_frame.py``), and lie
    behind the cutoff.
    """
    cutoff = panel.lengths - future_steps
    return Windows(panel, shape, first_cutoff=cutoff, last_cutoff=cutoff, end=cutoff, moments=moments)
