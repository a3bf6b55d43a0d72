"""The labels of steps that a user passes: a list for each sequence, as long as the sequence."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat

from tsseq2seq.errors import DataError, ParameterTypeError, shown
from tsseq2seq.labelling.classes import Classes, Label, listed_labels
from tsseq2seq.labelling.readers import Reader, TextReader

__all__ = ["check_lengths", "listed_tags", "tag_numbers"]


def listed_tags(labels: object) -> list[list[Label]]:
    """Return the labels of sequences as lists of Python's own values, all of one type.

    Raises
    ------
    ParameterTypeError
        If they are no ordered collection.
    DataError
        Naming the first sequence whose labels are no list, or the first label that is missing or of another
        type.

    Examples
    --------
    >>> listed_tags([["B", "O"], ["O"]])
    [['B', 'O'], ['O']]
    """
    if isinstance(labels, str | bytes | dict | set) or not isinstance(labels, Iterable):
        raise ParameterTypeError(f"y is a {type(labels).__name__}; it must be a list of lists of labels")
    rows = [_listed_row(row, f"y[{place}]") for place, row in enumerate(labels)]
    if {type(label) for row in rows for label in row} == {int, float}:
        return [[float(label) for label in row] for row in rows]
    _check_one_type(rows)
    return rows


def tag_numbers(tags: list[list[Label]], classes: Classes) -> list[list[int]]:
    """Return the numbers of labels.

    Raises
    ------
    DataError
        Naming the first label that the fit has not seen.
    """
    return [
        classes.numbers(row, map("y[{}][{}]".format, repeat(place), range(len(row))))
        for place, row in enumerate(tags)
    ]


def check_lengths(steps: list[int], tags: list[list[Label]], reader: Reader) -> None:
    """Refuse labels that are not as many as the steps of their sequence.

    Parameters
    ----------
    steps
        Number of steps of each sequence.
    tags
        The labels of each.
    reader
        What read the sequences.

    Raises
    ------
    DataError
        Naming the first sequence.
    """
    if len(steps) != len(tags):
        raise DataError(f"X has {len(steps)} sequences and y has {len(tags)} lists of labels; each needs one")
    for row, (count, labels) in enumerate(zip(steps, tags, strict=True)):
        if count != len(labels):
            how = " as the tokenizer splits it, after cleaning" if isinstance(reader, TextReader) else ""
            raise DataError(
                f"X[{row}] has {count} steps{how}, and y[{row}] has {len(labels)}; each step needs one label"
            )


def _listed_row(row: object, name: str) -> list[Label]:
    if isinstance(row, str | bytes | dict | set) or not isinstance(row, Iterable):
        raise DataError(f"{name} is {shown(row)}, a {type(row).__name__}; it must be a list of labels")
    return listed_labels(list(row), name)


def _check_one_type(rows: list[list[Label]]) -> None:
    """Refuse labels of several types; those of one row are of one already."""
    first = next((row for row in rows if row), None)
    for place, row in enumerate(rows):
        if row and first and type(row[0]) is not type(first[0]):
            raise DataError(
                f"y[{place}][0] is {shown(row[0])}, a {type(row[0]).__name__}, and those before are of "
                f"type {type(first[0]).__name__}, such as {shown(first[0])}; all labels must be of one type"
            )
