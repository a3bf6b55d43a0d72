"""The attention interface: queries of the decoder against the memory, the encoder's states.

``Attention(query (B,Q,H), keys (B,S,A), values (B,S,E), mask) → context (B,Q,E), weights (B,Q,S)``.
Q is the number of decoder steps under teacher forcing, 1 in greedy decoding, the beam size in beam search,
and the number of paths in sampling. The memory has one row for each series or sentence in all of these; it
is never repeated or reordered.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.registry import Registry

__all__ = ["ATTENTIONS", "Attention", "masked_softmax"]

#: The attentions that ``Network(attention=…)`` chooses among.
ATTENTIONS: Registry[type[Attention]] = Registry("attention")


def masked_softmax(
    scores: Float[Tensor, "*B S"], mask: Bool[Tensor, "*#B S"] | None
) -> Float[Tensor, "*B S"]:
    """Return the softmax over the valid positions, in float32 at least; invalid ones weigh exactly 0.

    Without a mask all positions are valid. A row without valid positions gets zeros and finite gradients.

    Examples
    --------
    >>> mask = torch.tensor([[[True, False]], [[False, False]]])
    >>> masked_softmax(torch.zeros(2, 1, 2), mask).tolist()
    [[[1.0, 0.0]], [[0.0, 0.0]]]
    """
    scores = scores.float() if scores.dtype in (torch.bfloat16, torch.float16) else scores
    if mask is None:
        return torch.softmax(scores, dim=-1)
    lowest = torch.finfo(scores.dtype).min
    weights = torch.softmax(scores.masked_fill(~mask, lowest), dim=-1)
    return weights.masked_fill(~mask, 0.0)


class Attention(nn.Module, ABC):
    """Weights over the positions of the memory for each query, and the values averaged by these weights.

    A subclass defines the keys (:meth:`project`, called once for each batch) and the attention itself
    (:meth:`forward`). Its constructor takes the keywords ``query_size`` and ``value_size``, and each of
    ``attention_size``, ``heads`` and ``coverage`` for which the class variable below is True. With a name
    (``class Cosine(ScoredAttention, name="cosine")``) it can be chosen by ``Network(attention="cosine")``.

    Attributes
    ----------
    coverage
        Whether the sum of the attention weights so far enters the scores.

    Examples
    --------
    >>> class Mean(Attention):
    ...     def project(self, values):
    ...         return values
    ...     def forward(self, query, keys, values, mask, coverage=None):
    ...         weights = masked_softmax(query.new_zeros(*query.shape[:2], values.shape[1]), mask)
    ...         return weights @ values, weights
    >>> context, weights = Mean()(torch.zeros(1, 1, 4), torch.ones(1, 2, 3), torch.ones(1, 2, 3), None)
    >>> weights.tolist(), context.shape
    ([[[0.5, 0.5]]], torch.Size([1, 1, 3]))
    """

    #: Whether it takes ``attention_size``, the width of a hidden layer or of all heads together.
    has_width: ClassVar[bool] = False

    #: Whether each pair of query and value passes through a hidden layer; its width decides the cost.
    has_hidden_layer: ClassVar[bool] = False

    #: Whether it takes ``heads``, a number of heads.
    has_heads: ClassVar[bool] = False

    #: Whether it takes ``coverage``: the sum of the attention weights so far can enter the scores.
    takes_coverage: ClassVar[bool] = False

    #: Whether :meth:`forward` takes ``bias`` (B, Q, S), which it adds to the scores, as an alignment asks.
    takes_bias: ClassVar[bool] = False

    coverage: bool = False

    def __init_subclass__(cls, name: str | None = None) -> None:
        """Register the class under its name. Without a name it cannot be chosen by settings."""
        super().__init_subclass__()
        if name is not None:
            ATTENTIONS.add(name, cls)

    @abstractmethod
    def project(self, values: Float[Tensor, "B S E"]) -> Float[Tensor, "B S A"]:
        """Return the keys of the encoder's states."""

    @abstractmethod
    def forward(
        self,
        query: Float[Tensor, "B Q H"],
        keys: Float[Tensor, "B S A"],
        values: Float[Tensor, "B S E"],
        mask: Bool[Tensor, "B #Q S"] | None,
        coverage: Float[Tensor, "B Q S"] | None = None,
    ) -> tuple[Float[Tensor, "B Q E"], Float[Tensor, "B Q S"]]:
        """Attend.

        Parameters
        ----------
        query
            Decoder states.
        keys
            Result of :meth:`project`.
        values
            Encoder states; at masked positions they must be finite, which :meth:`read` ensures.
        mask
            True at positions of the memory that may be attended to. None: all.
        coverage
            Sum of the query's weights at all earlier decoder steps, if :attr:`coverage` is True; else None.

        Returns
        -------
        context
            The mean of the values, weighted.
        weights
            Weights of the positions: at least 0, with a sum of 1 over the valid positions; 0 elsewhere.
        """

    def read(
        self, values: Float[Tensor, "B S E"], mask: Bool[Tensor, "B S"] | None
    ) -> tuple[Float[Tensor, "B S A"], Float[Tensor, "B S E"]]:
        """Return keys and values of a batch, with zeros at padding.

        Padding may hold anything, and a weight of 0 would not cancel a NaN, forwards or backwards.
        """
        if mask is not None:
            values = values.masked_fill(~mask[:, :, None], 0.0)
        values = values.contiguous()  # once, rather than at each decoder step
        return self.project(values), values

    def check_coverage(self, coverage: Tensor | None) -> None:
        """Refuse a coverage that would be ignored, and a missing coverage.

        Raises
        ------
        ParameterError
            If a coverage is given to an attention built without it, or none to one built with it.
        """
        if (coverage is not None) != self.coverage:
            given = "is None" if coverage is None else "was given"
            raise ParameterError(
                f"{type(self).__name__}: coverage {given}, but it was built with coverage={self.coverage}"
            )
