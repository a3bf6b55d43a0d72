"""Additive attention: score = v · tanh(W query + U value) (Bahdanau et al. 2015)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from tsseq2seq.nn.attention.base import Attention

__all__ = ["AdditiveAttention"]

# One chunk of tanh activations, in numbers: 16 MiB of float32 stay within the processor's caches.
_CHUNK = 2**22


class AdditiveAttention(Attention):
    """A one-layer network scores each pair of query and value.

    The activations number B·Q·S·A, which is a gigabyte at textbook sizes. So queries are scored in
    chunks, and under training each chunk's tanh is computed again in the backward pass rather than
    kept.

    Parameters
    ----------
    query_size, value_size
        Widths of decoder and encoder states.
    attention_size
        Width of the hidden layer.

    References
    ----------
    Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and
    translate", ICLR 2015, appendix A.1.2.

    Examples
    --------
    >>> attention = AdditiveAttention(query_size=4, value_size=6, attention_size=5)
    >>> values = torch.zeros(2, 3, 6)
    >>> mask = torch.ones(2, 1, 3, dtype=torch.bool)
    >>> context, weights = attention(torch.zeros(2, 7, 4), attention.project(values), values, mask)
    >>> context.shape, weights.shape
    (torch.Size([2, 7, 6]), torch.Size([2, 7, 3]))
    """

    def __init__(self, *, query_size: int, value_size: int, attention_size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, attention_size)
        self.key = nn.Linear(value_size, attention_size, bias=False)
        self.energy = nn.Linear(attention_size, 1, bias=False)

    def project(self, values: Float[Tensor, "B S E"]) -> Float[Tensor, "B S A"]:
        """Make the keys: U values."""
        return self.key(values)

    def score(self, query: Float[Tensor, "B Q D"], keys: Float[Tensor, "B S A"]) -> Float[Tensor, "B Q S"]:
        """Score in chunks of queries; see the class's notes."""
        projected = self.query(query)
        per_query = max(1, keys.numel())
        size = max(1, _CHUNK // per_query)
        if size >= projected.shape[1]:
            return self._energy(projected, keys)
        chunks = projected.split(size, dim=1)
        if torch.is_grad_enabled():
            return torch.cat([checkpoint(self._energy, c, keys, use_reentrant=False) for c in chunks], dim=1)
        return torch.cat([self._energy(chunk, keys) for chunk in chunks], dim=1)

    def _energy(self, query: Float[Tensor, "B Q A"], keys: Float[Tensor, "B S A"]) -> Float[Tensor, "B Q S"]:
        return self.energy(torch.tanh(query[:, :, None] + keys[:, None])).squeeze(-1)
