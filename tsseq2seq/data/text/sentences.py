"""Checks on the sentences that a user passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from tsseq2seq.data.text.cleaning import check_surrogates
from tsseq2seq.errors import DataError, ParameterTypeError

__all__ = ["check_not_empty", "checked_pairs", "checked_sentences"]


def checked_pairs(
    sources: Iterable[str], targets: Iterable[str], *, allow_empty: bool = False
) -> tuple[list[str], list[str]]:
    """Return sentences to read and what to write for each, as lists.

    Parameters
    ----------
    sources, targets
        As in :func:`checked_sentences`, the same number of both.
    allow_empty
        As in :func:`checked_sentences`.

    Raises
    ------
    DataError, ParameterTypeError
        As :func:`checked_sentences`, and if there are not as many of the one as of the other.

    Examples
    --------
    >>> checked_pairs(("yes", "no"), ["oui", "non"])
    (['yes', 'no'], ['oui', 'non'])
    """
    read = checked_sentences(sources, "sources", allow_empty=allow_empty)
    written = checked_sentences(targets, "targets", allow_empty=allow_empty)
    if len(read) != len(written):
        raise DataError(
            f"there are {len(read)} sources and {len(written)} targets; each source needs its own target"
        )
    if not read:
        raise DataError("sources and targets are empty; at least one pair is needed")
    return read, written


def checked_sentences(texts: Iterable[str], name: str = "sources", *, allow_empty: bool = True) -> list[str]:
    """Return sentences as a list.

    Parameters
    ----------
    texts
        A list, tuple, array, Series or other ordered collection of str.
    name
        How a message calls them.
    allow_empty
        Whether a sentence may be empty. To learn from, it may not: nearly always two files do not
        match line by line. To be translated, it may: it is a source of length 0.

    Raises
    ------
    ParameterTypeError
        If ``texts`` is one str, a frame, a mapping, a set, or no collection at all.
    DataError
        Naming the first sentence that is not a str, holds a lone surrogate, or is empty.
    """
    listed = _listed(texts, name)
    for row, text in enumerate(listed):
        if not isinstance(text, str):
            raise DataError(
                f"{name}[{row}] is {text!r}, a {type(text).__name__}; every sentence must be a str"
            )
        check_surrogates(text, f"{name}[{row}]")
        if not allow_empty:
            check_not_empty(text.strip(), text, f"{name}[{row}]")
    return [str(text) for text in listed]


def check_not_empty(left: str | list[int], text: str, name: str) -> None:
    """Refuse a sentence of which nothing is left.

    Raises
    ------
    DataError
        Naming the sentence.
    """
    if not left:
        shown = "is empty" if not text.strip() else f"is {text[:40]!r}, of which cleaning leaves nothing"
        raise DataError(f"{name} {shown}; leave the pair out, or see whether the lines of both sides match")


def _listed(texts: object, name: str) -> list[Any]:
    wanted = "it must be a list (or array, or Series) of str"
    if isinstance(texts, str | bytes):
        raise ParameterTypeError(f"{name} is one {type(texts).__name__}, {texts[:40]!r}; {wanted}")
    unordered = isinstance(texts, Mapping | Set) or hasattr(texts, "columns")
    if unordered or not isinstance(texts, Iterable):
        raise ParameterTypeError(f"{name} is a {type(texts).__name__}; {wanted}")
    return list(texts)
