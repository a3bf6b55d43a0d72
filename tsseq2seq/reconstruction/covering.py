"""Windows that cover each step of a panel, and the merging of their reconstructions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.windows import HistoryMoments, Windows, WindowShape

__all__ = ["covering_windows", "in_chunks", "last_windows_of", "merged", "rows_of", "windows_of"]

# Windows of a chunk: as many as a processor's caches hold, and as keep a GPU busy.
_CHUNK, _GPU_CHUNK = 256, 4096


def windows_of(
    panel: Panel, shape: WindowShape, *, stride: int = 1, moments: HistoryMoments | None = None
) -> Windows:
    """Return the whole windows of each series, ``stride`` steps apart, counted back from its end.

    A series shorter than a window has none.
    """
    length, lengths = shape.context_length, panel.lengths
    first = torch.where(lengths >= length, length + (lengths - length) % stride, lengths + 1)
    windows = Windows(panel, shape, first_cutoff=first, last_cutoff=lengths, stride=stride)
    return windows.as_they_pass(moments)


def last_windows_of(
    panel: Panel, shape: WindowShape, *, steps: int, moments: HistoryMoments | None = None
) -> Windows:
    """Return the windows end to end that hold one of the last ``steps`` steps of each series.

    They are counted back from its end. Where these steps alone are observed, the windows before are empty.
    """
    length, lengths = shape.context_length, panel.lengths
    count = (lengths // length).clamp(max=-(-steps // length))
    first = torch.where(count > 0, lengths - (count - 1) * length, lengths + 1)
    windows = Windows(panel, shape, first_cutoff=first, last_cutoff=lengths, stride=length)
    return windows.as_they_pass(moments)


def covering_windows(
    panel: Panel, shape: WindowShape, *, stride: int, moments: HistoryMoments | None = None
) -> tuple[Windows, Windows]:
    """Return windows that cover every step of each series that is as long as a window.

    Those of :func:`windows_of` may leave out the first steps; these are in the second windows, one at the
    start of each such series.
    """
    main = windows_of(panel, shape, stride=stride, moments=moments)
    length, lengths = shape.context_length, panel.lengths
    first = torch.full_like(lengths, length)
    left_out = (lengths >= length) & ((lengths - length) % stride > 0)
    last = torch.where(left_out, first, first - 1)
    head = Windows(panel, shape, first_cutoff=first, last_cutoff=last, stride=1)
    return main, head.as_they_pass(moments)


def in_chunks(windows: Windows) -> Iterator[tuple[Int[Tensor, " B"], Batch]]:
    """Yield the numbers of some windows, and the windows, until all were there."""
    device = windows.panel.values.device
    size = _CHUNK if device.type == "cpu" else _GPU_CHUNK
    if len(windows):
        for index in torch.arange(len(windows), device=device).split(size):
            yield index, windows.gather(index)


def rows_of(windows: Windows, index: Int[Tensor, " B"]) -> Int[Tensor, "B W"]:
    """Return the panel's row of each step of windows."""
    series, cutoff = windows.locate(index)
    length = windows.shape.context_length
    steps = torch.arange(length, device=index.device) - length
    return (windows.panel.offsets[series] + cutoff)[:, None] + steps


def merged(
    windows: tuple[Windows, ...], reconstruct: Callable[[Batch], Float[Tensor, "B W Y"]]
) -> Float[Tensor, "rows Y"]:
    """Return the mean of the reconstructions of each step, weighted by how much each window knows.

    A window's weight is the number of its observed values, for each target; of nothing it makes nothing.

    Parameters
    ----------
    windows
        Of one panel.
    reconstruct
        Function from a batch to its windows in original units.

    Returns
    -------
    Tensor
        NaN where no window with an observed value holds the step.
    """
    panel = windows[0].panel
    total = torch.zeros(panel.values.shape, dtype=torch.float64, device=panel.values.device)
    weights = torch.zeros_like(total)
    for part in windows:
        for index, batch in in_chunks(part):
            rows = rows_of(part, index).flatten()
            numbers = reconstruct(batch).double()
            weight = batch.context_mask.sum(1, keepdim=True).double().expand_as(numbers)
            # what a window of nothing is scaled to is no number
            numbers = torch.where(weight > 0, numbers, 0.0)
            total.index_add_(0, rows, (weight * numbers).flatten(0, 1))
            weights.index_add_(0, rows, weight.flatten(0, 1))
    return torch.where(weights > 0, total / weights, torch.nan)
