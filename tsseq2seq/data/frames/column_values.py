"""What the values of a column are, whatever type holds them: numbers, booleans, names or time."""

from __future__ import annotations

import datetime
import numbers
from decimal import Decimal
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from tsseq2seq.errors import DataError, shown

__all__ = ["ValueKind", "first_value", "read_numbers", "value_kind"]

#: ``"empty"``: nothing but missing values; ``"other"``: what no column of a frame should hold.
ValueKind: TypeAlias = Literal["numbers", "booleans", "names", "time", "empty", "other"]

# What pandas calls the values of a column of Python objects.
_INFERRED: dict[str, ValueKind] = {
    "integer": "numbers",
    "floating": "numbers",
    "mixed-integer-float": "numbers",
    "decimal": "numbers",
    "boolean": "booleans",
    "string": "names",
    "interval": "names",
    "date": "time",
    "datetime": "time",
    "datetime64": "time",
    "timedelta": "time",
    "timedelta64": "time",
    "time": "time",
    "period": "time",
    "empty": "empty",
}
_TIME = (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64, pd.Period)


def value_kind(column: pd.Series) -> ValueKind:
    """Return what the values of a column are.

    A column of Python objects is what its values are: integers beside None, or decimals, are numbers.
    A pandas categorical holds names, whatever its categories are.

    Examples
    --------
    >>> value_kind(pd.Series([1, None, 3], dtype=object))
    'numbers'
    >>> value_kind(pd.Series(pd.to_datetime(["2024-01-01"])))
    'time'
    """
    kind, types = column.dtype, pd.api.types
    if isinstance(kind, pd.CategoricalDtype | pd.StringDtype | pd.IntervalDtype):
        return "names"
    if types.is_bool_dtype(kind):
        return "booleans"
    if types.is_complex_dtype(kind):
        return "other"
    if types.is_numeric_dtype(kind):
        return "numbers"
    if types.is_datetime64_any_dtype(kind) or types.is_timedelta64_dtype(kind):
        return "time"
    inferred = types.infer_dtype(column, skipna=True)
    return _INFERRED[inferred] if inferred in _INFERRED else _mixed_kind(column)


def read_numbers(column: pd.Series) -> np.ndarray:
    """Return a column of numbers as float64, NaN where one is missing.

    Raises
    ------
    DataError
        If a number is too large.

    Examples
    --------
    >>> read_numbers(pd.Series([Decimal("1.5"), None], dtype=object))
    array([1.5, nan])
    """
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    objects = column.astype(object)
    try:
        return objects.where(objects.notna(), np.nan).to_numpy(dtype=np.float64)
    except OverflowError as error:
        raise DataError(f"column {column.name!r} holds a number beyond what 64 bits can hold") from error


def first_value(column: pd.Series) -> tuple[int, str]:
    """Return the row of the first value that is not missing, and the value as a message shows it."""
    there = column.notna().to_numpy()
    row = int(np.argmax(there)) if there.any() else 0
    return row, shown(column.iloc[row]) if len(column) else "nothing"


def _mixed_kind(column: pd.Series) -> ValueKind:
    kinds = set(column[column.notna()].map(type))
    if any(issubclass(kind, _TIME) for kind in kinds):
        return "time"
    if all(_is_number(kind) for kind in kinds):
        return "numbers"
    named = all(issubclass(kind, str | bool | np.bool_ | pd.Interval) or _is_number(kind) for kind in kinds)
    return "names" if named else "other"


def _is_number(kind: type) -> bool:
    return issubclass(kind, numbers.Real | Decimal | np.floating | np.integer) and not issubclass(kind, bool)
