"""Additive attention: score = v · tanh(W query + U value) (Bahdanau et al. 2015)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.attention.energies import tanh_energies
from tsseq2seq.nn.attention.scored import ScoredAttention

__all__ = ["AdditiveAttention"]


class AdditiveAttention(ScoredAttention, name="additive"):
    """A one-layer network scores each pair of query and value.

    With coverage the score is v · tanh(W query + U value + w coverage) (See et al. 2017, equation
    11; Tu et al. 2016 with a coverage of one number and a fertility of 1).

    Parameters
    ----------
    query_size, value_size
        Widths of decoder and encoder states.
    attention_size
        Width of the hidden layer.
    coverage
        Whether the sum of the attention weights so far enters the hidden layer.

    References
    ----------
    Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and
    translate", ICLR 2015, appendix A.1.2.
    Tu, Lu, Liu, Liu and Li, "Modeling coverage for neural machine translation", ACL 2016.
    See, Liu and Manning, "Get to the point: summarization with pointer-generator networks", ACL 2017.

    Examples
    --------
    >>> import torch
    >>> attention = AdditiveAttention(query_size=4, value_size=6, attention_size=5)
    >>> values = torch.zeros(2, 3, 6)
    >>> mask = torch.ones(2, 1, 3, dtype=torch.bool)
    >>> context, weights = attention(torch.zeros(2, 7, 4), attention.project(values), values, mask)
    >>> context.shape, weights.shape
    (torch.Size([2, 7, 6]), torch.Size([2, 7, 3]))
    """

    has_width = True
    has_hidden_layer = True
    takes_coverage = True

    def __init__(
        self, *, query_size: int, value_size: int, attention_size: int, coverage: bool = False
    ) -> None:
        super().__init__()
        self.coverage = coverage
        self.query = nn.Linear(query_size, attention_size)
        self.key = nn.Linear(value_size, attention_size, bias=False)
        self.energy = nn.Linear(attention_size, 1, bias=False)
        self.cover = nn.Linear(1, attention_size, bias=False) if coverage else None

    def project(self, values: Float[Tensor, "B S E"]) -> Float[Tensor, "B S A"]:
        """Return the keys, U values."""
        return self.key(values)

    def score(
        self,
        query: Float[Tensor, "B Q H"],
        keys: Float[Tensor, "B S A"],
        coverage: Float[Tensor, "B Q S"] | None = None,
    ) -> Float[Tensor, "B Q S"]:
        """Score each query against each key; see :func:`~tsseq2seq.nn.attention.energies.tanh_energies`."""
        cover = None if self.cover is None else self.cover.weight[:, 0]
        return tanh_energies(self.query(query), keys, self.energy.weight[0], coverage, cover)
