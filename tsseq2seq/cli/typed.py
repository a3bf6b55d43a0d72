"""Converting the text cells of a table to the types that an estimator takes."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from tsseq2seq.cli.numbers import check_numbers, has_commas, parse_integers, parse_numbers
from tsseq2seq.cli.times import ParsedTimes, parse_times
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.panel.covariate_values import are_truth_values
from tsseq2seq.errors import DataError

__all__ = ["match_names", "typed"]


def typed(
    table: pd.DataFrame,
    columns: Columns,
    *,
    numeric: Collection[str] | None = None,
    style: str | None = None,
) -> tuple[pd.DataFrame, str | None]:
    """Return the columns with a role, typed, and the format of the dates.

    Parameters
    ----------
    table
        Text or typed columns.
    columns
        The columns to take, by role.
    numeric
        Names of the covariates that are numbers, if a model or a history has decided that. None: those whose
        cells are numbers. The others are categories.
    style
        Format of the dates to try first. None: inferred.

    Raises
    ------
    DataError
        If a time stamp or a number cannot be parsed; the message names the first.

    Examples
    --------
    >>> table = pd.DataFrame({"day": ["2024-01-01"], "sales": ["5"], "promo": ["yes"]})
    >>> frame, style = typed(table, Columns(None, "day", ("sales",), past=("promo",)))
    >>> frame["sales"].tolist(), frame["promo"].tolist(), style
    ([5.0], ['yes'], '%Y-%m-%d')
    """
    data = {} if columns.id is None else {columns.id: table[columns.id]}
    data[columns.time], style = _times(table[columns.time], style)
    data |= {name: check_numbers(table[name]) for name in columns.targets}
    for name in columns.covariates:
        cells = table[name]
        number = _looks_numeric(cells) if numeric is None else name in numeric
        data[name] = _numbers(cells) if number else _categories(cells)
    return pd.DataFrame(data), style


def match_names(names: pd.Series, reference: pd.Index) -> pd.Series:
    """Return names of series as integers if those of the reference are: a CSV file has them as text."""
    if not pd.api.types.is_integer_dtype(reference.dtype):
        return names
    integers = parse_integers(names)
    return names if integers is None else integers


def _times(column: pd.Series, style: str | None) -> tuple[pd.Series, str | None]:
    times = parse_times(column, style)
    if times is not None:
        return _check_times(column, times), times.style
    integers = parse_integers(column)
    if integers is None:
        raise DataError(
            f"column {column.name!r} holds neither dates nor integers: its first cell is {column.iloc[0]!r}; "
            "write dates as YYYY-MM-DD"
        )
    return integers, None


def _check_times(column: pd.Series, times: ParsedTimes) -> pd.Series:
    unread = times.values.isna().to_numpy()
    if unread.any():
        row = int(np.argmax(unread))
        raise DataError(
            f"column {column.name!r} has {column.iloc[row]!r} in row {row + 1}, which is no date "
            "like those in the other rows"
        )
    return times.values


def _looks_numeric(column: pd.Series) -> bool:
    # numbers with a decimal comma must not pass for categories
    return parse_numbers(column) is not None or has_commas(column)


def _numbers(column: pd.Series) -> pd.Series:
    # true and false for what was 1 and 0: the coder of the covariate knows whether that may be
    if parse_numbers(column) is None and are_truth_values(column):
        return _categories(column)
    return check_numbers(column)


def _categories(column: pd.Series) -> pd.Series:
    if not pd.api.types.is_string_dtype(column.dtype):
        return column
    cells = column.astype(object).map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
    return cells.where(cells.notna() & (cells != ""), None)
