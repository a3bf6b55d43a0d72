"""The transition loss: how unlikely what is written is under a fixed n-gram model of the target language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.nn.losses.ngrams import NGrams
from tsseq2seq.nn.losses.sequences import DecodedSequences, SequenceFunction, SequenceLoss
from tsseq2seq.settings import check_number

__all__ = ["TransitionLoss"]

# The token before each sequence, which networks never write: padding, so that it is no token of a target.
_BEGIN = 0


@dataclass(frozen=True)
class TransitionLoss(SequenceLoss):
    """The expected negative log-likelihood of each token under an n-gram model of the training targets.

    The expectation is over the network's own distribution, so that it learns to put its probability on what
    may follow the tokens before, whatever the source says. The n-grams are counted once, in the training
    targets.

    Parameters
    ----------
    weight
        Weight of the loss beside that of the tokens. As large as theirs it draws the network to what is
        frequent.
    order
        Tokens of an n-gram: 2 looks at one token before, 1 at none.

    References
    ----------
    Witten and Bell, "The zero-frequency problem" (1991), for what n-grams never seen have.

    Examples
    --------
    >>> TransitionLoss(weight=0.2, order=3)
    TransitionLoss(weight=0.2, order=3)
    """

    weight: float = 0.1
    order: int = 2
    weighs_samples: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the fields."""
        check_number("TransitionLoss", "weight", self.weight, low=0)
        check_number("TransitionLoss", "order", self.order, low=1, high=8, integer=True)

    def function(
        self, tokens: Int[Tensor, " tokens"], offsets: Int[Tensor, " offsets"], vocabulary: int
    ) -> SequenceFunction:
        """Count the n-grams, and return the function that computes the loss of a batch."""
        grams = NGrams(tokens, offsets, self.order, vocabulary=vocabulary, begin=_BEGIN)

        def loss(decoded: DecodedSequences) -> Float[Tensor, ""]:
            valid = decoded.target_mask
            probabilities = decoded.logits[valid].softmax(-1)
            contexts = _histories(decoded.target, self.order - 1)[valid]
            expected = grams.expected(probabilities, contexts)
            if decoded.sample_weight is not None:
                expected = expected * decoded.sample_weight[:, None].expand(valid.shape)[valid]
            return -self.weight * expected.mean()

        return loss


def _histories(target: Int[Tensor, "B T"], length: int) -> Int[Tensor, "B T n"]:
    """Return the tokens before each token, the oldest first."""
    padded = torch.nn.functional.pad(target, (length, 0), value=_BEGIN)
    steps = target.shape[1]
    columns = [padded[:, back : back + steps] for back in range(length)]
    return torch.stack(columns, dim=2) if columns else target.new_empty(*target.shape, 0)
