"""Multi-head attention: scaled dot-product attention in several subspaces (Vaswani et al. 2017)."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.attention.base import Attention, masked_softmax

__all__ = ["MultiHeadAttention"]


class MultiHeadAttention(Attention, name="multihead"):
    """Each head attends with its own projections; a last linear layer combines the heads.

    Only the query has a bias. A bias of the keys cancels in the softmax; a bias of the values would reach the
    decoder even where every position is masked. Keys and values are projected together, once for each batch.
    The heads run one after another on views of the memory, which saves a copy at each decoder step: on CPUs a
    step is up to four times faster.

    Parameters
    ----------
    query_size, value_size
        Widths of decoder and encoder states.
    attention_size
        Width of all heads together.
    heads
        Number of heads, a divisor of ``attention_size``.

    Raises
    ------
    ParameterError
        If ``attention_size`` is not a multiple of ``heads``.

    References
    ----------
    Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.2.

    Examples
    --------
    >>> attention = MultiHeadAttention(query_size=4, value_size=6, attention_size=8, heads=2)
    >>> values = torch.zeros(2, 3, 6)
    >>> mask = torch.ones(2, 1, 3, dtype=torch.bool)
    >>> context, weights = attention(torch.zeros(2, 7, 4), attention.project(values), values, mask)
    >>> context.shape, weights.shape
    (torch.Size([2, 7, 6]), torch.Size([2, 7, 3]))
    """

    has_width = True
    has_heads = True
    takes_bias = True

    def __init__(self, *, query_size: int, value_size: int, attention_size: int, heads: int) -> None:
        super().__init__()
        if attention_size % heads:
            raise ParameterError(
                f"MultiHeadAttention: heads is {heads}, but attention_size is {attention_size}; it must be a "
                "multiple of heads"
            )
        self.heads = heads
        self.query = nn.Linear(query_size, attention_size)
        self.key_value = nn.Linear(value_size, 2 * attention_size, bias=False)
        self.output = nn.Linear(attention_size, value_size, bias=False)

    def project(self, values: Float[Tensor, "B S E"]) -> Float[Tensor, "B S A"]:
        """Return the keys of all heads, and behind them their values."""
        return self.key_value(values)

    def forward(
        self,
        query: Float[Tensor, "B Q H"],
        keys: Float[Tensor, "B S A"],
        values: Float[Tensor, "B S E"],
        mask: Bool[Tensor, "B #Q S"] | None,
        coverage: Float[Tensor, "B Q S"] | None = None,
        bias: Float[Tensor, "B Q S"] | None = None,
    ) -> tuple[Float[Tensor, "B Q E"], Float[Tensor, "B Q S"]]:
        """Attend; the weights are the mean of all heads. See :meth:`Attention.forward`.

        A bias is added to the scores of every head.
        """
        self.check_coverage(coverage)
        projected = self.query(query)
        projected = projected / (projected.shape[-1] // self.heads) ** 0.5
        parts = keys.to(projected.dtype).chunk(2 * self.heads, dim=-1)
        heads = zip(projected.chunk(self.heads, dim=-1), parts[: self.heads], strict=True)
        scores = torch.stack([torch.bmm(head_query, key.transpose(1, 2)) for head_query, key in heads], dim=1)
        scores = scores if bias is None else scores + bias[:, None]
        weights = masked_softmax(scores, None if mask is None else mask[:, None])
        head_weights = weights.to(projected.dtype).unbind(1)
        contexts = [torch.bmm(w, value) for w, value in zip(head_weights, parts[self.heads :], strict=True)]
        return self.output(torch.cat(contexts, dim=-1)), weights.mean(1)
