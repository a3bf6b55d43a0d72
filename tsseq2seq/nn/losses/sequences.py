"""Losses of whole sequences beside that of their tokens: they see source, target, scores and attention."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, TypeAlias

from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.settings import Settings

__all__ = ["DecodedSequences", "SequenceFunction", "SequenceLoss"]


@dataclass(frozen=True)
class DecodedSequences:
    """A batch of pairs, and what the model makes of it under its teacher forcing.

    Attributes
    ----------
    source, source_mask
        (B, S), the tokens read, or (B, S, F), the vectors read; and where they are not padding.
    target, target_mask
        (B, T), the true tokens, the end token included; and where they are not padding.
    hidden
        (B, T, H), what the last layer reads.
    head
        The last layer.
    weights
        (B, T, S), the weights of the attention. None without attention.
    sample_weight
        (B,), how much each pair counts in the loss. None: all the same.

    Examples
    --------
    >>> import torch
    >>> tokens, mask = torch.zeros(1, 2, dtype=torch.long), torch.ones(1, 2, dtype=torch.bool)
    >>> head = torch.nn.Linear(4, 9)
    >>> hidden = torch.zeros(1, 2, 4)
    >>> DecodedSequences(tokens, mask, tokens, mask, hidden, lambda hidden, _: head(hidden)).logits.shape
    torch.Size([1, 2, 9])
    """

    source: Int[Tensor, "B S"] | Float[Tensor, "B S F"]
    source_mask: Bool[Tensor, "B S"]
    target: Int[Tensor, "B T"]
    target_mask: Bool[Tensor, "B T"]
    hidden: Float[Tensor, "B T H"]
    head: Callable[[Tensor, None], Tensor]
    weights: Float[Tensor, "B T S"] | None = None
    sample_weight: Float[Tensor, " B"] | None = None

    @cached_property
    def logits(self) -> Float[Tensor, "B T V"]:
        """The scores of the vocabulary, computed when they are first asked for."""
        return self.head(self.hidden, None)


#: Function from decoded sequences to a loss, with gradients.
SequenceFunction: TypeAlias = Callable[[DecodedSequences], Tensor]


class SequenceLoss(Settings, ABC):
    """A loss of whole sequences, for ``Tokens(beside=[…])``; it is added to the loss of the tokens.

    Derive a frozen dataclass from it; its fields are saved with the model. A plain function of
    :class:`DecodedSequences` does as well, where nothing is to be saved or learned of the targets.

    Examples
    --------
    >>> from tsseq2seq.nn.losses import CoverageLoss
    >>> isinstance(CoverageLoss(), SequenceLoss), CoverageLoss.reads_attention
    (True, True)
    """

    #: Whether it reads the weights of the attention.
    reads_attention: ClassVar[bool] = False
    #: Whether it weighs pairs by their ``sample_weight``; without it ``fit`` refuses such weights.
    weighs_samples: ClassVar[bool] = False

    @abstractmethod
    def function(
        self, tokens: Int[Tensor, " tokens"], offsets: Int[Tensor, " offsets"], vocabulary: int
    ) -> SequenceFunction:
        """Return the function that computes the loss of a batch; called once, before training.

        Parameters
        ----------
        tokens, offsets
            All training targets, one after the other with their end tokens, and where each begins.
        vocabulary
            Number of tokens of the target's vocabulary.
        """
