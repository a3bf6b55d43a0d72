"""Concat attention: score = v · tanh(W [query; value]) (Luong et al. 2015)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.nn.attention.energies import tanh_energies
from tsseq2seq.nn.attention.scored import ScoredAttention

__all__ = ["ConcatAttention"]


class ConcatAttention(ScoredAttention, name="concat"):
    """A hidden layer without bias scores the concatenation of query and value.

    W [query; value] is the left part of W times the query plus the right part of W times the value, so the
    values' part is computed once for each batch. With coverage the layer reads [query; value; coverage].

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
    Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation",
    EMNLP 2015, section 3.1.

    Examples
    --------
    >>> import torch
    >>> attention = ConcatAttention(query_size=4, value_size=6, attention_size=5, coverage=True)
    >>> attention.hidden.weight.shape
    torch.Size([5, 11])
    >>> attention.project(torch.zeros(2, 3, 6)).shape
    torch.Size([2, 3, 5])
    """

    has_width = True
    has_hidden_layer = True
    takes_coverage = True

    def __init__(
        self, *, query_size: int, value_size: int, attention_size: int, coverage: bool = False
    ) -> None:
        super().__init__()
        self.coverage = coverage
        self.hidden = nn.Linear(query_size + value_size + int(coverage), attention_size, bias=False)
        self.energy = nn.Linear(attention_size, 1, bias=False)
        self._widths = [query_size, value_size, int(coverage)]

    def project(self, values: Float[Tensor, "B S E"]) -> Float[Tensor, "B S A"]:
        """Return the keys: the values' part of the hidden layer."""
        return functional.linear(values, self.hidden.weight.split(self._widths, dim=1)[1])

    def score(
        self,
        query: Float[Tensor, "B Q H"],
        keys: Float[Tensor, "B S A"],
        coverage: Float[Tensor, "B Q S"] | None = None,
    ) -> Float[Tensor, "B Q S"]:
        """Score each query against each key; see :func:`~tsseq2seq.nn.attention.energies.tanh_energies`."""
        of_query, _, of_coverage = self.hidden.weight.split(self._widths, dim=1)
        cover = of_coverage[:, 0] if self.coverage else None
        return tanh_energies(functional.linear(query, of_query), keys, self.energy.weight[0], coverage, cover)
