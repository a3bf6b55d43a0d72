"""Texts as token sequences: cut into pieces for training, or whole."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.data.text.sentences import check_not_empty
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.vocabulary import EOS

__all__ = ["no_sources", "text_pieces", "whole_texts"]


def text_pieces(
    texts: Sequence[str],
    tokenizer: TextTokenizer,
    length: int,
    weights: Float[Tensor, " N"] | None = None,
) -> TokenPairs:
    """Return texts cut into pieces of up to ``length`` tokens; the last one of each ends with the end token.

    Parameters
    ----------
    texts
        The texts, as returned by ``checked_sentences``.
    tokenizer
        Encodes them.
    length
        Most tokens of a piece.
    weights
        The weight of each text, which all of its pieces have. None: all the same.

    Raises
    ------
    DataError
        Naming the first text that is empty after cleaning.

    Examples
    --------
    >>> from tsseq2seq.data.text.tokenizers import build_tokenizer
    >>> pairs = text_pieces(["abab"], build_tokenizer("char", ["ab"]), 3)
    >>> [pairs.targets[0], pairs.targets[1]]
    [[4, 5, 4], [5, 2]]
    """
    pieces: list[list[int]] = []
    pieces_of: list[int] = []
    for row, text in enumerate(texts):
        tokens = tokenizer.encode(text)
        check_not_empty(tokens, text, f"texts[{row}]")
        tokens = [*tokens, EOS]
        before = len(pieces)
        pieces += [tokens[start : start + length] for start in range(0, len(tokens), length)]
        pieces_of.append(len(pieces) - before)
    if weights is not None:
        weights = weights.repeat_interleave(torch.tensor(pieces_of))
    return TokenPairs(no_sources(len(pieces)), TokenSequences.of(pieces), weights)


def whole_texts(texts: Sequence[str], tokenizer: TextTokenizer) -> TokenPairs:
    """Return whole texts with their end tokens; an empty text is the end token alone."""
    return TokenPairs(
        no_sources(len(texts)), TokenSequences.of([tokenizer.encode(text) for text in texts], end=EOS)
    )


def no_sources(count: int) -> TokenSequences:
    """Return sources without tokens."""
    return TokenSequences.of([[]] * count)
