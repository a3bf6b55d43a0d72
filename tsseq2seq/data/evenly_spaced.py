"""Evenly spaced indices: a few of many, from the first to the last."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

__all__ = ["evenly_spaced", "evenly_spaced_tensor", "rows_to_train_on"]


def evenly_spaced(count: int, most: int) -> np.ndarray:
    """Return up to ``most`` of the indices 0 … ``count`` − 1, ascending and all different.

    If there are two or more, the first and the last index are among them.

    Examples
    --------
    >>> evenly_spaced(10, 4).tolist(), evenly_spaced(3, 4).tolist()
    ([0, 3, 6, 9], [0, 1, 2])
    """
    return np.linspace(0, count - 1, min(most, count)).round().astype(int)


def evenly_spaced_tensor(
    count: int, most: int, *, device: torch.device | None = None
) -> Int[Tensor, " chosen"]:
    """Return evenly spaced indices as a tensor on a device. None: the CPU.

    They are computed in float32, so that they may differ by one from those of :func:`evenly_spaced`.

    Examples
    --------
    >>> evenly_spaced_tensor(10, 4)
    tensor([0, 3, 6, 9])
    """
    numbers = torch.linspace(0, count - 1, min(most, count), device=device).round().long()
    # float32 may round the last of more than 2²⁴ indices up
    return numbers.clamp(max=count - 1)


def rows_to_train_on(count: int, held_out: int) -> Int[Tensor, " rows"]:
    """Return the numbers of the rows that are left where so many, evenly spaced, are held out.

    Where none would be left it is all of them: that is refused where they are split.

    Examples
    --------
    >>> rows_to_train_on(6, 2), rows_to_train_on(2, 2)
    (tensor([1, 2, 3, 4]), tensor([0, 1]))
    """
    kept = torch.ones(count, dtype=torch.bool)
    if 0 < held_out < count:
        kept[evenly_spaced_tensor(count, held_out)] = False
    return torch.nonzero(kept)[:, 0]
