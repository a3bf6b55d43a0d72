"""The classes of labels: which there are, in their order, and their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from pandas import isna
from pandas.api.types import is_scalar
from sklearn.utils import column_or_1d

from tsseq2seq.errors import DataError, ParameterTypeError, shown

__all__ = ["Classes", "Label", "listed_labels"]

#: What a label may be; all labels of a model are of one type.
Label: TypeAlias = str | bool | int | float


@dataclass(frozen=True)
class Classes:
    """The different labels of a fit, sorted.

    Attributes
    ----------
    values
        The labels, each once, all of one type.

    Examples
    --------
    >>> classes = Classes.of(["dog", "cat", "dog"])
    >>> classes.values, classes.numbers(["dog", "cat"], ["y[0]", "y[1]"])
    (('cat', 'dog'), [1, 0])
    """

    values: tuple[Label, ...]

    @classmethod
    def of(cls, labels: Iterable[Label]) -> Classes:
        """Return the classes of labels that :func:`listed_labels` returned."""
        return cls(tuple(sorted(set(labels))))

    def __len__(self) -> int:
        """Return the number of classes."""
        return len(self.values)

    @property
    def array(self) -> np.ndarray:
        """(K,), the classes as scikit-learn's ``classes_``."""
        # numpy's own texts would lose a zero at their end
        kind = object if isinstance(self.values[0], str) else None
        return np.array(self.values, dtype=kind)

    def numbers(self, labels: Iterable[Label], names: Iterable[str]) -> list[int]:
        """Return the numbers of labels.

        Parameters
        ----------
        labels
            The labels.
        names
            What each is called in messages.

        Raises
        ------
        DataError
            Naming the first label that the fit has not seen.
        """
        numbers = []
        for label, name in zip(labels, names, strict=False):
            number = self._numbers.get((isinstance(label, str | bool), label))
            if number is None:
                known = ", ".join(shown(value) for value in self.values[:10])
                more = f" and {len(self) - 10} more" if len(self) > 10 else ""
                raise DataError(
                    f"{name} is {shown(label)}, which the fit has not seen; the classes are {known}{more}"
                )
            numbers.append(number)
        return numbers

    @cached_property
    def _numbers(self) -> dict[tuple[bool, Label], int]:
        # True is equal to 1, but is another label
        return {(isinstance(value, str | bool), value): place for place, value in enumerate(self.values)}


def listed_labels(labels: object, name: str = "y") -> list[Label]:
    """Return labels as a list of Python's own values, all of one type; integers among floats become floats.

    Parameters
    ----------
    labels
        A list, array or Series.
    name
        Their name in messages.

    Raises
    ------
    ParameterTypeError
        If they are no ordered collection.
    DataError
        Naming the first that is missing, of another type than the first, or no label.

    Examples
    --------
    >>> listed_labels(np.array([3, 1])), listed_labels([True, False])
    ([3, 1], [True, False])
    """
    if labels is None:
        raise DataError(
            f"{name} is None: labels are needed (requires y to be passed, but the target y is None)"
        )
    if hasattr(labels, "columns") or getattr(labels, "ndim", 1) == 2:
        labels = _column(labels, name)
    if not isinstance(labels, Iterable) and hasattr(labels, "__array__"):
        labels = np.asarray(labels)
    if isinstance(labels, str | bytes | dict | set) or not isinstance(labels, Iterable):
        raise ParameterTypeError(f"{name} is a {type(labels).__name__}; it must be a list of labels")
    plain = [_plain(label, f"{name}[{row}]") for row, label in enumerate(labels)]
    kinds = [type(label).__name__ for label in plain]
    if set(kinds) == {"int", "float"}:
        return [float(label) for label in plain]
    for row, kind in enumerate(kinds):
        if kind != kinds[0]:
            raise DataError(
                f"{name}[{row}] is {shown(plain[row])}, a {kind}, and {name}[0] is {shown(plain[0])}, a "
                f"{kinds[0]}; all labels must be of one type"
            )
    return plain


def _column(labels: Any, name: str) -> np.ndarray:  # noqa: ANN401 (an array or a frame)
    """Return a single column as scikit-learn does, with its warning."""
    try:
        return column_or_1d(labels, warn=True)
    except ValueError as error:
        raise DataError(f"{name} has several columns: {error}") from error


def _plain(label: Any, name: str) -> Label:  # noqa: ANN401 (of any type)
    """Return a label as Python's own value."""
    value = label.item() if isinstance(label, np.generic) else label
    if is_scalar(value) and not isinstance(value, str | bytes) and isna(value):
        raise DataError(f"{name} is missing ({shown(value)}); leave it out, with its sequence")
    if isinstance(value, complex):
        raise DataError(
            f"{name} is {value}. Complex data not supported; a label must be a str, an int or a bool"
        )
    if isinstance(value, float) and not value.is_integer():
        raise DataError(
            f"{name} is {shown(value)}. Unknown label type: continuous; labels are classes (str, int, bool), "
            "and numbers are forecast by Seq2SeqForecaster"
        )
    # what is derived from these, such as an enumeration, would be saved as another type
    if type(value) not in (str, bool, int, float):
        raise DataError(
            f"{name} is {shown(value)}, a {type(value).__name__}; a label must be a str, an int or a bool"
        )
    return value
