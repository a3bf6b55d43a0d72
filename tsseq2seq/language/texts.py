"""Texts as token sequences: cut into pieces for training, or whole."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tsseq2seq.data.evenly_spaced import evenly_spaced_tensor, rows_to_train_on
from tsseq2seq.data.text.sentences import check_not_empty
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.vocabulary import EOS
from tsseq2seq.errors import ParameterError
from tsseq2seq.training.training import Training

__all__ = ["held_out_pieces", "no_sources", "text_pieces", "texts_to_train_on", "whole_texts"]


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


def texts_to_train_on(count: int, training: Training) -> list[int]:
    """Return the texts that are not held out: of several so many are held out whole, evenly spaced.

    Raises
    ------
    ParameterError
        If no text would be left for training.

    Examples
    --------
    >>> texts_to_train_on(4, Training(validation_size=2)), texts_to_train_on(1, Training(validation_size=2))
    ([1, 2], [0])
    """
    if count == 1:  # pieces of it are held out
        return [0]
    held_out = training.held_out(count)
    if held_out >= count:
        told = training.held_out_in_words(count, "texts")
        raise ParameterError(
            f"Training: validation_size is {told}, but there are {count} texts; at least one must be left "
            "for training"
        )
    return rows_to_train_on(count, held_out).tolist()


def held_out_pieces(
    whole: TokenSequences, rows: Sequence[int], length: int, training: Training
) -> Bool[Tensor, " pieces"]:
    """Return which pieces are held out: those of the texts held out, or some of a single text.

    Parameters
    ----------
    whole
        The texts, each with its end token.
    rows
        The texts that are trained on.
    length
        Most tokens of a piece.
    training
        Says how many pieces of a single text are held out.

    Raises
    ------
    ParameterError
        If no piece of a single text would be left for training.

    Examples
    --------
    >>> whole = TokenSequences.of([[4, 5, 4, 2], [4, 2]])
    >>> held_out_pieces(whole, [1], 3, Training(validation_size=1)).tolist()
    [True, True, False]
    """
    pieces = -(-whole.lengths // length)
    if len(whole) == 1:
        count = int(pieces[0])
        held_out = torch.zeros(count, dtype=torch.bool)
        held_out[evenly_spaced_tensor(count, training.held_out_pairs(count))] = True
        return held_out
    held_texts = torch.ones(len(whole), dtype=torch.bool)
    held_texts[list(rows)] = False
    return held_texts.repeat_interleave(pieces)


def no_sources(count: int) -> TokenSequences:
    """Return sources without tokens."""
    return TokenSequences.of([[]] * count)
