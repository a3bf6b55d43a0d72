"""The type of a column in words that JSON can hold, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from tsseq2seq.errors import DataError, shown

__all__ = ["ColumnType", "as_pandas_type", "empty_column", "pandas_type", "time_type"]

_Values = TypeVar("_Values", pd.Series, pd.Index)


@dataclass(frozen=True)
class ColumnType:
    """The type of a column of series names or time stamps.

    Attributes
    ----------
    name
        What its library calls it: ``"int32"``, ``"period[M]"``, ``"category"``; ``"Int32"``, ``"Date"``.
    categories, categories_type, ordered
        The categories in their order, and the type of pandas' categories. None where there are none.
    zone
        Time zone of a type of another library than pandas, whose ``name`` does not say it.
    """

    name: str
    categories: tuple[Any, ...] | None = None
    categories_type: str | None = None
    ordered: bool = False
    zone: str | None = None


def pandas_type(kind: Any) -> ColumnType | None:  # noqa: ANN401 (a dtype of pandas or numpy)
    """Describe a dtype.

    None for the few that no words bring back, such as Arrow's dictionaries; a forecast then has what
    reading the frame made of the column.

    Examples
    --------
    >>> pandas_type(pd.CategoricalDtype(["b", "a"])).categories
    ('b', 'a')
    """
    if isinstance(kind, pd.CategoricalDtype):
        categories = tuple(kind.categories.tolist())
        return ColumnType("category", categories, str(kind.categories.dtype), bool(kind.ordered))
    if isinstance(kind, pd.StringDtype) and kind.na_value is pd.NA:
        return ColumnType(f"string[{kind.storage}]")
    try:
        pd.api.types.pandas_dtype(str(kind))
    except (TypeError, NotImplementedError):
        return None
    return ColumnType(str(kind))


def time_type(kind: Any) -> ColumnType | None:  # noqa: ANN401
    """Describe a dtype of time stamps; None for text, which is read as datetimes."""
    types = pd.api.types
    is_time = (
        isinstance(kind, pd.PeriodDtype)
        or types.is_datetime64_any_dtype(kind)
        or types.is_integer_dtype(kind)
    )
    return pandas_type(kind) if is_time else None


def as_pandas_type(values: _Values, kind: ColumnType | None) -> _Values:
    """Return names or time stamps in the type that is described; None: as they are.

    Raises
    ------
    DataError
        If the type cannot hold one, as an int8 cannot hold 128.

    Examples
    --------
    >>> as_pandas_type(pd.Series([1, 2]), ColumnType("int32")).dtype
    dtype('int32')
    """
    if kind is None:
        return values
    if kind.categories is not None:
        return _as_categories(values, kind)
    if str(values.dtype) == kind.name:
        return values
    if kind.name.startswith("period["):
        frequency = kind.name.removeprefix("period[").removesuffix("]")
        stamps = pd.DatetimeIndex(values).to_period(frequency)
        return pd.Series(stamps, values.index, name=values.name) if isinstance(values, pd.Series) else stamps
    wanted = pd.api.types.pandas_dtype(kind.name)
    if pd.api.types.is_integer_dtype(values.dtype) and pd.api.types.is_integer_dtype(wanted):
        _check_range(values, kind.name)
    return values.astype(wanted)


def empty_column(rows: int, kind: ColumnType | None) -> pd.Series:
    """Return a column to fill in, as like the type that is described as an empty one can be.

    What cannot be missing gets a type that can: booleans become pandas' nullable ones, integers floats.

    Examples
    --------
    >>> column = empty_column(2, ColumnType("bool"))
    >>> column.loc[0] = True
    >>> column.tolist(), str(column.dtype)
    ([True, <NA>], 'boolean')
    """
    if kind is None:
        return pd.Series(float("nan"), index=range(rows))
    if kind.categories is not None:
        categories = pd.Index(list(kind.categories), dtype=kind.categories_type)
        return pd.Series([None] * rows, dtype=pd.CategoricalDtype(categories, ordered=kind.ordered))
    wanted = pd.api.types.pandas_dtype(kind.name)
    if wanted == np.dtype(bool):
        wanted = pd.BooleanDtype()
    elif pd.api.types.is_integer_dtype(wanted):
        # a price that was whole so far need not stay so
        wanted = pd.Float64Dtype() if pd.api.types.is_extension_array_dtype(wanted) else np.dtype(np.float64)
    return pd.Series([None] * rows, dtype=wanted)


def _as_categories(values: _Values, kind: ColumnType) -> _Values:
    categories = pd.Index(list(kind.categories or ()), dtype=kind.categories_type)
    unknown = ~values.isin(categories)
    if unknown.any():
        first = next(iter(values[unknown]))
        raise DataError(f"{shown(first)} is none of the categories {categories.tolist()[:20]}")
    return values.astype(pd.CategoricalDtype(categories, ordered=kind.ordered))


def _check_range(values: _Values, name: str) -> None:
    """Refuse integers that would wrap around."""
    # numpy's, nullable and Arrow's names alike: uint8, Int32, int64[pyarrow]
    bits = int("".join(filter(str.isdigit, name.partition("[")[0])) or 64)
    unsigned = name.lower().startswith("u")
    least, most = (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    for value in (values.min(), values.max()) if len(values) else ():
        if not least <= value <= most:
            raise DataError(f"the type {name} cannot hold {shown(value)}")
