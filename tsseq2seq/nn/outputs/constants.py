"""Numbers known beforehand as tensors, brought to a device once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["constant"]


def constant(numbers: Sequence[float], like: Tensor, dtype: torch.dtype | None = None) -> Float[Tensor, " N"]:
    """Return numbers as a tensor where another one lies; the next call returns the same tensor.

    A copy from the host waits for the device, and cannot be part of a CUDA graph.

    Parameters
    ----------
    numbers
        What the tensor holds. It must not be changed.
    like
        Lies where the tensor will.
    dtype
        Its type. None: that of ``like``.

    Examples
    --------
    >>> constant([0.1, 0.5], torch.zeros(3)).tolist()
    [0.10000000149011612, 0.5]
    """
    return _made(tuple(numbers), dtype or like.dtype, like.device)


@lru_cache(maxsize=64)
def _made(numbers: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Float[Tensor, " N"]:
    # what is made while forecasting must serve in training as well
    with torch.inference_mode(mode=False):
        return torch.tensor(numbers, dtype=dtype, device=device)
