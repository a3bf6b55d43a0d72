"""Energies v · tanh(query + key) of additive and concat attention, computed in chunks.

On CPUs torch's tanh takes six times as long as its logistic function σ (benchmarks/processor.py). As
tanh x = 2 σ(2x) − 1, the energies are 2 v · σ(2 query + 2 key) minus the sum of v, which adds no pass over
the activations.
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

# Activations of one chunk. On CPUs 4 MiB of float32 fit the caches; on GPUs a chunk must be worth a launch.
_CHUNK = {"cpu": 2**20, "cuda": 2**25}
# Up to this number of activations are kept for the backward pass, at each decoder step of a loop; more are
# computed again there.
_KEPT = 2**20


def tanh_energies(
    query: Float[Tensor, "B Q A"],
    keys: Float[Tensor, "B S A"],
    energy: Float[Tensor, " A"],
    coverage: Float[Tensor, "B Q S"] | None = None,
    cover: Float[Tensor, " A"] | None = None,
) -> Float[Tensor, "B Q S"]:
    """Return v · tanh(query + key + coverage · cover) for each query and key.

    The result is in float32 at least, as a softmax follows. There are B·Q·S·A activations, a gigabyte at
    textbook sizes. Above 2²⁰ of them, they are computed in chunks of rows and queries, in one buffer, and
    computed again in the backward pass rather than kept; second derivatives are not available then.

    Parameters
    ----------
    query, keys
        Projections to the hidden layer's width A.
    energy
        Weights of the last layer, v.
    coverage, cover
        Sum of the attention weights so far, and its weights in the hidden layer; both or neither.

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
    """v · σ(query + 2 key + coverage · cover) in chunks; the backward pass computes the activations again."""

    @staticmethod
    def forward(ctx: Any, *inputs: Tensor | None) -> Tensor:  # noqa: ANN401 (torch's own)
        ctx.save_for_backward(*inputs)
        query, keys, energy, coverage, cover = inputs
        scores = query.new_empty(query.shape[0], query.shape[1], keys.shape[1])  # type: ignore[union-attr]
        for rows, queries, hidden in _activations(query, keys, coverage, cover):  # type: ignore[arg-type]
            scores[rows, queries] = (hidden.flatten(0, 2) @ energy).view(hidden.shape[:3])  # type: ignore[operator]
        return scores

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        inputs = ctx.saved_tensors
        query, keys, energy, coverage, cover = inputs
        sums = [gradient.new_zeros(() if tensor is None else tensor.shape) for tensor in inputs]
        for rows, queries, hidden in _activations(query, keys, coverage, cover):
            outer = gradient[rows, queries]
            flat = hidden.flatten(0, 2)
            sums[2] += outer.flatten() @ flat
            # from here on the gradient before σ, without its factor v: outer · σ (1 − σ)
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
            None if tensor is None else total.to(tensor.dtype)
            for tensor, total in zip(inputs, sums, strict=True)
        )


def _activations(
    query: Tensor, keys: Tensor, coverage: Tensor | None, cover: Tensor | None
) -> Iterator[tuple[slice, slice, Tensor]]:
    """Yield rows, queries and their activations (B, Q, S, A); each chunk overwrites the one before."""
    (rows, positions, width), queries = keys.shape, query.shape[1]
    chunk, per_query = _CHUNK.get(keys.device.type, 2**22), max(1, positions * width)
    chunk_queries = min(queries, max(1, chunk // per_query))
    chunk_rows = min(rows, max(1, chunk // (chunk_queries * per_query)))
    buffer = query.new_empty(chunk_rows * chunk_queries * positions * width)
    for row in range(0, rows, chunk_rows):
        for first in range(0, queries, chunk_queries):
            at = slice(row, row + chunk_rows), slice(first, first + chunk_queries)
            chunk_query, key = query[at][:, :, None], keys[at[0]][:, None]
            shape = (*chunk_query.shape[:2], positions, width)
            hidden = buffer[: chunk_query.shape[0] * chunk_query.shape[1] * positions * width].view(shape)
            torch.add(chunk_query, key, alpha=2, out=hidden)
            if coverage is not None and cover is not None:
                hidden.addcmul_(coverage[at][..., None], cover)
            yield *at, hidden.sigmoid_()
