"""The names of categories: one for all the ways in which files and libraries write a value.

A history that pandas wrote holds ``True`` and ``1.0`` where a horizon that Excel wrote holds ``TRUE``
and ``1``. Training keeps apart what is written differently, unless it means the same for certain; what
is given later is first looked for as it is written, then as what else it may mean, and taken if just
one category of training does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

__all__ = ["Unseen", "category_codes", "category_names"]

#: Values that training did not see, and their number of rows; the name of a blank one is None.
Unseen = dict[str | None, int]

_TRUTH = {"true": True, "false": False, "1": True, "0": False}
_WORDS = _TRUTH | dict.fromkeys(("yes", "y", "t", "on"), True) | dict.fromkeys(("no", "n", "f", "off"), False)
_NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?")


def category_names(column: pd.Series) -> pd.Series:
    """Return what each row of a training column is called, None where it is blank or missing.

    Blanks around a name are dropped, whole numbers lose their ``.0``, and a column of truth values has
    the names ``True`` and ``False`` however they are written.

    Examples
    --------
    >>> category_names(pd.Series(["a", "a ", " "])).tolist()
    ['a', 'a', None]
    >>> category_names(pd.Series([True, "FALSE", 1], dtype=object)).tolist()
    ['True', 'False', 'True']
    """
    codes, values = _distinct(column)
    names = [_name(value) for value in values]
    truths = [None if name is None else _TRUTH.get(_plain(name).casefold()) for name in names]
    given = [(name, truth) for name, truth in zip(names, truths, strict=True) if name is not None]
    if all(truth is not None for _, truth in given) and any(name[0] in "tTfF" for name, _ in given):
        names = [None if truth is None else str(truth) for truth in truths]
    table = np.array([*names, None], dtype=object)  # the last is for what is missing, -1
    return pd.Series(table[codes], index=column.index, name=column.name, dtype=object)


def category_codes(column: pd.Series, categories: Sequence[str]) -> tuple[np.ndarray, Unseen]:
    """Return the code of each row, 0 where training did not see it, and what was not seen.

    Parameters
    ----------
    column
        What was given.
    categories
        Those of training; code 1 is the first.

    Examples
    --------
    >>> codes, unseen = category_codes(pd.Series([1, 0, None, 7], dtype=object), ["True", "False"])
    >>> codes.tolist(), unseen
    ([1, 2, 0, 0], {'7': 1, None: 1})
    """
    of_row, values = _distinct(column)
    find = _Finder(categories)
    found = np.array([*(find(value) for value in values), 0], dtype=np.int64)
    counts = np.bincount(of_row + 1, minlength=len(values) + 1)
    unseen: Unseen = {}
    for value, code, count in zip([*values, None], found, [*counts[1:], counts[0]], strict=True):
        if code == 0 and count:
            name = _name(value)
            unseen[name] = unseen.get(name, 0) + int(count)
    return found[of_row], unseen


class _Finder:
    """Finds the code of a value: as it is written, as it is called, as a number, as a truth value."""

    def __init__(self, categories: Sequence[str]) -> None:
        numbered = list(enumerate(categories, start=1))
        names = [(_name(text) or text, code) for code, text in numbered]
        truths = [(_WORDS.get(_plain(name).casefold()), code) for name, code in names]
        self.written = {text: code for code, text in numbered}
        self.named = _unambiguous(names)
        self.plain = _unambiguous((_plain(name), code) for name, code in names)
        # {"on", "new"} are no truth values
        self.truths = {} if any(truth is None for truth, _ in truths) else _unambiguous(truths)

    def __call__(self, value: object) -> int:
        code = self.written.get(str(value))
        if code is not None:
            return code
        name = _name(value)
        if name is None:
            return 0
        plain = _plain(name)
        truth = _WORDS.get(plain.casefold())
        for code in (self.written.get(name), self.named.get(name), self.plain.get(plain)):
            if code is not None:
                return code
        return 0 if truth is None else self.truths.get(truth, 0)


def _unambiguous(pairs: Iterable[tuple[object, int]]) -> dict[object, int]:
    """Return the code of each key that has just one."""
    codes: dict[object, set[int]] = {}
    for key, code in pairs:
        codes.setdefault(key, set()).add(code)
    return {key: min(several) for key, several in codes.items() if len(several) == 1}


def _distinct(column: pd.Series) -> tuple[np.ndarray, list[object]]:
    """Return which distinct value each row has, -1 where it is missing, and the values."""
    codes, values = pd.factorize(column)
    return codes, list(values)


def _name(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip() or None
    if isinstance(value, float | np.floating) and np.isfinite(value) and float(value).is_integer():
        return str(int(value))
    return _plain(str(value))


def _plain(name: str) -> str:
    """Return a number without zeros at its end; 007 is a name."""
    if _NUMBER.fullmatch(name) is None:
        return name
    return format(Decimal(name).normalize() + 0, "f")
