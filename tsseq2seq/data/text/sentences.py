"""Checks of the sentences that a user passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from pandas import isna
from pandas.api.types import is_scalar

from tsseq2seq.data.text.cleaning import check_surrogates
from tsseq2seq.errors import DataError, ParameterTypeError, shown

__all__ = ["check_not_empty", "checked_pairs", "checked_sentences"]


def checked_pairs(
    sources: Iterable[str], targets: Iterable[str], *, allow_empty: bool = False
) -> tuple[list[str], list[str]]:
    """Return source and target sentences as lists.

    Parameters
    ----------
    sources, targets
        As in :func:`checked_sentences`, as many of both.
    allow_empty
        As in :func:`checked_sentences`.

    Raises
    ------
    DataError, ParameterTypeError
        As in :func:`checked_sentences`; also if the numbers of sources and targets differ, or are 0.

    Examples
    --------
    >>> checked_pairs(("yes", "no"), ["oui", "non"])
    (['yes', 'no'], ['oui', 'non'])
    """
    source_list = checked_sentences(sources, "sources", allow_empty=allow_empty)
    target_list = checked_sentences(targets, "targets", allow_empty=allow_empty)
    if len(source_list) != len(target_list):
        raise DataError(
            f"there are {len(source_list)} sources and {len(target_list)} targets; each source needs its own "
            "target"
        )
    if not source_list:
        raise DataError("sources and targets are empty; at least one pair is needed")
    return source_list, target_list


def checked_sentences(texts: Iterable[str], name: str = "sources", *, allow_empty: bool = True) -> list[str]:
    """Return sentences as a list.

    Parameters
    ----------
    texts
        A list, tuple, array, Series or other ordered collection of str.
    name
        Name of the sentences in messages.
    allow_empty
        Whether a sentence may be empty. In training it may not, as an empty sentence nearly always means that
        two files do not match line by line. In translation it may: it is a source of length 0.

    Raises
    ------
    ParameterTypeError
        If ``texts`` is one str, a frame, a mapping, a set, or not a collection.
    DataError
        Naming the first sentence that is not a str, holds a lone surrogate, or is empty.
    """
    listed = _listed(texts, name)
    for row, text in enumerate(listed):
        if not isinstance(text, str):
            raise DataError(
                f"{name}[{row}] is {shown(text)}, a {type(text).__name__}; every sentence must be a str"
                f"{_way_out(text)}"
            )
        check_surrogates(text, f"{name}[{row}]")
        if not allow_empty:
            check_not_empty(text.strip(), text, f"{name}[{row}]")
    return [str(text) for text in listed]


def check_not_empty(cleaned: str | list[int], text: str, name: str) -> None:
    """Refuse a sentence that is empty after cleaning.

    Parameters
    ----------
    cleaned
        The sentence after cleaning, or its token numbers.
    text
        The sentence before.
    name
        Name of the sentence in messages.

    Raises
    ------
    DataError
        Naming the sentence.
    """
    if not cleaned:
        shown = "is empty" if not text.strip() else f"is {text[:40]!r}, of which cleaning leaves nothing"
        raise DataError(f"{name} {shown}; leave the pair out, or see whether the lines of both sides match")


def _listed(texts: object, name: str) -> list[Any]:
    wanted = "it must be a list (or array, or Series) of str"
    if isinstance(texts, str | bytes):
        raise ParameterTypeError(f"{name} is one {type(texts).__name__}, {texts[:40]!r}; {wanted}")
    unordered = isinstance(texts, Mapping | Set) or hasattr(texts, "columns")
    # an array without axes has __iter__, but nothing to iterate over
    if unordered or not isinstance(texts, Iterable) or getattr(texts, "ndim", 1) == 0:
        raise ParameterTypeError(f"{name} is a {type(texts).__name__}; {wanted}")
    return list(texts)


def _way_out(text: Any) -> str:  # noqa: ANN401 (of any type)
    """Return how to make a sentence of what is none."""
    if isinstance(text, list | tuple) and all(isinstance(token, str) for token in text):
        return '. If these are its tokens, join them, as with " ".join(tokens), and take tokenizer="word"'
    if isinstance(text, bytes):
        return '; decode it, as with text.decode("utf-8")'
    if hasattr(text, "as_py"):
        return "; make a list of them first, as with to_pylist()"
    if is_scalar(text) and isna(text):
        return "; a missing one must be left out, with its pair"
    return ""
