"""Texts with their frames, and batches of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor
from tsseq2seq.data.sample_weights import unit_weights
from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.sequences.standardisation import Standardisation
from tsseq2seq.data.text.sentences import check_not_empty
from tsseq2seq.data.text.token_batches import bucketed_batches
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.vocabulary import EOS

__all__ = ["FrameBatch", "FramePairs", "encode_texts", "split_pairs", "standardised"]


@dataclass(frozen=True)
class FrameBatch:
    """Texts and their frames, padded at the back.

    Attributes
    ----------
    source
        (B, S), tokens; the last of each text is the end token.
    source_lengths
        (B,), tokens of each text.
    target
        (B, T, F), standardised frames.
    target_lengths
        (B,), frames of each text.
    weights
        (B,), how much each pair counts in the loss. None: all the same.
    """

    source: Int[Tensor, "B S"]
    source_lengths: Int[Tensor, " B"]
    target: Float[Tensor, "B T F"]
    target_lengths: Int[Tensor, " B"]
    weights: Float[Tensor, " B"] | None = None

    @property
    def target_mask(self) -> Bool[Tensor, "B T"]:
        """True for frames, False for padding."""
        places = torch.arange(self.target.shape[1], device=self.target.device)
        return places < self.target_lengths[:, None]

    @property
    def target_ends(self) -> Bool[Tensor, "B T"]:
        """True for the last frame of each text."""
        places = torch.arange(self.target.shape[1], device=self.target.device)
        return places == self.target_lengths[:, None] - 1


@dataclass(frozen=True)
class FramePairs:
    """Texts with their frames.

    Attributes
    ----------
    sources
        Tokens of the texts, each with the end token.
    targets
        Standardised frames, at least one of each text.
    weights
        (pairs,), how much each pair counts in the loss. None: all the same.
    """

    sources: TokenSequences
    targets: FeatureSequences
    weights: Float[Tensor, " pairs"] | None = None

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.sources)

    @property
    def by_lengths(self) -> TokenPairs:
        """Pairs of the same lengths without content, which is all that the drawing of batches reads."""
        offsets = self.targets.offsets
        return TokenPairs(self.sources, TokenSequences(offsets.new_zeros(self.targets.steps), offsets))

    def batch(self, index: Int[Tensor, " B"]) -> FrameBatch:
        """Return some pairs as a batch."""
        weights = None if self.weights is None else self.weights[index.to(self.weights.device)]
        return FrameBatch(*self.sources.pad(index), *self.targets.pad(index), weights)

    def batches(self, steps: int) -> Iterator[Int[Tensor, " B"]]:
        """Yield the numbers of the pairs of batches in one pass; of each, tokens and frames are ``steps``."""
        for index in bucketed_batches(self.by_lengths, tokens=steps, generator=None, shuffle=False):
            yield index.to(self.sources.device)

    def subset(self, index: Int[Tensor, " B"]) -> FramePairs:
        """Return some pairs, in the order of their numbers in ``index``."""
        weights = None if self.weights is None else self.weights[index.to(self.weights.device)]
        return FramePairs(self.sources.subset(index), self.targets.subset(index), weights)

    def with_unit_weights(self, what: str) -> FramePairs:
        """Return the pairs with weights whose mean over all frames is 1; ``what`` names them in messages.

        Raises
        ------
        DataError
            If all weights are 0.
        """
        return replace(self, weights=unit_weights(self.weights, self.targets.lengths, what))

    def to(self, device: torch.device) -> FramePairs:
        """Return the pairs with their tensors on a device."""
        weights = None if self.weights is None else self.weights.to(device)
        return FramePairs(self.sources.to(device), self.targets.to(device), weights)


def encode_texts(texts: Sequence[str], tokenizer: TextTokenizer) -> TokenSequences:
    """Return the tokens of texts, each with the end token: a place to attend to when all is said.

    Parameters
    ----------
    texts
        Texts as returned by ``checked_sentences``.
    tokenizer
        Splits and encodes them.

    Raises
    ------
    DataError
        Naming the first text of which cleaning leaves nothing.

    Examples
    --------
    >>> from tsseq2seq.data.text.tokenizers import build_tokenizer
    >>> encode_texts(["ba"], build_tokenizer("char", ["ab"]))[0]
    [5, 4, 2]
    """
    encoded = [tokenizer.encode(text) for text in texts]
    for row, (numbers, text) in enumerate(zip(encoded, texts, strict=True)):
        check_not_empty(numbers, text, f"texts[{row}]")
    return TokenSequences.of(encoded, end=EOS)


def standardised(arrays: Sequence[np.ndarray], standardisation: Standardisation) -> FeatureSequences:
    """Return checked arrays (T, F), at least one, as standardised sequences."""
    sequences = FeatureSequences.of(arrays)
    values = (sequences.values - standardisation.mean) / standardisation.std
    return FeatureSequences(values, sequences.offsets)


def split_pairs(pairs: FramePairs, count: int) -> tuple[FramePairs, FramePairs | None]:
    """Return the pairs to train on, and ``count`` pairs, evenly spaced, to validate on."""
    if not count:
        return pairs, None
    held_out = torch.zeros(len(pairs), dtype=torch.bool)
    held_out[evenly_spaced_tensor(len(pairs), count)] = True
    return pairs.subset(torch.nonzero(~held_out)[:, 0]), pairs.subset(torch.nonzero(held_out)[:, 0])
