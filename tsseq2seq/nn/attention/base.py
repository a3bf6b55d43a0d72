"""The attention interface: queries against a memory that is never tiled or reordered.

``Attention(query (B,Q,D), keys (B,S,A), values (B,S,E), mask) → context (B,Q,E), weights (B,Q,S)``.
Q is the number of decoder steps under teacher forcing, 1 in greedy decoding, K in a beam of K and
N for N sample paths; the memory has one row for each series or sentence in all of these.
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
    """Softmax over the valid places, in float32; invalid ones weigh exactly 0. Without a mask all are valid.

    A row without a valid place gets all zeros and finite gradients.

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
    """Weigh the places of the memory for each query, and mix its values.

    A subclass says how keys are made from values (:meth:`project`, once for each batch) and how
    queries are answered (:meth:`forward`). It is built with the keywords ``query_size`` and ``value_size``,
    and with those of ``attention_size``, ``heads`` and ``coverage`` that it says it takes. With a name
    (``class Cosine(ScoredAttention, name="cosine")``) it is a choice of ``Network(attention=…)``.

    Attributes
    ----------
    coverage
        Whether the attention so far enters the scores.
    """

    #: Whether it has a width of its own (``attention_size``): of a hidden layer, or of all heads.
    has_width: ClassVar[bool] = False

    #: Whether each pair of query and value passes through a hidden layer, which costs as much as it is wide.
    has_hidden_layer: ClassVar[bool] = False

    #: Whether it has heads (``heads``).
    has_heads: ClassVar[bool] = False

    #: Whether the attention so far can enter the scores (``coverage``).
    takes_coverage: ClassVar[bool] = False

    coverage: bool = False

    def __init_subclass__(cls, name: str | None = None) -> None:
        """Enter the class under its name; None: it is no choice of its own."""
        super().__init_subclass__()
        if name is not None:
            ATTENTIONS.add(name, cls)

    @abstractmethod
    def project(self, values: Float[Tensor, "B S E"]) -> Float[Tensor, "B S A"]:
        """Make the keys from the encoder's states."""

    @abstractmethod
    def forward(
        self,
        query: Float[Tensor, "B Q D"],
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
            What :meth:`project` made of the values.
        values
            Encoder states; where the mask is False they must be finite, as :meth:`read` makes them.
        mask
            True where a place of the memory may be attended to; None: everywhere.
        coverage
            Sum of the query's weights at all steps before; given if, and only if, :attr:`coverage` is
            True.

        Returns
        -------
        context
            The values mixed by the weights.
        weights
            Non-negative, summing to 1 over the valid places; 0 elsewhere.
        """

    def read(
        self, values: Float[Tensor, "B S E"], mask: Bool[Tensor, "B S"] | None
    ) -> tuple[Float[Tensor, "B S A"], Float[Tensor, "B S E"]]:
        """Return keys and values of a batch, whatever stood in the padding; the values in one piece.

        A weight of 0 does not stop a NaN, neither forwards nor backwards; a 0 in its place does.
        """
        if mask is not None:
            values = values.masked_fill(~mask[:, :, None], 0.0)
        values = values.contiguous()  # once, not at each step
        return self.project(values), values

    def check_coverage(self, coverage: Tensor | None) -> None:
        """Refuse a coverage that would be ignored, or one that is missing.

        Raises
        ------
        ParameterError
            Naming what was given and how the attention was built.
        """
        if (coverage is not None) != self.coverage:
            given = "is None" if coverage is None else "was given"
            raise ParameterError(
                f"{type(self).__name__}: coverage {given}, but it was built with coverage={self.coverage}"
            )
