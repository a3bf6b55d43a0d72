"""What the losses of a translator learn of its training targets, before training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.losses import SequenceLoss
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens

__all__ = ["TrainingLosses"]


@dataclass(frozen=True)
class TrainingLosses:
    """Weights of tokens, and losses of whole sequences beside theirs.

    Attributes
    ----------
    weights
        (V,), the weight of each true token. None: all count the same.
    beside
        Functions from decoded sequences to a loss that is added.
    """

    weights: Float[Tensor, " V"] | None = None
    beside: tuple[Callable[..., Tensor], ...] = ()

    @classmethod
    def of(cls, output: Tokens, network: Network, pairs: TokenPairs, target: TextTokenizer) -> TrainingLosses:
        """Return what the settings ask for.

        Parameters
        ----------
        output, network
            The settings.
        pairs
            The training pairs, on the device of the training.
        target
            The tokeniser of the targets.

        Raises
        ------
        ParameterError
            If a token of ``class_weights`` is not in the vocabulary, a loss reads attention that the network
            has not, or does not weigh pairs that have weights.
        """
        size = target.vocabulary_size
        output.check_sampled(size)
        if network.copy and output.is_sampled(size):
            raise ParameterError(
                f"Network: copy is True but the vocabulary has {size} tokens, more than Tokens has in "
                f"sampled_above={output.sampled_above}, where scores are not normalised; use "
                "sampled_above=None, or copy=False"
            )
        # what is copied is no token of the vocabulary
        tokens = pairs.targets.tokens
        tokens = tokens.masked_fill(tokens >= size, UNK) if network.copy else tokens
        functions: list[Callable[..., Tensor]] = []
        for loss in output.sequence_losses:
            if pairs.weights is not None and not getattr(loss, "weighs_samples", False):
                raise ParameterError(
                    f"Tokens: beside has {loss!r}, which does not weigh pairs, but fit is given a "
                    "sample_weight; leave one of them out"
                )
            if not isinstance(loss, SequenceLoss):
                functions.append(loss)
                continue
            if loss.reads_attention and network.attention is None:
                raise ParameterError(
                    f"Tokens: beside has {loss!r}, which reads the attention, but Network has "
                    "attention=None; set attention, or leave the loss out"
                )
            functions.append(loss.function(tokens, pairs.targets.offsets, size))
        return cls(_weights(output, tokens, target), tuple(functions))

    def weights_of(self, targets: TokenSequences) -> Tensor:
        """Return (sequences,), the sum of the weights of each sequence's tokens."""
        if self.weights is None:
            return targets.lengths
        sums = torch.cat([self.weights.new_zeros(1), self.weights[targets.tokens]]).double().cumsum(0)
        return sums[targets.offsets].diff()


def _weights(
    output: Tokens, tokens: Int[Tensor, " tokens"], target: TextTokenizer
) -> Float[Tensor, " V"] | None:
    """Return the weight of each token of the vocabulary."""
    chosen, size = output.class_weights, target.vocabulary_size
    device = tokens.device
    if chosen is None:
        return None
    if isinstance(chosen, str):
        counts = torch.bincount(tokens, minlength=size)
        balanced = len(tokens) / (int((counts > 0).sum()) * counts.clamp(min=1))
        return balanced.masked_fill(counts == 0, 1.0)
    weights = torch.ones(size, device=device)
    numbers = {name: number for number, name in reversed(list(enumerate(target.names(range(size)))))}
    for token, weight in chosen.items():
        if token not in numbers:
            raise ParameterError(
                f"Tokens: class_weights has {token!r}, which is no token of the targets; they are, for "
                f"example, {', '.join(repr(name) for name in list(numbers)[-5:])}"
            )
        weights[numbers[token]] = float(weight)
    return weights
