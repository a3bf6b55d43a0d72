"""Parsing text columns as numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsseq2seq.errors import DataError

__all__ = ["check_numbers", "parse_integers", "parse_numbers"]

_MISSING = (
    "",
    "NA",
    "N/A",
    "n/a",
    "NaN",
    "nan",
    "-NaN",
    "-nan",
    "NULL",
    "null",
    "None",
    "<NA>",
    "#N/A",
    "-",
    ".",
    "?",
)
# A column with a smaller share of numbers is text; with a larger one, the other cells are typing errors.
_LEAST_SHARE = 0.9
_COMMAS = r"[+-]?(\d{1,3}(\.\d{3})+|\d+)?(,\d+)+"


def parse_numbers(column: pd.Series) -> pd.Series | None:
    """Return a column as numbers, with NaN for empty cells and typing errors; None if it is text.

    Examples
    --------
    >>> parse_numbers(pd.Series(["1", "", "2.5"])).tolist()
    [1.0, nan, 2.5]
    """
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return None
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column
    there = _present(column)
    numbers = pd.to_numeric(column.where(there), errors="coerce")
    return numbers.astype(np.float64) if numbers.notna().sum() >= _LEAST_SHARE * max(1, there.sum()) else None


def parse_integers(column: pd.Series) -> pd.Series | None:
    """Return a column as integers; None if any cell is not an integer."""
    if pd.api.types.is_integer_dtype(column.dtype):
        return column if column.notna().all() else None
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return None
    cells = column.astype(str).str.strip()
    return cells.astype(np.int64) if cells.str.fullmatch(r"[+-]?\d{1,18}").all() else None


def check_numbers(column: pd.Series) -> pd.Series:
    """Return a column as numbers, with NaN for empty cells.

    Raises
    ------
    DataError
        If a cell is not a number; the message names the first.
    """
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return column
    there = _present(column)
    numbers = pd.to_numeric(column.where(there), errors="coerce")
    wrong = there & numbers.isna()
    if wrong.any():
        row = int(np.argmax(wrong.to_numpy()))
        cell = str(column.iloc[row])
        raise DataError(
            f"column {column.name!r} has {cell!r} in row {row + 1}, which is no number{_advice(cell)}"
        )
    return numbers.astype(np.float64)


def has_commas(column: pd.Series) -> bool:
    """Return whether numbers are written with commas, decimal or between thousands."""
    if not pd.api.types.is_string_dtype(column.dtype):
        return False
    cells = column[_present(column)].str.strip()
    numbers = bool(cells.str.fullmatch(rf"{_COMMAS}|[+-]?[\d.]+").all())
    return numbers and bool(cells.str.contains(",").any())


def _present(column: pd.Series) -> pd.Series:
    return column.notna() & ~column.astype(str).str.strip().isin(_MISSING)


def _advice(cell: str) -> str:
    if pd.Series([cell.strip()]).str.fullmatch(_COMMAS).all():
        return "; write decimals with a point and thousands without a comma, such as 1234.5"
    return ""
