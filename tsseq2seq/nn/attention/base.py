"""The attention interface: queries against a memory that is never tiled or reordered.

``Attention(query (B,Q,D), keys (B,S,A), values (B,S,E), mask) → context (B,Q,E), weights (B,Q,S)``.
Q is the number of decoder steps under teacher forcing, 1 in greedy decoding, K in a beam of K and
N for N sample paths; the memory has one row for each series or sentence in all of these.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

__all__ = ["Attention", "masked_softmax"]


def masked_softmax(scores: Float[Tensor, "B Q S"], mask: Bool[Tensor, "B #Q S"]) -> Float[Tensor, "B Q S"]:
    """Softmax over the valid places, in float32; invalid ones weigh exactly 0.

    A row without a valid place gets all zeros and finite gradients.

    Examples
    --------
    >>> mask = torch.tensor([[[True, False]], [[False, False]]])
    >>> masked_softmax(torch.zeros(2, 1, 2), mask).tolist()
    [[[1.0, 0.0]], [[0.0, 0.0]]]
    """
    scores = scores.float() if scores.dtype in (torch.bfloat16, torch.float16) else scores
    lowest = torch.finfo(scores.dtype).min
    weights = torch.softmax(scores.masked_fill(~mask, lowest), dim=-1)
    return weights.masked_fill(~mask, 0.0)


class Attention(nn.Module, ABC):
    """Score queries against keys, and mix the values by the softmax of the scores.

    A subclass says how keys are made from values (:meth:`project`, once for each batch) and how
    the two are scored (:meth:`score`).
    """

    @abstractmethod
    def project(self, values: Float[Tensor, "B S E"]) -> Float[Tensor, "B S A"]:
        """Make the keys from the encoder's states."""

    @abstractmethod
    def score(self, query: Float[Tensor, "B Q D"], keys: Float[Tensor, "B S A"]) -> Float[Tensor, "B Q S"]:
        """Score each query against each key."""

    def forward(
        self,
        query: Float[Tensor, "B Q D"],
        keys: Float[Tensor, "B S A"],
        values: Float[Tensor, "B S E"],
        mask: Bool[Tensor, "B #Q S"],
    ) -> tuple[Float[Tensor, "B Q E"], Float[Tensor, "B Q S"]]:
        """Attend.

        Parameters
        ----------
        query
            Decoder states.
        keys
            What :meth:`project` made of the values.
        values
            Encoder states; where the mask is False they must be finite.
        mask
            True where a place of the memory may be attended to.

        Returns
        -------
        context
            The values mixed by the weights.
        weights
            Non-negative, summing to 1 over the valid places; 0 elsewhere.
        """
        weights = masked_softmax(self.score(query, keys), mask)
        return torch.bmm(weights.to(values.dtype), values), weights
