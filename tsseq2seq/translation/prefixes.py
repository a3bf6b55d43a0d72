"""Forced prefixes of translations, as tokens."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from tsseq2seq.data.text.copyable import CopyableSequences, own_words, with_own_words
from tsseq2seq.data.text.sentences import checked_sentences
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.tokenizers.listed import ListedTokenizer
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.errors import ParameterError

__all__ = ["encode_prefixes"]


def encode_prefixes(
    prefix: str | Sequence[str],
    tokenizer: TextTokenizer,
    sources: int,
    *,
    owner: str = "translate",
    name: str = "prefix",
    allow_empty: bool = False,
    copyable: CopyableSequences | None = None,
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
    owner, name
        The function and its argument, for messages.
    allow_empty
        Whether a prefix may have no token.
    copyable
        The sources, for a network with a copy mechanism: their own words may stand in their prefixes. None:
        tokens of the vocabulary only.

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
    if isinstance(prefix, str) and copyable is None:
        (text,) = checked_sentences([prefix], name)
        return torch.tensor([_encode(text, tokenizer, owner, name, allow_empty)]).expand(sources, -1)
    texts = checked_sentences([prefix] * sources if isinstance(prefix, str) else prefix, name)
    if len(texts) != sources:
        raise ParameterError(
            f"{owner}: {name} is a list of {len(texts)}, but there are {sources} sources; give a text for "
            "each, or one str for all"
        )
    rows = [
        _encode(text, tokenizer, owner, f"{name}[{row}]", allow_empty, own_words(copyable, row))
        for row, text in enumerate(texts)
    ]
    widest = max((len(tokens) for tokens in rows), default=0)
    padded = [[*tokens, *[-1] * (widest - len(tokens))] for tokens in rows]
    return torch.tensor(padded, dtype=torch.int64).reshape(sources, widest)


def _encode(
    text: str,
    tokenizer: TextTokenizer,
    owner: str,
    name: str,
    allow_empty: bool,
    own: Sequence[str] = (),
) -> list[int]:
    tokens = tokenizer.encode_beginning(text)
    if own and isinstance(tokenizer, ListedTokenizer):
        # a blank at the end, which is no unknown token, is not among the words
        tokens = with_own_words(tokens, tokenizer.words(text), own, tokenizer.vocabulary_size)
    if not tokens and not (allow_empty and not text):
        raise ParameterError(f"{owner}: {name} is {text!r}, which has no token; it must have at least one")
    if UNK in tokens:
        names = ", ".join(repr(token) for token in tokenizer.names(tokens))
        raise ParameterError(
            f"{owner}: {name} is {text!r}, read as {names}; every token must be in the vocabulary, as one "
            "of the targets of the fit"
        )
    return tokens
