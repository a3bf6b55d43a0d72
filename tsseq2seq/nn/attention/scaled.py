"""Scaled dot-product attention: score = query · key / √width (Vaswani et al. 2017)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.attention.scored import ScoredAttention

__all__ = ["ScaledAttention"]


class ScaledAttention(ScoredAttention, name="scaled"):
    """The dot product of decoder and encoder states, divided by the square root of their width.

    The dot product of two vectors of independent numbers of variance 1 has their width as its variance.
    Scaling it back to 1 keeps the softmax away from saturation, where its gradient vanishes. If the widths of
    query and values differ, the values are projected to the width of the query; otherwise there are no
    parameters.

    Parameters
    ----------
    query_size, value_size
        Widths of decoder and encoder states.

    References
    ----------
    Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.1.

    Examples
    --------
    >>> attention = ScaledAttention(query_size=4, value_size=4)
    >>> attention.score(torch.ones(1, 1, 4), torch.ones(1, 1, 4)).item()
    2.0
    """

    def __init__(self, *, query_size: int, value_size: int) -> None:
        super().__init__()
        same = query_size == value_size
        self.key: nn.Module = nn.Identity() if same else nn.Linear(value_size, query_size, bias=False)

    def project(self, values: Float[Tensor, "B S E"]) -> Float[Tensor, "B S A"]:
        """Return the keys: the values, or their projection to the query's width."""
        return self.key(values)

    def score(
        self,
        query: Float[Tensor, "B Q H"],
        keys: Float[Tensor, "B S A"],
        coverage: Float[Tensor, "B Q S"] | None = None,
    ) -> Float[Tensor, "B Q S"]:
        """Return the scaled dot product of each query with each key."""
        return torch.bmm(query / query.shape[-1] ** 0.5, keys.transpose(1, 2).to(query.dtype))
