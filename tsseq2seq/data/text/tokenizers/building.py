"""Choosing, fitting and restoring a tokeniser."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.tokenizers.base import TextTokenizer
from tsseq2seq.data.text.tokenizers.bpe import BytePairTokenizer
from tsseq2seq.data.text.tokenizers.listed import SPLITTERS, ListedTokenizer
from tsseq2seq.data.text.tokenizers.splitters import CallablePair
from tsseq2seq.data.text.vocabulary import SPECIAL, Vocabulary
from tsseq2seq.errors import ParameterError
from tsseq2seq.settings import check_number

__all__ = ["build_tokenizer", "tokenizer_from_parts"]

_KINDS = (*SPLITTERS, "bpe")


def build_tokenizer(
    kind: str | tuple[Callable[[str], list[str]], Callable[[list[str]], str]],
    texts: Iterable[str],
    *,
    cleaning: Cleaning = Cleaning(),
    min_count: int = 1,
    max_size: int | None = None,
) -> TextTokenizer:
    """Fit a tokeniser to texts.

    Parameters
    ----------
    kind
        ``"char"``: Unicode characters. ``"word"``: what stands between blanks; cleaning with
        ``punctuation="separate"`` makes marks tokens of their own. ``"bpe"``: pieces of words, learnt by
        the ``tokenizers`` library. Or two functions, from a cleaned sentence to a list of str and back; such
        a tokeniser cannot be saved.
    texts
        Sentences to collect the vocabulary from.
    cleaning
        What happens to a sentence before it is cut.
    min_count
        Tokens seen less often are read as unknown.
    max_size
        Tokens at the most, the four special ones included. None: all; 8,000 for ``"bpe"``.

    Raises
    ------
    ParameterError, ParameterTypeError
        If ``kind`` is none of these, or a number is out of range.
    DataError
        If no token is left, or a sentence holds a lone surrogate.
    MissingDependencyError
        If ``"bpe"`` is asked for and the ``tokenizers`` library is not installed.

    Examples
    --------
    >>> tokenizer = build_tokenizer("char", ["abba"])
    >>> tokenizer.encode("bad")
    [5, 4, 3]
    >>> tokenizer.decode([5, 4, 2])
    'ba'
    """
    check_number("tokenizer", "min_count", min_count, low=1, integer=True)
    check_number("tokenizer", "max_size", max_size, low=len(SPECIAL) + 1, integer=True, optional=True)
    if isinstance(kind, str) and kind == "word" and cleaning.whitespace == "keep":
        raise ParameterError(
            "tokenizer is 'word', which cuts at whitespace and writes one blank between words, but cleaning "
            "has whitespace='keep'; it must be 'char', 'bpe' or a pair of functions"
        )
    if isinstance(kind, str) and kind == "bpe":
        return BytePairTokenizer.fit(texts, cleaning=cleaning, min_count=min_count, max_size=max_size)
    if isinstance(kind, str) and kind in SPLITTERS:
        splitter: Any = SPLITTERS[kind]()
    elif isinstance(kind, tuple | list) and len(kind) == 2 and all(callable(part) for part in kind):
        splitter = CallablePair(kind[0], kind[1])
    else:
        names = ", ".join(repr(name) for name in _KINDS)
        raise ParameterError(f"tokenizer is {kind!r}; it must be one of {names}, or a pair of functions")
    return ListedTokenizer.fit(splitter, texts, cleaning=cleaning, min_count=min_count, max_size=max_size)


def tokenizer_from_parts(parts: dict[str, Any]) -> TextTokenizer:
    """Put together again what a tokeniser's ``to_parts`` returned."""
    cleaning = Cleaning(**parts["cleaning"])
    if parts["kind"] == "bpe":
        return BytePairTokenizer(parts["trained"], cleaning)
    splitter = SPLITTERS[parts["kind"]]()
    return ListedTokenizer(splitter, Vocabulary.from_parts(parts["vocabulary"]), cleaning)
