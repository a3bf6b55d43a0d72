"""Token sequences and pairs, in one contiguous tensor, from which a batch is gathered at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.data.sample_weights import unit_weights
from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.series_rows import row_offsets
from tsseq2seq.data.text.token_batch import TokenBatch
from tsseq2seq.data.text.vocabulary import PAD
from tsseq2seq.errors import DataError
from tsseq2seq.settings import check_choice

__all__ = ["TokenPairs", "TokenSequences", "sequence_offsets"]


def sequence_offsets(lengths: Int[Tensor, " sequences"]) -> Int[Tensor, " offsets"]:
    """Return the start of each sequence in one tensor of all, and at the end the number of tokens.

    Examples
    --------
    >>> sequence_offsets(torch.tensor([3, 1])).tolist()
    [0, 3, 4]
    """
    return torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])


@dataclass(frozen=True)
class TokenSequences:
    """Sequences of token numbers, one after the other.

    Attributes
    ----------
    tokens
        (tokens,), the tokens of all sequences.
    offsets
        (sequences + 1,), the start of each sequence; the last entry is the number of tokens.

    Examples
    --------
    >>> sequences = TokenSequences.of([[7, 8, 9], [5]])
    >>> tokens, lengths = sequences.pad(torch.tensor([1, 0]))
    >>> tokens.tolist(), lengths.tolist()
    ([[5, 0, 0], [7, 8, 9]], [1, 3])
    """

    #: What its steps are called in messages, and how to have fewer than a number of them.
    unit: ClassVar[str] = "tokens"
    shortening: ClassVar[str] = "cut sources with truncation=Truncation({})"

    tokens: Int[Tensor, " tokens"]
    offsets: Int[Tensor, " offsets"]

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]], *, end: int | None = None) -> TokenSequences:
        """Return the sequences of lists of numbers.

        Parameters
        ----------
        sequences
            The token numbers of each sequence.
        end
            A number to append to each sequence, such as the end token of targets. None: nothing.
        """
        last = () if end is None else (end,)
        lengths = np.fromiter((len(sequence) + len(last) for sequence in sequences), np.int64, len(sequences))
        offsets = row_offsets(lengths)
        flat = chain.from_iterable(chain(sequence, last) for sequence in sequences)
        tokens = np.fromiter(flat, np.int64, int(offsets[-1]))
        return cls(torch.from_numpy(tokens), torch.from_numpy(offsets))

    def __len__(self) -> int:
        """Return the number of sequences."""
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> list[int]:
        """Return the numbers of one sequence."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"sequence {index} of {len(self)}")
        start, stop = self.offsets[index % len(self)], self.offsets[index % len(self) + 1]
        return self.tokens[start:stop].tolist()

    @property
    def lengths(self) -> Int[Tensor, " sequences"]:
        """Number of tokens of each sequence."""
        return self.offsets.diff()

    @property
    def steps(self) -> int:
        """Number of tokens of all sequences."""
        return len(self.tokens)

    @property
    def device(self) -> torch.device:
        """The device of the tokens."""
        return self.tokens.device

    def pad(
        self, index: Int[Tensor, " B"], padding: str = "back"
    ) -> tuple[Int[Tensor, "B T"], Int[Tensor, " B"]]:
        """Return some sequences padded to the same length, on the device of the sequences.

        Parameters
        ----------
        index
            Numbers of the sequences, from 0, on any device.
        padding
            The side on which PAD is added, ``"back"`` (default) or ``"front"``.

        Returns
        -------
        tokens
            (B, T), with T the length of the longest sequence, at least 1.
        lengths
            (B,), tokens of each row without padding.
        """
        check_choice("pad", "padding", padding, ("back", "front"))
        index = index.to(self.offsets.device)
        start = self.offsets[index]
        lengths = self.offsets[index + 1] - start
        width = max(1, int(lengths.max())) if len(index) else 1
        positions = torch.arange(width, device=index.device).expand(len(index), width)
        if padding == "front":
            positions = positions - (width - lengths[:, None])
        inside = (positions >= 0) & (positions < lengths[:, None])
        if not len(self.tokens):
            return torch.full_like(positions, PAD), lengths
        rows = (start[:, None] + positions).clamp(0, len(self.tokens) - 1)
        return self.tokens[rows].masked_fill(~inside, PAD), lengths

    def subset(self, index: Int[Tensor, " B"]) -> TokenSequences:
        """Return some sequences, in the order of their numbers in ``index``."""
        index = index.to(self.offsets.device)
        lengths = self.lengths[index]
        offsets = sequence_offsets(lengths)
        shift = (self.offsets[index] - offsets[:-1]).repeat_interleave(lengths)
        return TokenSequences(self.tokens[torch.arange(len(shift), device=shift.device) + shift], offsets)

    def counts_of(self, number: int) -> Int[Tensor, " sequences"]:
        """Return how often a token occurs in each sequence.

        Examples
        --------
        >>> TokenSequences.of([[7, 8, 7], [], [8]]).counts_of(7).tolist()
        [2, 0, 0]
        """
        before = sequence_offsets((self.tokens == number).long())
        return before[self.offsets[1:]] - before[self.offsets[:-1]]

    def to(self, device: torch.device) -> TokenSequences:
        """Return the sequences with their tensors on a device."""
        return TokenSequences(self.tokens.to(device), self.offsets.to(device))


@dataclass(frozen=True)
class TokenPairs:
    """Source sequences with their target sequences of tokens.

    Attributes
    ----------
    sources
        Source sequences: of tokens, without begin and end tokens, or of feature vectors.
    targets
        Target sequences, each with the end token at its end.
    weights
        (pairs,), how much each pair counts in the loss. None: all the same.

    Raises
    ------
    DataError
        If the numbers of sources and targets differ.
    """

    sources: TokenSequences | FeatureSequences
    targets: TokenSequences
    weights: Float[Tensor, " pairs"] | None = None

    def __post_init__(self) -> None:
        """Refuse different numbers of sources and targets."""
        if len(self.sources) != len(self.targets):
            raise DataError(
                f"there are {len(self.sources)} sources and {len(self.targets)} targets; they must be as many"
            )

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.sources)

    def batch(self, index: Int[Tensor, " B"], padding: str = "back") -> TokenBatch:
        """Return some pairs as a batch, padded by :meth:`TokenSequences.pad`."""
        weights = None if self.weights is None else self.weights[index.to(self.weights.device)]
        return TokenBatch(
            *self.sources.pad(index, padding), *self.targets.pad(index, padding), padding, weights
        )

    def subset(self, index: Int[Tensor, " B"]) -> TokenPairs:
        """Return some pairs, in the order of their numbers in ``index``."""
        weights = None if self.weights is None else self.weights[index.to(self.weights.device)]
        return TokenPairs(self.sources.subset(index), self.targets.subset(index), weights)

    def with_unit_weights(self, what: str, counts: Tensor | None = None) -> TokenPairs:
        """Return the pairs with weights whose mean over all target tokens is 1.

        Parameters
        ----------
        what
            What the pairs are called in messages.
        counts
            (pairs,), what the tokens of each target weigh already. None: their number.

        Raises
        ------
        DataError
            If all weights are 0.
        """
        counts = self.targets.lengths if counts is None else counts
        return replace(self, weights=unit_weights(self.weights, counts, what))

    def to(self, device: torch.device) -> TokenPairs:
        """Return the pairs with their tensors on a device."""
        weights = None if self.weights is None else self.weights.to(device)
        return TokenPairs(self.sources.to(device), self.targets.to(device), weights)
