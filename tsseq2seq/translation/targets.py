"""Targets to score, as tokens: of texts, hypotheses or lists of tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tsseq2seq.data.text.cleaning import check_surrogates
from tsseq2seq.data.text.copyable import with_own_words
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.tokenizers.listed import ListedTokenizer
from tsseq2seq.data.text.vocabulary import BOS, EOS, PAD
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import DataError

__all__ = ["target_tokens"]


def target_tokens(
    target: str | Hypothesis | Sequence[int], tokenizer: TextTokenizer, row: int, own: Sequence[str] = ()
) -> list[int]:
    """Return the tokens of a target; the end token is added to texts only.

    Parameters
    ----------
    target
        A text, a hypothesis, or a list of tokens.
    tokenizer
        The tokeniser of targets.
    row
        Index of the target, for messages.
    own
        The own words of its source, which a network with a copy mechanism can write.

    Raises
    ------
    DataError
        If it is none of these, is empty, or holds a token that no model writes.
    """
    if isinstance(target, str):
        check_surrogates(target, f"targets[{row}]")
        numbers = tokenizer.encode(target)
        if own and isinstance(tokenizer, ListedTokenizer):
            numbers = with_own_words(numbers, tokenizer.words(target), own, tokenizer.vocabulary_size)
        return [*numbers, EOS]
    sequence = target.tokens if isinstance(target, Hypothesis) else target
    if not isinstance(sequence, Iterable):
        raise DataError(f"targets[{row}] is {sequence!r}; it must be a str, a Hypothesis or a list of tokens")
    tokens: list[Any] = list(sequence)
    for token in tokens:
        size = tokenizer.vocabulary_size + len(own)
        in_vocabulary = isinstance(token, int | np.integer) and 0 <= token < size
        if not in_vocabulary or token in (PAD, BOS):
            raise DataError(f"targets[{row}] holds {token!r}, which is not a token that a model writes")
    if not tokens:
        raise DataError(f"targets[{row}] has no tokens")
    if EOS in tokens[:-1]:
        raise DataError(f"targets[{row}] goes on after the end token, {EOS}")
    return [int(token) for token in tokens]
