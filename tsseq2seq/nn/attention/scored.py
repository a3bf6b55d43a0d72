"""Attention with one score for each pair of query and key."""

from __future__ import annotations

from abc import abstractmethod

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.nn.attention.base import Attention, masked_softmax

__all__ = ["ScoredAttention"]


class ScoredAttention(Attention):
    """Attention whose weights are the softmax of one score for each pair of query and key.

    A subclass defines the keys (:meth:`project`) and the score (:meth:`score`).

    Examples
    --------
    >>> import torch
    >>> class Nearest(ScoredAttention):
    ...     def project(self, values):
    ...         return values
    ...     def score(self, query, keys, coverage=None):
    ...         return -torch.cdist(query, keys)
    >>> memory = torch.tensor([[[0.0], [9.0]]])
    >>> Nearest()(torch.tensor([[[8.0]]]), memory, memory, None)[1].round().tolist()
    [[[0.0, 1.0]]]
    """

    takes_bias = True

    @abstractmethod
    def score(
        self,
        query: Float[Tensor, "B Q H"],
        keys: Float[Tensor, "B S A"],
        coverage: Float[Tensor, "B Q S"] | None = None,
    ) -> Float[Tensor, "B Q S"]:
        """Score each query against each key."""

    def forward(
        self,
        query: Float[Tensor, "B Q H"],
        keys: Float[Tensor, "B S A"],
        values: Float[Tensor, "B S E"],
        mask: Bool[Tensor, "B #Q S"] | None,
        coverage: Float[Tensor, "B Q S"] | None = None,
        bias: Float[Tensor, "B Q S"] | None = None,
    ) -> tuple[Float[Tensor, "B Q E"], Float[Tensor, "B Q S"]]:
        """Attend; see :meth:`Attention.forward`. A bias is added to the scores."""
        self.check_coverage(coverage)
        scores = self.score(query, keys, coverage)
        weights = masked_softmax(scores if bias is None else scores + bias, mask)
        return torch.bmm(weights.to(values.dtype), values), weights
