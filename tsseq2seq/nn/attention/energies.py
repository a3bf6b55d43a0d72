"""Energies v · tanh(query + key), never all of their activations at once.

Torch's tanh takes a processor six times as long as its logistic function σ (benchmarks/processor.py). As
tanh x = 2 σ(2x) − 1, the activations are σ(2 query + 2 key), and v · tanh is 2 v · σ minus the sum of v: no
pass over them is added.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

__all__ = ["tanh_energies"]

# Numbers of one chunk of activations: 4 MiB of float32 stay within a processor's caches; elsewhere
# one call must be worth its launch.
_CHUNK = {"cpu": 2**20, "cuda": 2**25}
# So many are kept for the backward pass; more are computed again there. A step loop keeps as many
# for each of its steps.
_KEPT = 2**20


def tanh_energies(
    query: Float[Tensor, "B Q A"],
    keys: Float[Tensor, "B S A"],
    energy: Float[Tensor, " A"],
    coverage: Float[Tensor, "B Q S"] | None = None,
    cover: Float[Tensor, " A"] | None = None,
) -> Float[Tensor, "B Q S"]:
    """Return v · tanh(query + key + coverage · cover) for each query and key.

    All is computed in float32 at least, as a softmax follows. The activations number B·Q·S·A, which is a
    gigabyte at textbook sizes. Beyond some size they are made in chunks of rows and queries, in one buffer,
    and again in the backward pass rather than kept; gradients of gradients are not to be had then.

    Parameters
    ----------
    query, keys
        Projected to the hidden layer's width A.
    energy
        The last layer, v.
    coverage, cover
        Attention so far, and what a coverage of 1 adds to the hidden layer; both or neither.

    Examples
    --------
    >>> query, keys = torch.zeros(2, 5, 4), torch.zeros(2, 3, 4)
    >>> tanh_energies(query, keys, torch.ones(4)).shape
    torch.Size([2, 5, 3])
    """
    dtype = torch.promote_types(torch.promote_types(query.dtype, keys.dtype), torch.float32)
    query, energy = 2 * query.to(dtype), energy.to(dtype)  # keys are doubled and cast where they are added
    if coverage is None or cover is None:
        coverage = cover = None
    else:
        coverage, cover = coverage.to(dtype), 2 * cover.to(dtype)
    with torch.autocast(query.device.type, enabled=False):
        if query.shape[1] * keys.numel() > _KEPT:
            products = _ChunkedProducts.apply(query, keys, energy, coverage, cover)
        else:
            hidden = torch.add(query[:, :, None], keys[:, None], alpha=2)
            if coverage is not None and cover is not None:
                hidden = hidden.addcmul_(coverage[..., None], cover)
            products = hidden.sigmoid_() @ energy
        return 2 * products - energy.sum()


class _ChunkedProducts(Function):
    """v · σ(query + 2 key + coverage · cover) in chunks; the backward pass makes activations again."""

    @staticmethod
    def forward(ctx: Any, *given: Tensor | None) -> Tensor:  # noqa: ANN401 (torch's own)
        ctx.save_for_backward(*given)
        query, keys, energy, coverage, cover = given
        scores = query.new_empty(query.shape[0], query.shape[1], keys.shape[1])  # type: ignore[union-attr]
        for rows, queries, hidden in _activations(query, keys, coverage, cover):  # type: ignore[arg-type]
            scores[rows, queries] = (hidden.flatten(0, 2) @ energy).view(hidden.shape[:3])  # type: ignore[operator]
        return scores

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        given = ctx.saved_tensors
        query, keys, energy, coverage, cover = given
        sums = [gradient.new_zeros(() if part is None else part.shape) for part in given]
        for rows, queries, hidden in _activations(query, keys, coverage, cover):
            outer = gradient[rows, queries]
            flat = hidden.flatten(0, 2)
            sums[2] += outer.flatten() @ flat
            # from here on the gradient of what enters σ, without its factor v: outer · σ (1 − σ)
            torch.addcmul(hidden, hidden, hidden, value=-1, out=hidden).mul_(outer[..., None])
            sums[0][rows, queries] = hidden.sum(2)
            sums[1][rows] += hidden.sum(1)
            if coverage is not None:
                sums[3][rows, queries] = (flat @ (energy * cover)).view_as(outer)
                sums[4] += coverage[rows, queries].flatten() @ flat
        for i in (0, 1, 4):
            sums[i] = sums[i] * energy
        sums[1] *= 2
        return tuple(
            None if part is None else total.to(part.dtype) for part, total in zip(given, sums, strict=True)
        )


def _activations(
    query: Tensor, keys: Tensor, coverage: Tensor | None, cover: Tensor | None
) -> Iterator[tuple[slice, slice, Tensor]]:
    """Yield rows, queries and their activations (B, Q, S, A), each chunk in the place of the last."""
    (rows, places, width), queries = keys.shape, query.shape[1]
    chunk, single = _CHUNK.get(keys.device.type, 2**22), max(1, places * width)
    some_queries = min(queries, max(1, chunk // single))
    some_rows = min(rows, max(1, chunk // (some_queries * single)))
    buffer = query.new_empty(some_rows * some_queries * places * width)
    for row in range(0, rows, some_rows):
        for first in range(0, queries, some_queries):
            at = slice(row, row + some_rows), slice(first, first + some_queries)
            own, key = query[at][:, :, None], keys[at[0]][:, None]
            shape = (*own.shape[:2], places, width)
            hidden = buffer[: own.shape[0] * own.shape[1] * places * width].view(shape)
            torch.add(own, key, alpha=2, out=hidden)
            if coverage is not None and cover is not None:
                hidden.addcmul_(coverage[at][..., None], cover)
            yield *at, hidden.sigmoid_()
