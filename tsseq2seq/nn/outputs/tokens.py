"""Tokens: the probability of each token of a vocabulary, at each decoder step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.nn.losses import (
    SEQUENCE_LOSSES,
    TOKEN_LOSSES,
    CrossEntropy,
    NegativeSampling,
    SequenceLoss,
    TokenLoss,
)
from tsseq2seq.settings import Settings, check_choice, check_number

__all__ = ["Tokens"]

#: A name, settings, or a function of (logits, truth) that returns the loss of each token.
TokenLossChoice: TypeAlias = str | TokenLoss | Callable[[Tensor, Tensor], Tensor]
#: A name, settings, or a function of decoded sequences.
SequenceLossChoice: TypeAlias = str | SequenceLoss | Callable[..., Tensor]

_LABEL_SMOOTHING = 0.1
_SAMPLED_ABOVE, _SAMPLES = 50_000, 8192


@dataclass(frozen=True)
class Tokens(Settings):
    """Predict the probability of each token of a vocabulary.

    Parameters
    ----------
    label_smoothing
        Share of the true token's probability that is spread over the whole vocabulary (Szegedy et al. 2016);
        it keeps the model from overconfidence. Negative sampling and functions of your own do without.
    tied
        Whether the last layer shares the weights of the decoder's embedding (Press & Wolf 2017). None: if the
        vocabulary has 1,000 tokens or more.
    sampled_above
        Larger vocabularies are trained with a sampled softmax (Jean et al. 2015): the last layer, whose cost
        grows with the vocabulary, is computed for the true tokens and a sample of the others. None: never.
    samples
        Tokens drawn for a batch in a sampled softmax. More are more exact and slower.
    loss
        Loss of each token: ``"cross_entropy"``, ``"focal"`` (:class:`~tsseq2seq.nn.losses.FocalLoss`),
        ``"negative_sampling"`` (:class:`~tsseq2seq.nn.losses.NegativeSampling`), one of these classes with
        settings, a :class:`~tsseq2seq.nn.losses.TokenLoss` of your own, or a function of (logits (N, V),
        truth (N,)) that returns the losses (N,). Validation is the likelihood in any case.
    class_weights
        Weights of the losses by the true token: a dict from token to number (tokens not in it have 1), or
        ``"balanced"``: in inverse proportion to how often a token occurs in the training targets. None: all
        count the same. The end of a sentence is the token ``"<eos>"``.
    beside
        Losses of whole sequences that are added to that of the tokens: ``"transition"``
        (:class:`~tsseq2seq.nn.losses.TransitionLoss`), ``"monotonic"``
        (:class:`~tsseq2seq.nn.losses.MonotonicAlignment`), ``"coverage"``
        (:class:`~tsseq2seq.nn.losses.CoverageLoss`), one of these classes with settings, a
        :class:`~tsseq2seq.nn.losses.SequenceLoss` of your own, or a function of
        :class:`~tsseq2seq.nn.losses.DecodedSequences`, which hold sources and targets alike. None: no other.

    Examples
    --------
    >>> import torch
    >>> logits = torch.tensor([[0.0, 0.0]])
    >>> round(Tokens(label_smoothing=0.0).elementwise_loss(logits, torch.tensor([1])).item(), 4)
    0.6931
    """

    label_smoothing: float = _LABEL_SMOOTHING
    tied: bool | None = None
    sampled_above: int | None = _SAMPLED_ABOVE
    samples: int = _SAMPLES
    loss: TokenLossChoice = "cross_entropy"
    class_weights: str | Mapping[str, float] | None = None
    beside: Sequence[SequenceLossChoice] | None = None

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        check_number("Tokens", "label_smoothing", self.label_smoothing, low=0, high=0.999999)
        check_choice("Tokens", "tied", self.tied, (None, False, True))
        check_number("Tokens", "sampled_above", self.sampled_above, low=0, integer=True, optional=True)
        check_number("Tokens", "samples", self.samples, low=1, integer=True)
        if not callable(self.loss) and not isinstance(self.loss, TokenLoss):
            check_choice("Tokens", "loss", self.loss, tuple(TOKEN_LOSSES))
        smoothed = self.token_loss is not None and self.token_loss.smooths
        if not smoothed and self.label_smoothing not in (0, _LABEL_SMOOTHING):
            raise ParameterError(
                f"Tokens: label_smoothing is {self.label_smoothing} but loss is {self.loss!r}, which takes "
                "none; leave one of them out"
            )
        self._check_sampling()
        self._check_class_weights()
        self._check_beside()

    def _check_sampling(self) -> None:
        """Refuse settings of a sampled softmax where there is none."""
        for name, usual in (("samples", _SAMPLES), ("sampled_above", _SAMPLED_ABOVE)):
            value = getattr(self, name)
            if self.negatives is not None and value not in (usual, None):
                raise ParameterError(
                    f"Tokens: {name} is {value} but loss is {self.loss!r}, which draws tokens of its own and "
                    "has no softmax; leave one of them out"
                )
        if self.samples != _SAMPLES and self.sampled_above is None:
            raise ParameterError(
                f"Tokens: samples is {self.samples} but sampled_above is None, so that no softmax is "
                "sampled; leave one of them out"
            )

    def _check_class_weights(self) -> None:
        weights = self.class_weights
        if weights is None or isinstance(weights, str):
            check_choice("Tokens", "class_weights", weights, (None, "balanced"))
            return
        if not isinstance(weights, Mapping):
            raise ParameterTypeError(
                f"Tokens: class_weights is {weights!r}; it must be a dict from tokens to numbers, 'balanced' "
                "or None"
            )
        for token, weight in weights.items():
            check_number("Tokens", f"class_weights[{token!r}]", weight, low=0)

    def _check_beside(self) -> None:
        if not isinstance(self.beside, list | tuple | None):
            raise ParameterTypeError(
                f"Tokens: beside is {self.beside!r}; it must be a list such as ['transition'], or None"
            )
        for loss in self.beside or ():
            if not callable(loss) and not isinstance(loss, SequenceLoss):
                check_choice("Tokens", "beside", loss, tuple(SEQUENCE_LOSSES))

    @property
    def token_loss(self) -> TokenLoss | None:
        """The settings of the loss; None if it is a function."""
        if isinstance(self.loss, str):
            return TOKEN_LOSSES[self.loss]
        return self.loss if isinstance(self.loss, TokenLoss) else None

    @property
    def negatives(self) -> NegativeSampling | None:
        """The settings of negative sampling, if that is the loss."""
        return self.token_loss if isinstance(self.token_loss, NegativeSampling) else None

    @property
    def sequence_losses(self) -> tuple[SequenceLoss | Callable[..., Tensor], ...]:
        """The losses of whole sequences, names replaced by settings."""
        return tuple(SEQUENCE_LOSSES[one] if isinstance(one, str) else one for one in self.beside or ())

    def is_sampled(self, vocabulary: int) -> bool:
        """Whether a vocabulary of this size is trained with a sampled softmax."""
        if self.negatives is not None:
            return False
        return self.sampled_above is not None and vocabulary > self.sampled_above

    def check_sampled(self, vocabulary: int) -> None:
        """Refuse a loss that needs all scores, if the vocabulary is so large that they are sampled.

        Raises
        ------
        ParameterError
            Naming the loss and ``sampled_above``.
        """
        if self.is_sampled(vocabulary) and not isinstance(self.token_loss, CrossEntropy):
            raise ParameterError(
                f"Tokens: loss is {self.loss!r} but the vocabulary has {vocabulary} tokens, more than "
                f"sampled_above={self.sampled_above}, where only cross-entropy is estimated from a sample; "
                "use sampled_above=None or loss='negative_sampling'"
            )

    def elementwise_loss(
        self, logits: Float[Tensor, "*shape V"], truth: Int[Tensor, "*shape"]
    ) -> Float[Tensor, "*shape"]:
        """Return the loss of each token, without class weights."""
        flat = logits.flatten(0, -2)
        flat = flat if flat.dtype.itemsize >= 4 else flat.float()
        loss = self.token_loss
        if loss is not None:
            losses = loss.tokens(flat, truth.flatten(), self.label_smoothing)
        else:
            losses = self.loss(flat, truth.flatten())  # type: ignore[operator]
            if losses.shape != truth.flatten().shape:
                raise ParameterError(
                    f"Tokens: loss returned a tensor of shape {tuple(losses.shape)} for {truth.numel()} "
                    "tokens; it must return one number for each"
                )
        return losses.reshape(truth.shape)
