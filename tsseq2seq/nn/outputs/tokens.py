"""Tokens: the probability of each token of a vocabulary, at each decoder step."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from tsseq2seq.settings import Settings, check_choice, check_number

__all__ = ["Tokens"]


@dataclass(frozen=True)
class Tokens(Settings):
    """Predict the probability of each token of a vocabulary.

    Parameters
    ----------
    label_smoothing
        Share of the true token's probability that is spread over the whole vocabulary (Szegedy et al. 2016);
        it keeps the model from overconfidence.
    tied
        Whether the last layer shares the weights of the decoder's embedding (Press & Wolf 2017). None: if the
        vocabulary has 1,000 tokens or more.
    sampled_above
        Larger vocabularies are trained with a sampled softmax (Jean et al. 2015): the last layer, whose cost
        grows with the vocabulary, is computed for the true tokens and a sample of the others. None: never.
    samples
        Tokens drawn for a batch in a sampled softmax. More are more exact and slower.

    Examples
    --------
    >>> import torch
    >>> logits = torch.tensor([[0.0, 0.0]])
    >>> round(Tokens(label_smoothing=0.0).elementwise_loss(logits, torch.tensor([1])).item(), 4)
    0.6931
    """

    label_smoothing: float = 0.1
    tied: bool | None = None
    sampled_above: int | None = 50_000
    samples: int = 8192

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        check_number("Tokens", "label_smoothing", self.label_smoothing, low=0, high=0.999999)
        check_choice("Tokens", "tied", self.tied, (None, False, True))
        check_number("Tokens", "sampled_above", self.sampled_above, low=0, integer=True, optional=True)
        check_number("Tokens", "samples", self.samples, low=1, integer=True)

    def is_sampled(self, vocabulary: int) -> bool:
        """Whether a vocabulary of this size is trained with a sampled softmax."""
        return self.sampled_above is not None and vocabulary > self.sampled_above

    def elementwise_loss(
        self, logits: Float[Tensor, "*shape V"], truth: Int[Tensor, "*shape"]
    ) -> Float[Tensor, "*shape"]:
        """Return the cross-entropy of each token."""
        losses = functional.cross_entropy(
            logits.flatten(0, -2).float(),
            truth.flatten(),
            reduction="none",
            label_smoothing=self.label_smoothing,
        )
        return losses.reshape(truth.shape)
