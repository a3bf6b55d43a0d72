"""Losses of single tokens, from the scores of a vocabulary: cross-entropy and the focal loss."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from tsseq2seq.nn.negative_sampling import negative_sampling_loss
from tsseq2seq.settings import Settings, check_number

__all__ = ["CrossEntropy", "FocalLoss", "NegativeSampling", "TokenLoss"]


class TokenLoss(Settings, ABC):
    """A loss of single tokens, for ``Tokens(loss=…)``.

    Derive a frozen dataclass from it; its fields are saved with the model.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Wrong(TokenLoss):
    ...     def tokens(self, logits, truth, label_smoothing):
    ...         return 1 - logits.softmax(-1).gather(1, truth[:, None])[:, 0]
    >>> Wrong().tokens(torch.zeros(1, 4), torch.tensor([2]), 0.0).tolist()
    [0.75]
    """

    #: Whether label smoothing is part of the loss.
    smooths: ClassVar[bool] = True

    @abstractmethod
    def tokens(
        self, logits: Float[Tensor, "N V"], truth: Int[Tensor, " N"], label_smoothing: float
    ) -> Float[Tensor, " N"]:
        """Return the loss of each token.

        Parameters
        ----------
        logits
            Scores of the vocabulary, in float32 at least.
        truth
            The true tokens.
        label_smoothing
            Share of the truth that is spread over the whole vocabulary.
        """


@dataclass(frozen=True)
class CrossEntropy(TokenLoss):
    """The negative log-likelihood of the true token.

    Examples
    --------
    >>> CrossEntropy().tokens(torch.zeros(1, 4), torch.tensor([2]), 0.0).exp().tolist()
    [4.0]
    """

    def tokens(
        self, logits: Float[Tensor, "N V"], truth: Int[Tensor, " N"], label_smoothing: float
    ) -> Float[Tensor, " N"]:
        """Return the loss of each token."""
        return functional.cross_entropy(logits, truth, reduction="none", label_smoothing=label_smoothing)


@dataclass(frozen=True)
class FocalLoss(TokenLoss):
    """Cross-entropy in which tokens that are written with confidence count little.

    The loss of a token with the probability p is ``−(1 − p)^focus · log p``; with label smoothing the mean of
    it over the smoothed truth.

    Parameters
    ----------
    focus
        How little (γ in the paper). 0 is cross-entropy.

    References
    ----------
    Lin et al., "Focal loss for dense object detection" (2017).

    Examples
    --------
    >>> logits = torch.tensor([[2.0, 0.0], [0.0, 2.0]])
    >>> sure, wrong = FocalLoss(2.0).tokens(logits, torch.tensor([0, 0]), 0.0)
    >>> bool(wrong / sure > 100)
    True
    """

    focus: float = 2.0

    def __post_init__(self) -> None:
        """Check the focus."""
        check_number("FocalLoss", "focus", self.focus, low=0)

    def tokens(
        self, logits: Float[Tensor, "N V"], truth: Int[Tensor, " N"], label_smoothing: float
    ) -> Float[Tensor, " N"]:
        """Return the loss of each token."""
        scores = logits.log_softmax(-1)
        true = self._focused(scores.gather(1, truth[:, None])[:, 0])
        if not label_smoothing:
            return true
        return (1 - label_smoothing) * true + label_smoothing * self._focused(scores).mean(-1)

    def _focused(self, scores: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        # 1 − p, not quite 0: a power below 1 has no gradient there
        rest = (-torch.expm1(scores)).clamp(min=torch.finfo(scores.dtype).tiny)
        return -(rest**self.focus) * scores


@dataclass(frozen=True)
class NegativeSampling(TokenLoss):
    """Tell the true token from some drawn ones, each by a logistic regression.

    It needs the scores of the true tokens and of the drawn ones alone, however large the vocabulary, and no
    normaliser; but it learns more slowly than cross-entropy, the more so the fewer are drawn. They are the
    same for the whole batch. The offset by which such scores differ from log-probabilities, log(negatives ·
    probability of being drawn), is a part of the last layer's bias, so that searches read the scores as they
    read others (Mnih and Teh 2012).

    Parameters
    ----------
    negatives
        Tokens drawn for a batch, with replacement, by the frequency that Zipf's law gives their rank, to the
        power of 0.75.

    References
    ----------
    Mikolov et al., "Distributed representations of words and phrases and their compositionality" (2013);
    Mnih and Teh, "A fast and simple algorithm for training neural probabilistic language models" (2012).

    Examples
    --------
    >>> NegativeSampling(negatives=64).negatives
    64
    """

    negatives: int = 256
    smooths: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Check the number of tokens drawn."""
        check_number("NegativeSampling", "negatives", self.negatives, low=1, integer=True)

    def tokens(
        self, logits: Float[Tensor, "N V"], truth: Int[Tensor, " N"], label_smoothing: float
    ) -> Float[Tensor, " N"]:
        """Return the loss of each token, of scores that are computed already."""
        identity = torch.eye(logits.shape[1], dtype=logits.dtype, device=logits.device)
        nothing = logits.new_zeros(logits.shape[1])
        return self.sampled(logits, identity, nothing, truth)

    def sampled(
        self,
        hidden: Float[Tensor, "N W"],
        weight: Float[Tensor, "V W"],
        bias: Float[Tensor, " V"],
        truth: Int[Tensor, " N"],
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, " N"]:
        """Return the loss of each token, from the inputs and parameters of the last layer."""
        return negative_sampling_loss(hidden, weight, bias, truth, draws=self.negatives, generator=generator)
