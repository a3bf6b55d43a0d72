"""General attention: score = query · W value (Luong et al. 2015)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.attention.scored import ScoredAttention

__all__ = ["GeneralAttention"]


class GeneralAttention(ScoredAttention, name="general"):
    """The dot product of decoder states and linearly mapped encoder states.

    With coverage the map reads [value; coverage], so the score is query · W value + coverage · (query · w):
    how much covered positions are avoided depends on the query.

    Parameters
    ----------
    query_size, value_size
        Widths of decoder and encoder states.
    coverage
        Whether the sum of the attention weights so far enters the score.

    References
    ----------
    Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation",
    EMNLP 2015, section 3.1.

    Examples
    --------
    >>> attention = GeneralAttention(query_size=4, value_size=6)
    >>> attention.project(torch.zeros(2, 3, 6)).shape
    torch.Size([2, 3, 4])
    """

    takes_coverage = True

    def __init__(self, *, query_size: int, value_size: int, coverage: bool = False) -> None:
        super().__init__()
        self.coverage = coverage
        self.key = nn.Linear(value_size, query_size, bias=False)
        self.cover = nn.Linear(query_size, 1, bias=False) if coverage else None

    def project(self, values: Float[Tensor, "B S E"]) -> Float[Tensor, "B S A"]:
        """Return the keys, W values."""
        return self.key(values)

    def score(
        self,
        query: Float[Tensor, "B Q H"],
        keys: Float[Tensor, "B S A"],
        coverage: Float[Tensor, "B Q S"] | None = None,
    ) -> Float[Tensor, "B Q S"]:
        """Return the score of each query with each key."""
        scores = torch.bmm(query, keys.transpose(1, 2).to(query.dtype))
        if self.cover is None or coverage is None:
            return scores
        return scores + coverage * self.cover(query)
