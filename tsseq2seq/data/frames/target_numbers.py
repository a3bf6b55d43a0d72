"""Targets as numbers, whatever type holds them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.column_values import read_numbers, value_kind
from tsseq2seq.errors import DataError, shown

__all__ = ["holds_numbers", "target_numbers"]


def holds_numbers(column: pd.Series) -> bool:
    """Whether a column may be a target: numbers, of Python objects too, and booleans of a type of their own.

    Examples
    --------
    >>> holds_numbers(pd.Series([1, None], dtype=object)), holds_numbers(pd.Series(["1", "2"]))
    (True, False)
    """
    kind = column.dtype
    if pd.api.types.is_numeric_dtype(kind):
        return not pd.api.types.is_complex_dtype(kind)
    return pd.api.types.is_object_dtype(kind) and value_kind(column) == "numbers"


def target_numbers(column: pd.Series, name: str) -> np.ndarray:
    """Return a target as float64, NaN where a value is missing.

    Parameters
    ----------
    column
        What was given.
    name
        What messages call it.

    Raises
    ------
    DataError
        If it holds no numbers; the message shows the first that is none, and how to convert it.
    """
    if holds_numbers(column):
        return read_numbers(column)
    text = column.map(lambda value: isinstance(value, str)).to_numpy()
    row = int(np.argmax(text)) if text.any() else 0
    value = shown(column.iloc[row]) if len(column) else "nothing"
    raise DataError(
        f"{name} has the type {column.dtype}; a target must be numeric. Row {row} holds "
        f"{value if len(value) <= 60 else value[:57] + '…'}. Convert numbers that are text with "
        "pd.to_numeric, once their notation is plain: 1234.5"
    )
