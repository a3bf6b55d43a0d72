"""The encoder's states weighted by attention with a learned query as the context vector."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.attention import masked_softmax
from tsseq2seq.nn.context.base import ContextVector
from tsseq2seq.nn.encoders.base import Encoded

__all__ = ["AttendedState"]


class AttendedState(ContextVector, name="attention"):
    """The mean of the valid states, weighted by the softmax of their product with a learned query.

    The query is the same for all rows and decoder steps: which states matter is learned, not asked anew. It
    begins as zero, with which the vector is the mean. 0 in a row without valid steps.

    References
    ----------
    Yang et al., "Hierarchical attention networks for document classification", NAACL 2016, section 2.2, there
    with a hidden layer before the product.

    Examples
    --------
    >>> states = torch.tensor([[[1.0], [2.0], [0.0]]])
    >>> context = AttendedState(value_size=1)
    >>> context(Encoded.of(states, torch.tensor([[True, True, False]]))).tolist()
    [[1.5]]
    """

    def __init__(self, *, value_size: int, context_size: int | None = None) -> None:
        super().__init__(value_size=value_size, context_size=context_size)
        self.query = nn.Parameter(torch.zeros(value_size))

    def forward(self, encoded: Encoded) -> Float[Tensor, "B C"]:
        """Weight the states, and project their mean."""
        states = encoded.states
        scores = states @ (self.query / len(self.query) ** 0.5).to(states.dtype)
        weights = masked_softmax(scores, encoded.mask).to(states.dtype)
        return self.projection(torch.bmm(weights[:, None], states)[:, 0])
