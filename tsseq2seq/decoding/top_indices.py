"""Indices of the largest of many numbers, in one pass over them on CPUs."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

__all__ = ["top_indices"]

# Below this width one call of topk is faster, as measured on CPUs.
_MANY = 4096
_CHUNK = 128


def top_indices(values: Float[Tensor, "B N"], count: int) -> Int[Tensor, "B K"]:
    """Return the indices of the ``count`` largest numbers of each row, the largest first.

    Among equal numbers ``count`` = 1 takes the first, as greedy search does; otherwise any may be taken.

    On CPUs ``topk`` passes several times over its input. For wide rows, the ``count`` chunks with the largest
    maxima are found first; they contain the ``count`` largest numbers.

    Examples
    --------
    >>> top_indices(torch.tensor([[3.0, 9.0, 5.0]]), 2).tolist()
    [[1, 2]]
    """
    if count == 1:
        return values.argmax(1, keepdim=True)
    rows, width = values.shape
    chunks = width // _CHUNK
    if values.device.type != "cpu" or width < _MANY or chunks <= count:
        return values.topk(count, dim=1).indices
    body = values[:, : chunks * _CHUNK].reshape(rows, chunks, _CHUNK)
    best = body.amax(-1).topk(count, dim=1).indices
    in_chunks = (best[:, :, None] * _CHUNK + torch.arange(_CHUNK)).flatten(1)
    tail = torch.arange(chunks * _CHUNK, width).expand(rows, -1)
    candidates = torch.cat([in_chunks, tail], dim=1)
    return candidates.gather(1, values.gather(1, candidates).topk(count, dim=1).indices)
