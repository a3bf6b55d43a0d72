"""Parsing text columns as numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsseq2seq.cli.notation import Notation, doubtful_cell, plain_numbers, unit_of
from tsseq2seq.errors import DataError, shown

__all__ = ["check_numbers", "looks_numeric", "names_rows", "parse_integers", "parse_numbers", "shared_unit"]

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
_PLAIN = Notation()


def parse_numbers(column: pd.Series, notation: Notation = _PLAIN) -> pd.Series | None:
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
    numbers = _numbers(column, there, notation)
    return numbers if numbers.notna().sum() >= _LEAST_SHARE * max(1, there.sum()) else None


def looks_numeric(column: pd.Series, notation: Notation = _PLAIN) -> bool:
    """Return whether a column holds numbers, be it in a notation that leaves a doubt."""
    if parse_numbers(column, notation) is not None:
        return True
    if not _is_text(column):
        return False
    cells = _cells(column, _present(column))
    numbers = bool(len(cells)) and bool(cells.str.fullmatch(rf"{_COMMAS}|[+-]?[\d.]+|[+-]?[\d,]+\.\d*").all())
    return numbers and (bool(cells.str.contains(",").any()) or doubtful_cell(cells, notation) is not None)


def parse_integers(column: pd.Series) -> pd.Series | None:
    """Return a column as integers; None if any cell is not an integer."""
    if pd.api.types.is_integer_dtype(column.dtype):
        return column if column.notna().all() else None
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return None
    cells = column.astype(str).str.strip()
    return cells.astype(np.int64) if cells.str.fullmatch(r"[+-]?\d{1,18}").all() else None


def names_rows(column: pd.Series) -> bool:
    """Return whether cells could be names of series: text, or whole numbers with whatever stands for none.

    Examples
    --------
    >>> names_rows(pd.Series(["007", "NA"])), names_rows(pd.Series(["1.5", "2"]))
    (True, False)
    """
    if not _is_text(column):
        return parse_numbers(column) is None or parse_integers(column) is not None
    cells = _cells(column, _present(column))
    return parse_numbers(column) is None or bool(cells.str.fullmatch(r"\d+").all())


def check_numbers(column: pd.Series, notation: Notation = _PLAIN) -> pd.Series:
    """Return a column as numbers, with NaN for empty cells.

    Raises
    ------
    DataError
        If a cell is not a number, or could be two; the message names the first.
    """
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return column
    there = _present(column)
    numbers = _numbers(column, there, notation)
    wrong = there & numbers.isna()
    doubtful = doubtful_cell(_cells(column, there), notation) if _is_text(column) else None
    if wrong.any() and (doubtful is None or "," in doubtful):
        row = int(np.argmax(wrong.to_numpy()))
        cell = str(column.iloc[row])
        raise DataError(
            f"column {column.name!r} has {shown(cell)} in row {row + 1}, which is no number"
            f"{_advice(cell, row)}"
        )
    if doubtful is not None:
        raise DataError(
            f"column {column.name!r} has {shown(doubtful)}, whose mark could be decimal or stand between "
            "thousands, and no row tells; say which with --decimal or --thousands"
        )
    return numbers


def shared_unit(column: pd.Series) -> str:
    """Return the sign, such as ``$`` or ``%``, that stands beside each number of a column; '' if none."""
    return unit_of(_cells(column, _present(column))) if _is_text(column) else ""


def _numbers(column: pd.Series, there: pd.Series, notation: Notation) -> pd.Series:
    if not _is_text(column):
        return pd.to_numeric(column.where(there), errors="coerce").astype(np.float64)
    plain = plain_numbers(_cells(column, there), notation)
    return pd.to_numeric(plain, errors="coerce").astype(np.float64).reindex(column.index)


def _cells(column: pd.Series, there: pd.Series) -> pd.Series:
    return column[there].astype(str).str.strip()


def _is_text(column: pd.Series) -> bool:
    return pd.api.types.is_string_dtype(column.dtype) or column.dtype == object


def _present(column: pd.Series) -> pd.Series:
    return column.notna() & ~column.astype(str).str.strip().isin(_MISSING)


def _advice(cell: str, row: int) -> str:
    if pd.Series([cell.strip()]).str.fullmatch(_COMMAS).all():
        return (
            "; write decimals with a point and thousands without a comma, such as 1234.5, or say how they "
            "are written with --decimal or --thousands"
        )
    if any(letter.isdigit() for letter in cell):
        return "; write numbers with nothing beside them, such as 1234.5 or -1234.5"
    return "; if the names of the columns stand there, leave out what is above with --skip-rows" * (row == 0)
