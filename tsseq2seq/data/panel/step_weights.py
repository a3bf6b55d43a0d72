"""Weights of time steps, as a training reads them: in a unit in which those that count are 1 on average."""

from __future__ import annotations

import copy
import dataclasses

import torch
from jaxtyping import Bool
from torch import Tensor

from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.panel.windows import Windows
from tsseq2seq.errors import DataError, ParameterError, shown

__all__ = ["check_weights_of_windows", "target_rows", "with_unit_weights"]


def with_unit_weights(windows: Windows, rows: Bool[Tensor, " rows"], what: str) -> Windows:
    """Return the same windows, with weights that are 1 on average over the steps that count.

    So the sum of weighted losses, divided by their number, is an estimate of the weighted mean without bias.

    Parameters
    ----------
    windows
        Windows of a panel; without weights they are returned as they are.
    rows
        True at the panel's rows whose losses are computed.
    what
        What these steps are called in messages.

    Raises
    ------
    DataError
        If none of them has a weight.
    """
    panel = windows.panel
    if panel.weights is None:
        return windows
    counted = rows & panel.observed.any(1) & (panel.weights > 0)
    if not bool(counted.any()):
        raise DataError(
            f"weight_col is 0 at every step {what} that has a target; give one of them a weight, or change "
            "validation_size"
        )
    exact = panel.weights.double()
    changed = copy.copy(windows)
    changed.panel = dataclasses.replace(panel, weights=(exact / exact[counted].mean()).float())
    return changed


def target_rows(windows: Windows) -> Bool[Tensor, " rows"]:
    """Return which rows of the panel are targets of windows: those from the first cutoff of a series on."""
    lengths = windows.panel.lengths
    step = torch.arange(len(windows.panel.values), device=lengths.device)
    step = step - windows.panel.offsets[:-1].repeat_interleave(lengths)
    first = torch.where(windows.counts > 0, windows.first_cutoff, lengths)
    return (step >= first.repeat_interleave(lengths)) & (step < windows.end.repeat_interleave(lengths))


def check_weights_of_windows(panel: Panel, loss: object) -> None:
    """Refuse weights that vary within a series, for a loss of whole windows.

    A weight of 0 is no other weight: such a loss does without the step, as where it was not observed.

    Parameters
    ----------
    panel
        The series.
    loss
        The loss, for messages.

    Raises
    ------
    ParameterError
        Naming the first such series.
    """
    if panel.weights is None:
        return
    counts = (panel.weights > 0) & panel.observed.any(1)
    for series, (start, stop) in enumerate(zip(panel.offsets[:-1], panel.offsets[1:], strict=True)):
        weights = panel.weights[start:stop][counts[start:stop]]
        if len(weights) and bool((weights != weights[0]).any()):
            step = int((weights != weights[0]).int().argmax())
            place = int(torch.nonzero(counts[start:stop])[step, 0])
            where = f"series {shown(panel.ids[series])}" if panel.named else "the series"
            raise ParameterError(
                f"weight_col: the loss {loss!r} is one of whole windows, which weigh the same at every step, "
                f"but weights of {where} vary (from {panel.time(series, place)} on); let them be 0 or the "
                "same throughout a series, or take a loss of single values such as 'mae'"
            )
