"""The type of a column, described by values that JSON can hold, and columns of a described type."""

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
        The library's name for it: ``"int32"``, ``"period[M]"``, ``"category"``; ``"Int32"``, ``"Date"``.
    categories, categories_type, ordered
        The categories in their order, their type in pandas, and whether they are ordered. None: the type has
        no categories.
    zone
        Time zone, for libraries other than pandas, whose ``name`` does not include it.
    """

    name: str
    categories: tuple[Any, ...] | None = None
    categories_type: str | None = None
    ordered: bool = False
    zone: str | None = None


def pandas_type(dtype: Any) -> ColumnType | None:  # noqa: ANN401 (a dtype of pandas or numpy)
    """Return the description of a dtype, or None if its name does not identify it.

    This concerns a few dtypes, such as Arrow's dictionaries. A forecast then has the dtype that the column
    had after reading.

    Examples
    --------
    >>> pandas_type(pd.CategoricalDtype(["b", "a"])).categories
    ('b', 'a')
    """
    if isinstance(dtype, pd.CategoricalDtype):
        categories = tuple(dtype.categories.tolist())
        return ColumnType("category", categories, str(dtype.categories.dtype), bool(dtype.ordered))
    if isinstance(dtype, pd.StringDtype) and dtype.na_value is pd.NA:
        return ColumnType(f"string[{dtype.storage}]")
    try:
        pd.api.types.pandas_dtype(str(dtype))
    except (TypeError, NotImplementedError, ValueError):  # a ValueError of old ones
        return None
    return ColumnType(str(dtype))


def time_type(dtype: Any) -> ColumnType | None:  # noqa: ANN401
    """Return the description of a dtype of time stamps; None for text, which is read as datetimes."""
    types = pd.api.types
    is_time = (
        isinstance(dtype, pd.PeriodDtype)
        or types.is_datetime64_any_dtype(dtype)
        or types.is_integer_dtype(dtype)
    )
    return pandas_type(dtype) if is_time else None


def as_pandas_type(values: _Values, column_type: ColumnType | None) -> _Values:
    """Return names or time stamps converted to the type that is described; None: as they are.

    Raises
    ------
    DataError
        If the type cannot hold a value, as an int8 cannot hold 128.

    Examples
    --------
    >>> as_pandas_type(pd.Series([1, 2]), ColumnType("int32")).dtype
    dtype('int32')
    """
    if column_type is None:
        return values
    if column_type.categories is not None:
        return _as_categories(values, column_type)
    if str(values.dtype) == column_type.name:
        return values
    if column_type.name.startswith("period["):
        frequency = column_type.name.removeprefix("period[").removesuffix("]")
        stamps = pd.DatetimeIndex(values).to_period(frequency)
        return pd.Series(stamps, values.index, name=values.name) if isinstance(values, pd.Series) else stamps
    dtype = pd.api.types.pandas_dtype(column_type.name)
    if pd.api.types.is_integer_dtype(values.dtype) and pd.api.types.is_integer_dtype(dtype):
        _check_range(values, column_type.name)
    return values.astype(dtype)


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
    """Refuse integers that would overflow."""
    # also for nullable and Arrow's types: uint8, Int32, int64[pyarrow]
    bits = int("".join(filter(str.isdigit, name.partition("[")[0])) or 64)
    unsigned = name.lower().startswith("u")
    least, most = (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    for value in (values.min(), values.max()) if len(values) else ():
        if not least <= value <= most:
            raise DataError(f"the type {name} cannot hold {shown(value)}")
