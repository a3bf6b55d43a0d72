"""Encode sentences, alone or in pairs, as token numbers."""

from __future__ import annotations

from collections.abc import Sequence

from tsseq2seq.data.text.sentences import check_not_empty
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.tokenizers.base import TextTokenizer
from tsseq2seq.data.text.truncation import Truncation
from tsseq2seq.data.text.vocabulary import EOS

__all__ = ["encode_pairs", "encode_sources", "encode_targets"]


def encode_sources(
    sources: Sequence[str],
    tokenizer: TextTokenizer,
    truncation: Truncation = Truncation(),
) -> TokenSequences:
    """Return the token numbers of source sentences; an empty one has length 0.

    Parameters
    ----------
    sources
        The sentences, as returned by ``checked_sentences``.
    tokenizer
        Splits and encodes the sentences.
    truncation
        Shortens long sequences. Default: none is shortened.
    """
    return truncation.sources(TokenSequences.of([tokenizer.encode(text) for text in sources]))


def encode_pairs(
    sources: Sequence[str],
    targets: Sequence[str],
    source: TextTokenizer,
    target: TextTokenizer,
    truncation: Truncation = Truncation(),
    *,
    allow_empty: bool = False,
) -> TokenPairs:
    """Return the token numbers of source and target sentences; each target ends with the end token.

    Parameters
    ----------
    sources, targets
        The sentences, as returned by ``checked_pairs``.
    source, target
        The tokenisers of sources and targets.
    truncation
        Shortens long sequences. Default: none is shortened.
    allow_empty
        Whether a sentence may have no token. False.

    Raises
    ------
    DataError
        Naming the first sentence that is empty after cleaning.

    Examples
    --------
    >>> from tsseq2seq.data.text.tokenizers import build_tokenizer
    >>> tokenizer = build_tokenizer("char", ["ab"])
    >>> pairs = encode_pairs(["ab", "b"], ["a", "ba"], tokenizer, tokenizer)
    >>> pairs.sources[1], pairs.targets[1]
    ([5], [5, 4, 2])
    """
    source_numbers = _encoded(sources, source, "sources", allow_empty)
    encoded_targets = encode_targets(targets, target, allow_empty=allow_empty)
    return truncation.pairs(TokenPairs(TokenSequences.of(source_numbers), encoded_targets))


def encode_targets(
    targets: Sequence[str], tokenizer: TextTokenizer, *, allow_empty: bool = False
) -> TokenSequences:
    """Return the token numbers of target sentences, each with the end token at its end.

    Parameters
    ----------
    targets
        The sentences, as returned by ``checked_sentences``.
    tokenizer
        Splits and encodes the sentences.
    allow_empty
        Whether a sentence may have no token. False.

    Raises
    ------
    DataError
        Naming the first sentence that is empty after cleaning.
    """
    return TokenSequences.of(_encoded(targets, tokenizer, "targets", allow_empty), end=EOS)


def _encoded(texts: Sequence[str], tokenizer: TextTokenizer, name: str, allow_empty: bool) -> list[list[int]]:
    encoded = [tokenizer.encode(text) for text in texts]
    if not allow_empty:
        for row, (numbers, text) in enumerate(zip(encoded, texts, strict=True)):
            check_not_empty(numbers, text, f"{name}[{row}]")
    return encoded
