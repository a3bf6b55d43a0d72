"""What a user passes as sources: texts, lists of tokens, or arrays of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from pandas.api.types import is_list_like

from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.sentences import checked_sentences
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.data.text.unlisted import warn_of_words_not_listed
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError
from tsseq2seq.labelling.readers import ArrayReader, Reader, Sequences, TextReader, TokenReader

__all__ = ["Tokens", "fit_reader", "listed_sources", "read_sources"]

_WANTED = "it must be a list of texts, of lists of tokens, or of arrays (T, F), steps by features"


@dataclass(frozen=True)
class Tokens:
    """How texts become tokens, and tokens numbers.

    Attributes
    ----------
    tokenizer, cleaning, min_count, max_size, vocabulary
        As of :func:`~tsseq2seq.data.text.tokenizers.build_tokenizer`. Lists of tokens need no tokeniser.
    """

    tokenizer: Any
    cleaning: Cleaning
    min_count: int
    max_size: int | None
    vocabulary: Iterable[str] | None = None


def listed_sources(sources: object) -> tuple[str, list[Any]]:
    """Return of which kind sources are (that of a reader), and a list of them.

    An array or frame of numbers with two dimensions is that of scikit-learn: each row is a sequence, of one
    feature.

    Raises
    ------
    ParameterTypeError
        If they are one str, a mapping, a set, a sparse matrix, or no collection.

    Examples
    --------
    >>> listed_sources(["a text"])[0], listed_sources([["a", "token"]])[0], listed_sources([[1.0, 2.0]])[0]
    ('texts', 'lists of tokens', 'arrays')
    >>> [row.shape for row in listed_sources(np.zeros((2, 5)))[1]]
    [(5, 1), (5, 1)]
    """
    _check_collection(sources)
    table: Any = sources if isinstance(sources, Iterable) else np.asarray(sources)
    if hasattr(table, "columns"):
        table = table.to_numpy()
    if isinstance(table, np.ndarray) and table.ndim == 2:
        return _rows(table)
    if isinstance(table, np.ndarray) and table.ndim == 1 and table.dtype.kind in "buif":
        raise DataError(
            f"X is one array of shape {table.shape}. Reshape your data: [X] is a single sequence, and "
            "X[:, None] as many sequences of one step"
        )
    items = list(table)
    if any(isinstance(item, str) for item in items):
        return TextReader.kind, items
    if any(isinstance(_first(item), str) for item in items):
        return TokenReader.kind, items
    return ArrayReader.kind, items


def fit_reader(
    sources: object, tokens: Tokens, *, rows: Sequence[int] | None = None
) -> tuple[Reader, Sequences]:
    """Return a reader of sources like these, and these as numbers.

    Parameters
    ----------
    sources
        The sources of a fit; none may be empty.
    tokens
        How texts and tokens are read.
    rows
        The sources that are trained on, from which the reader learns; all are read. None: all.

    Raises
    ------
    DataError, ParameterTypeError
        As :func:`listed_sources`; also if there is no source, or one is empty or not like the others.
    ParameterError
        If a vocabulary is given for arrays.

    Warns
    -----
    DataWarning
        If sources have tokens that the vocabulary given has not.
    """
    kind, items = listed_sources(sources)
    if not items:
        raise DataError("X is empty; at least one sequence is needed")
    reader: Reader
    if kind == TextReader.kind:
        texts = checked_sentences(items, "X", allow_empty=False)
        tokenizer = build_tokenizer(
            tokens.tokenizer,
            texts if rows is None else [texts[row] for row in rows],
            cleaning=tokens.cleaning,
            min_count=tokens.min_count,
            max_size=tokens.max_size,
            vocabulary=tokens.vocabulary,
        )
        reader = TextReader(tokenizer)
    elif kind == TokenReader.kind:
        reader = TokenReader.fit(
            items, tokens.cleaning, tokens.min_count, tokens.max_size, tokens.vocabulary, rows
        )
    else:
        if tokens.vocabulary is not None:
            raise ParameterError(
                "vocabulary is given, but X holds arrays, which have no tokens; leave it out"
            )
        reader = ArrayReader.fit(items, rows)
    sequences = reader.read(items, allow_empty=False)
    warn_of_words_not_listed("X", sequences, items, tokens.vocabulary, unit="sequences")
    return reader, sequences


def read_sources(sources: object, reader: Reader, *, allow_empty: bool = False) -> Sequences | None:
    """Return sources as numbers, by the reader of a fit; None if there is no source.

    Raises
    ------
    DataError, ParameterTypeError
        If they are of another kind than those of the fit, or as of the reader.
    """
    kind, items = listed_sources(sources)
    if not items:
        return None
    all_empty = kind == ArrayReader.kind and all(is_list_like(item) and not len(item) for item in items)
    if kind != reader.kind and not (all_empty and reader.kind == TokenReader.kind):
        raise DataError(f"X holds {kind}, but the model was fitted on {reader.kind}")
    return reader.read(items, allow_empty=allow_empty)


def _check_collection(sources: object) -> None:
    if isinstance(sources, str | bytes):
        raise ParameterTypeError(f"X is one {type(sources).__name__}, {sources[:40]!r}; {_WANTED}")
    if hasattr(sources, "tocsr"):
        raise ParameterTypeError("X is a sparse matrix, which has no order of steps; use toarray()")
    unordered = isinstance(sources, Mapping | Set)
    has_items = isinstance(sources, Iterable) or hasattr(sources, "__array__")
    if unordered or not has_items or getattr(sources, "ndim", 1) == 0:
        raise ParameterTypeError(f"X is a {type(sources).__name__}; {_WANTED}")


def _rows(table: np.ndarray) -> tuple[str, list[Any]]:
    """Return the rows of a table: of tokens, or sequences of one feature."""
    if table.dtype.kind in "UO" and any(isinstance(_first(row), str) for row in table):
        return TokenReader.kind, list(table)
    if table.dtype.kind == "c":
        raise DataError(f"X is an array of type {table.dtype}. Complex data not supported")
    if table.dtype.kind == "O":
        table = _numeric(table)
    return ArrayReader.kind, list(table[:, :, None])


def _numeric(table: np.ndarray) -> np.ndarray:
    """Return a table of objects as numbers; a text that reads as one is none."""
    for (row, step), value in np.ndenumerate(table):
        if not _is_number(value):
            raise ParameterTypeError(
                f"X[{row}] holds a {type(value).__name__} at step {step}; the argument must be a string at "
                "every step, or a number"
            )
    return table.astype(np.float64)


def _is_number(value: object) -> bool:
    if isinstance(value, str | bytes):
        return False
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def _first(item: object) -> object:
    """Return the first part of a list-like item; None if there is none."""
    if isinstance(item, str) or not is_list_like(item) or getattr(item, "ndim", 1) != 1:
        return None
    return next(iter(item), None)  # type: ignore[call-overload]
