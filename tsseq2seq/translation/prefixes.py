"""Forced beginnings of translations, as tokens."""

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
    prefix: str | Sequence[str], tokenizer: TextTokenizer, sources: int
) -> Int[Tensor, "N P"]:
    """Return the tokens with which each translation must begin, −1 behind shorter ones.

    Parameters
    ----------
    prefix
        One text for all sources, or one for each.
    tokenizer
        Of targets.
    sources
        How many sources there are.

    Raises
    ------
    ParameterError
        If there are not as many as sources, or one has no token, or a token that no target of the fit had.
    DataError, ParameterTypeError
        If it is neither a text nor a list of texts.

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
        return torch.tensor([_encode(text, tokenizer, "prefix")]).expand(sources, -1)
    texts = checked_sentences(prefix, "prefix")
    if len(texts) != sources:
        raise ParameterError(
            f"translate: prefix is a list of {len(texts)}, but there are {sources} sources; give a text for "
            "each, or one str for all"
        )
    rows = [_encode(text, tokenizer, f"prefix[{row}]") for row, text in enumerate(texts)]
    widest = max((len(tokens) for tokens in rows), default=0)
    padded = [[*tokens, *[-1] * (widest - len(tokens))] for tokens in rows]
    return torch.tensor(padded, dtype=torch.int64).reshape(sources, widest)


def _encode(text: str, tokenizer: TextTokenizer, name: str) -> list[int]:
    tokens = tokenizer.encode_beginning(text)
    if not tokens:
        raise ParameterError(f"translate: {name} is {text!r}, which has no token; it must have at least one")
    if UNK in tokens:
        read = ", ".join(repr(token) for token in tokenizer.names(tokens))
        raise ParameterError(
            f"translate: {name} is {text!r}, read as {read}; it must have no token that is unknown to the "
            "model, as no target of the fit had it"
        )
    return tokens
