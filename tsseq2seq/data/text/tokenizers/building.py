"""Build a tokeniser: choose it by name and fit it, or restore a saved one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tsseq2seq.data.text.cleaning import Cleaning, check_surrogates
from tsseq2seq.data.text.tokenizers.base import TextTokenizer
from tsseq2seq.data.text.tokenizers.bpe import BytePairTokenizer
from tsseq2seq.data.text.tokenizers.listed import SPLITTERS, ListedTokenizer
from tsseq2seq.data.text.tokenizers.splitters import CallablePair
from tsseq2seq.data.text.vocabulary import SPECIAL, Vocabulary
from tsseq2seq.errors import ParameterError, ParameterTypeError, shown
from tsseq2seq.settings import check_number

__all__ = ["build_tokenizer", "given_vocabulary", "tokenizer_from_parts"]

_NAMES = (*SPLITTERS, "bpe")


def build_tokenizer(
    tokenizer: str | TextTokenizer | tuple[Callable[[str], list[str]], Callable[[list[str]], str]],
    texts: Iterable[str],
    *,
    cleaning: Cleaning = Cleaning(),
    min_count: int = 1,
    max_size: int | None = None,
    vocabulary: Iterable[str] | None = None,
) -> TextTokenizer:
    """Return a tokeniser fitted to texts.

    Parameters
    ----------
    tokenizer
        ``"char"``: the tokens are Unicode characters. ``"word"``: the parts between blanks; cleaning with
        ``punctuation="separate"`` makes punctuation marks tokens of their own. ``"bpe"``: pieces of words,
        learned by the ``tokenizers`` library. Or a pair of functions, from a cleaned sentence to a list of
        str and back; such a tokeniser cannot be saved. Or a fitted tokeniser, which is returned as it is.
    texts
        Sentences from which the vocabulary is collected.
    cleaning
        Cleaning of sentences before they are split.
    min_count
        The least number of occurrences of a token. Rarer tokens are encoded as UNK. 1.
    max_size
        Tokens at the most, including the four special ones. None: all; 8,000 for ``"bpe"``.
    vocabulary
        The tokens, in the order of their numbers, without the special ones. None: collected from ``texts``.

    Raises
    ------
    ParameterError, ParameterTypeError
        If ``tokenizer`` is none of these, or a number is out of range.
    DataError
        If no token remains, or a sentence holds a lone surrogate.
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
    if isinstance(tokenizer, TextTokenizer):
        _refuse_beside("tokenizer is a fitted one", min_count, max_size, vocabulary=vocabulary)
        if tokenizer.cleaning != cleaning:
            raise ParameterError(
                f"tokenizer is a fitted one with {tokenizer.cleaning}, but cleaning is {cleaning}; give the "
                "same"
            )
        return tokenizer
    check_number("tokenizer", "min_count", min_count, low=1, integer=True)
    check_number("tokenizer", "max_size", max_size, low=len(SPECIAL) + 1, integer=True, optional=True)
    if isinstance(tokenizer, str) and tokenizer == "word" and cleaning.whitespace == "keep":
        raise ParameterError(
            "tokenizer is 'word', which splits at whitespace and writes one blank between words, but "
            "cleaning has whitespace='keep'; it must be 'char', 'bpe' or a pair of functions"
        )
    if isinstance(tokenizer, str) and tokenizer == "bpe":
        if vocabulary is not None:
            raise ParameterError(
                "tokenizer is 'bpe', whose pieces are learned together with the rules that make them, but a "
                "vocabulary is given; use 'char' or 'word', or leave the vocabulary out"
            )
        return BytePairTokenizer.fit(texts, cleaning=cleaning, min_count=min_count, max_size=max_size)
    if isinstance(tokenizer, str) and tokenizer in SPLITTERS:
        splitter: Any = SPLITTERS[tokenizer]()
    elif (
        isinstance(tokenizer, tuple | list)
        and len(tokenizer) == 2
        and all(callable(part) for part in tokenizer)
    ):
        splitter = CallablePair(tokenizer[0], tokenizer[1])
    else:
        names = ", ".join(repr(name) for name in _NAMES)
        raise ParameterError(f"tokenizer is {tokenizer!r}; it must be one of {names}, or a pair of functions")
    if vocabulary is not None:
        return ListedTokenizer(splitter, given_vocabulary(vocabulary, min_count, max_size), cleaning)
    return ListedTokenizer.fit(splitter, texts, cleaning=cleaning, min_count=min_count, max_size=max_size)


def given_vocabulary(
    vocabulary: Iterable[str], min_count: int = 1, max_size: int | None = None
) -> Vocabulary:
    """Return the vocabulary of the tokens that a user lists.

    Parameters
    ----------
    vocabulary
        The tokens, in the order of their numbers, without the special ones.
    min_count, max_size
        As of :func:`build_tokenizer`; they must be left out.

    Raises
    ------
    ParameterError, ParameterTypeError
        If it is no list of tokens, or a number beside it decides which tokens there are.

    Examples
    --------
    >>> given_vocabulary(["the", "cat"]).encode(["cat", "dog"])
    [5, 3]
    """
    _refuse_beside("vocabulary is given", min_count, max_size)
    return Vocabulary((*SPECIAL, *_checked_tokens(vocabulary)))


def _refuse_beside(
    what: str, min_count: int, max_size: int | None, *, vocabulary: Iterable[str] | None = None
) -> None:
    """Refuse settings that decide which tokens there are, where that is decided already."""
    for name, value, default in (
        ("min_count", min_count, 1),
        ("max_vocabulary", max_size, None),
        ("vocabulary", vocabulary, None),
    ):
        if value is not default and value != default:
            raise ParameterError(
                f"{what}, so that its tokens are known, but {name} is {shown(value)}; leave one of them out"
            )


def _checked_tokens(vocabulary: Iterable[str]) -> list[str]:
    """Return the tokens of a user's vocabulary."""
    if isinstance(vocabulary, str) or not isinstance(vocabulary, Iterable):
        raise ParameterTypeError(f"vocabulary is {shown(vocabulary)}; it must be a list of tokens")
    tokens = list(vocabulary)
    for place, token in enumerate(tokens):
        if not isinstance(token, str):
            raise ParameterTypeError(f"vocabulary[{place}] is {shown(token)}; every token must be a str")
        check_surrogates(token, f"vocabulary[{place}]")
    return tokens


def tokenizer_from_parts(parts: dict[str, Any]) -> TextTokenizer:
    """Return the tokeniser of the parts that its ``to_parts`` returned.

    Examples
    --------
    >>> tokenizer = build_tokenizer("char", ["abba"])
    >>> tokenizer_from_parts(tokenizer.to_parts()).encode("ab") == tokenizer.encode("ab")
    True
    """
    cleaning = Cleaning(**parts["cleaning"])
    if parts["kind"] == "bpe":
        return BytePairTokenizer(parts["trained"], cleaning)
    splitter = SPLITTERS[parts["kind"]]()
    return ListedTokenizer(splitter, Vocabulary.from_parts(parts["vocabulary"]), cleaning)
