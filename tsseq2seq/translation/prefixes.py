"""Forced prefixes of translations, as tokens."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from tsseq2seq.data.text.sentences import checked_sentences
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.errors import ParameterError

__all__ = ["encode_prefixes"]


def encode_prefixes(
    prefix: str | Sequence[str], tokenizer: TextTokenizer, sources: int, caller: str = "translate"
) -> Int[Tensor, "N P"]:
    """Return the tokens with which each translation must begin, padded with −1.

    Parameters
    ----------
    prefix
        One text for all sources, or one for each.
    tokenizer
        The tokeniser of targets.
    sources
        Number of sources.
    caller
        The method that takes the prefix, for messages.

    Raises
    ------
    ParameterError
        If a list has another length than the sources, or a prefix has no token, or a token that is not in the
        vocabulary.
    DataError, ParameterTypeError
        If the prefix is neither a text nor a list of texts.

    Examples
    --------
    >>> from tsseq2seq.data.text.tokenizers import build_tokenizer
    >>> tokenizer = build_tokenizer("char", ["aab"])
    >>> encode_prefixes(["ab", "b"], tokenizer, 2).tolist()
    [[4, 5], [5, -1]]
    >>> encode_prefixes("a", tokenizer, 3).tolist()
    [[4], [4], [4]]
    """
    if isinstance(prefix, str):
        (text,) = checked_sentences([prefix], "prefix")
        return torch.tensor([_encode(text, tokenizer, "prefix", caller)]).expand(sources, -1)
    texts = checked_sentences(prefix, "prefix")
    if len(texts) != sources:
        raise ParameterError(
            f"{caller}: prefix is a list of {len(texts)}, but there are {sources} sources; give a text for "
            "each, or one str for all"
        )
    rows = [_encode(text, tokenizer, f"prefix[{row}]", caller) for row, text in enumerate(texts)]
    widest = max((len(tokens) for tokens in rows), default=0)
    padded = [[*tokens, *[-1] * (widest - len(tokens))] for tokens in rows]
    return torch.tensor(padded, dtype=torch.int64).reshape(sources, widest)


def _encode(text: str, tokenizer: TextTokenizer, name: str, caller: str) -> list[int]:
    tokens = tokenizer.encode_beginning(text)
    if not tokens:
        raise ParameterError(f"{caller}: {name} is {text!r}, which has no token; it must have at least one")
    if UNK in tokens:
        names = ", ".join(repr(token) for token in tokenizer.names(tokens))
        raise ParameterError(
            f"{caller}: {name} is {text!r}, read as {names}; every token must be in the vocabulary, as one "
            "of the targets of the fit"
        )
    return tokens
