"""Scaled dot-product attention: score = query · key / √width (Vaswani et al. 2017)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.attention.scored import ScoredAttention

__all__ = ["ScaledAttention"]


class ScaledAttention(ScoredAttention, name="scaled"):
    """The inner product, divided by the root of its width.

    Inner products of independent numbers of variance 1 have a variance of their width; divided,
    they leave the softmax its gradient however wide the states are. Where the widths of query and
    values differ, the keys are projected to the query's; otherwise there are no parameters.

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
        """Make the keys: the values themselves, or their projection to the query's width."""
        return self.key(values)

    def score(
        self,
        query: Float[Tensor, "B Q D"],
        keys: Float[Tensor, "B S A"],
        coverage: Float[Tensor, "B Q S"] | None = None,
    ) -> Float[Tensor, "B Q S"]:
        """Take all inner products of the queries, divided first."""
        return torch.bmm(query / query.shape[-1] ** 0.5, keys.transpose(1, 2).to(query.dtype))
