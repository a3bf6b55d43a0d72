"""Targets to be scored, as tokens: texts, hypotheses, or lists of tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tsseq2seq.data.text.cleaning import check_surrogates
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.vocabulary import BOS, EOS, PAD
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import DataError

__all__ = ["target_tokens"]


def target_tokens(target: str | Hypothesis | Sequence[int], tokenizer: TextTokenizer, row: int) -> list[int]:
    """Return the tokens of a target: a text ends with the end token, other targets as they are.

    Parameters
    ----------
    target
        A text, a hypothesis, or a list of tokens.
    tokenizer
        Of targets.
    row
        Its number, by which messages name it.

    Raises
    ------
    DataError
        If it is none of these, is empty, or holds what no model writes.
    """
    if isinstance(target, str):
        check_surrogates(target, f"targets[{row}]")
        return [*tokenizer.encode(target), EOS]
    given = target.tokens if isinstance(target, Hypothesis) else target
    if not isinstance(given, Iterable):
        raise DataError(f"targets[{row}] is {given!r}; it must be a str, a Hypothesis or a list of tokens")
    tokens: list[Any] = list(given)
    for token in tokens:
        inside = isinstance(token, int | np.integer) and 0 <= token < tokenizer.vocabulary_size
        if not inside or token in (PAD, BOS):
            raise DataError(f"targets[{row}] holds {token!r}, which is no token that can be written")
    if not tokens:
        raise DataError(f"targets[{row}] has no tokens")
    if EOS in tokens[:-1]:
        raise DataError(f"targets[{row}] goes on behind the end token, {EOS}")
    return [int(token) for token in tokens]
