"""Constant tensors, copied to a device once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["constant"]


def constant(numbers: Sequence[float], like: Tensor, dtype: torch.dtype | None = None) -> Float[Tensor, " N"]:
    """Return numbers as a tensor on the device of another one.

    The tensor is cached, as a copy to the device would wait for it, and cannot be part of a CUDA graph.

    Parameters
    ----------
    numbers
        Elements of the tensor, which must not be changed.
    like
        A tensor on the device.
    dtype
        Type of the tensor. None: that of ``like``.

    Examples
    --------
    >>> constant([0.1, 0.5], torch.zeros(3)).tolist()
    [0.10000000149011612, 0.5]
    """
    return _cached(tuple(numbers), dtype or like.dtype, like.device)


@lru_cache(maxsize=64)
def _cached(numbers: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Float[Tensor, " N"]:
    # a tensor created in inference mode could not be used in training
    with torch.inference_mode(mode=False):
        return torch.tensor(numbers, dtype=dtype, device=device)
