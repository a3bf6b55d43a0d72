"""What is held back of the series: blocks for the threshold, and their ends for validation.

Steps that are held back count as missing in training, in the windows' inputs as in their loss. So windows
reach across them, and none of the others is lost.
"""

from __future__ import annotations

import dataclasses

import torch
from jaxtyping import Bool
from torch import Tensor

from tsseq2seq.data.evenly_spaced import evenly_spaced
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.errors import ParameterError
from tsseq2seq.training.training import Training

__all__ = ["calibration_steps", "validation_steps", "without"]

_SHARE = 0.2
# Of fewer blocks none can be spared.
_LEAST_BLOCKS = 3


def calibration_steps(panel: Panel, window_length: int, end: Tensor) -> Bool[Tensor, " rows"]:
    """Return which steps the threshold is taken from: a fifth of all blocks of a window's length.

    The blocks are counted back from the end of each series, and evenly spaced among those of all series.

    Parameters
    ----------
    panel
        The series.
    window_length
        Steps of a block.
    end
        (series,), the step of each series behind the last block.
    """
    chosen = torch.zeros(len(panel.values), dtype=torch.bool)
    starts = [
        int(offset) + int(last) - (block + 1) * window_length
        for offset, last in zip(panel.offsets[:-1].tolist(), end.tolist(), strict=True)
        for block in reversed(range(int(last) // window_length))
    ]
    if len(starts) >= _LEAST_BLOCKS:
        for place in evenly_spaced(len(starts), max(1, round(_SHARE * len(starts)))):
            chosen[starts[place] : starts[place] + window_length] = True
    return chosen.to(panel.values.device)


def validation_steps(panel: Panel, window_length: int, training: Training) -> Bool[Tensor, " rows"]:
    """Return the last steps of each series, ``validation_size`` of them.

    Raises
    ------
    ParameterError
        If they hold no window, or leave none of any series.
    """
    typical = int(panel.lengths.median())
    count, told = training.held_out(typical), training.held_out_in_words(typical, "steps")
    if count and count < window_length:
        raise ParameterError(
            f"Training: validation_size is {told}, less than window_length {window_length}; hold out a "
            "window at least, or nothing"
        )
    longest = int(panel.lengths.max())
    if count and longest - count < window_length:
        raise ParameterError(
            f"Training: validation_size is {told}; that leaves {max(0, longest - count)} steps of the "
            f"longest series, less than window_length {window_length}; hold out less"
        )
    step = torch.arange(len(panel.values), device=panel.values.device)
    ends = panel.offsets[1:].repeat_interleave(panel.lengths)
    return step >= ends - count


def without(panel: Panel, steps: Bool[Tensor, " rows"]) -> Panel:
    """Return the panel with these steps missing."""
    observed = panel.observed & ~steps[:, None]
    return dataclasses.replace(panel, observed=observed, values=panel.values * observed)
