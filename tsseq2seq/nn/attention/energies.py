"""Energies v · tanh(query + key), never all of their activations at once."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

__all__ = ["tanh_energies"]

# One chunk of tanh activations, in numbers: 16 MiB of float32 stay within the processor's caches.
_CHUNK = 2**22
# So many are kept for the backward pass; more are computed again there. A step loop keeps as many
# for each of its steps.
_KEPT = 2**20


def tanh_energies(
    query: Float[Tensor, "B Q A"],
    keys: Float[Tensor, "B S A"],
    energy: nn.Linear,
    coverage: Float[Tensor, "B Q S"] | None = None,
    cover: Float[Tensor, " A"] | None = None,
) -> Float[Tensor, "B Q S"]:
    """Return v · tanh(query + key + coverage · cover) of each query and key.

    The activations number B·Q·S·A, which is a gigabyte at textbook sizes. So they are made in chunks
    of rows and queries, and under training they are computed again in the backward pass rather than
    kept.

    Parameters
    ----------
    query, keys
        Projected to the hidden layer's width A.
    energy
        The last layer, v: from A to 1.
    coverage
        Attention so far, or None.
    cover
        What a coverage of 1 adds to the hidden layer.

    Examples
    --------
    >>> energy = nn.Linear(4, 1, bias=False)
    >>> tanh_energies(torch.zeros(2, 5, 4), torch.zeros(2, 3, 4), energy).shape
    torch.Size([2, 5, 3])
    """

    def energies(
        query: Float[Tensor, "B Q A"], keys: Float[Tensor, "B S A"], coverage: Float[Tensor, "B Q S"] | None
    ) -> Float[Tensor, "B Q S"]:
        hidden = query[:, :, None] + keys[:, None]
        if coverage is not None and cover is not None:
            hidden += coverage[..., None].to(hidden.dtype) * cover.to(hidden.dtype)
        return energy(hidden.tanh_()).squeeze(-1)

    rows, places, width = keys.shape
    queries = query.shape[1]
    if torch.is_grad_enabled() and rows * queries * places * width > _KEPT:

        def scored(*chunk: Tensor | None) -> Tensor:
            return checkpoint(energies, *chunk, use_reentrant=False, preserve_rng_state=False)

    else:
        scored = energies  # type: ignore[assignment]
    some_rows = min(rows, max(1, _CHUNK // max(1, places * width)))
    some_queries = max(1, _CHUNK // max(1, some_rows * places * width))
    if some_rows >= rows and some_queries >= queries:
        return scored(query, keys, coverage)
    scores = []
    for first in range(0, rows, some_rows):
        row = slice(first, first + some_rows)
        chunks = [slice(q, q + some_queries) for q in range(0, queries, some_queries)]
        parts = [
            scored(query[row, part], keys[row], None if coverage is None else coverage[row, part])
            for part in chunks
        ]
        scores.append(torch.cat(parts, dim=1))
    return torch.cat(scores)
