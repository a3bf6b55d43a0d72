"""Dot attention: score = query · key (Luong et al. 2015)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.attention.scored import ScoredAttention

__all__ = ["DotAttention"]


class DotAttention(ScoredAttention, name="dot"):
    """The dot product of decoder and encoder states.

    If their widths differ, the encoder states are projected to the width of the query; otherwise there are no
    parameters.

    Parameters
    ----------
    query_size, value_size
        Widths of decoder and encoder states.

    References
    ----------
    Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation",
    EMNLP 2015, section 3.1.

    Examples
    --------
    >>> attention = DotAttention(query_size=2, value_size=2)
    >>> values = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    >>> mask = torch.ones(1, 1, 2, dtype=torch.bool)
    >>> _, weights = attention(torch.tensor([[[9.0, 0.0]]]), attention.project(values), values, mask)
    >>> weights.round(decimals=3).tolist()
    [[[1.0, 0.0]]]
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
        """Return the dot product of each query with each key."""
        return torch.bmm(query, keys.transpose(1, 2).to(query.dtype))
