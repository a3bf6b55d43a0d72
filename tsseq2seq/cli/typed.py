"""Converting the text cells of a table to the types that an estimator takes."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from tsseq2seq.cli.compact_dates import check_plain_time
from tsseq2seq.cli.notation import Notation
from tsseq2seq.cli.numbers import check_numbers, looks_numeric, parse_integers, parse_numbers
from tsseq2seq.cli.times import NUMBER, ParsedTimes, parse_times
from tsseq2seq.cli.zones import in_zone
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.series_names import visible_name
from tsseq2seq.data.panel.covariate_values import are_truth_values
from tsseq2seq.errors import DataError, shown

__all__ = ["match_names", "typed"]

_AS_FOUND = Notation()


def typed(
    table: pd.DataFrame,
    columns: Columns,
    *,
    numeric: Collection[str] | None = None,
    style: str | None = None,
    notation: Notation = _AS_FOUND,
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
    notation
        How the file writes numbers and dates.

    Raises
    ------
    DataError
        If a time stamp or a number cannot be parsed, or a series has no name; the message names the first.

    Examples
    --------
    >>> table = pd.DataFrame({"day": ["2024-01-01"], "sales": ["5"], "promo": ["yes"]})
    >>> frame, style = typed(table, Columns(None, "day", ("sales",), past=("promo",)))
    >>> frame["sales"].tolist(), frame["promo"].tolist(), style
    ([5.0], ['yes'], '%Y-%m-%d')
    """
    data = {} if columns.id is None else {columns.id: _series_names(table[columns.id])}
    data[columns.time], style = _times(table[columns.time], style, notation)
    numbers = (*columns.targets, *(() if columns.weight is None else (columns.weight,)))
    data |= {name: check_numbers(table[name], notation) for name in numbers}
    for name in columns.covariates:
        cells = table[name]
        # numbers with a decimal comma must not pass for categories
        number = looks_numeric(cells, notation) if numeric is None else name in numeric
        data[name] = _numbers(cells, notation) if number else _categories(cells)
    return pd.DataFrame(data), style


def match_names(names: pd.Series, reference: pd.Index) -> pd.Series:
    """Return names of series as integers if those of the reference are: a CSV file has them as text."""
    if not pd.api.types.is_integer_dtype(reference.dtype):
        return names
    integers = parse_integers(names)
    return names if integers is None else integers


def _series_names(column: pd.Series) -> pd.Series:
    """Return names without what no one sees, such as blanks around them; an empty name is an error."""
    if not (pd.api.types.is_string_dtype(column.dtype) or column.dtype == object):
        return column
    names = column.map({cell: visible_name(cell) for cell in column.unique() if isinstance(cell, str)})
    names = names.where(names.notna(), column)
    blank = (names.isna() | (names == "")).to_numpy(dtype=bool)
    if blank.any():
        row = int(np.argmax(blank))
        raise DataError(
            f"column {shown(column.name)} is blank in row {row + 1}; every row needs a series name"
        )
    return names


def _times(column: pd.Series, style: str | None, notation: Notation) -> tuple[pd.Series, str | None]:
    written = notation.date_format
    times = parse_times(column, style, date_format=written)
    if times is not None:
        return in_zone(_check_times(column, times), notation.time_zone), times.style
    integers = parse_integers(column)
    if integers is None or written not in (None, NUMBER):
        wanted = "write dates as YYYY-MM-DD, or name their --date-format"
        if written not in (None, NUMBER):
            wanted = f"--date-format is {shown(written)}"
        raise DataError(
            f"column {column.name!r} holds neither dates nor integers: its first cell is "
            f"{shown(column.iloc[0])}; {wanted}"
        )
    if written is None and len(column):
        check_plain_time(column.astype(str).str.strip(), column.name)
    return integers, None


def _check_times(column: pd.Series, times: ParsedTimes) -> pd.Series:
    unread = times.values.isna().to_numpy()
    if unread.any():
        row = int(np.argmax(unread))
        # weeks of a year that could be months until the thirteenth
        numbers = "" if parse_integers(column) is None else ", or give --freq 1 if numbers are meant"
        raise DataError(
            f"column {column.name!r} has {shown(column.iloc[row])} in row {row + 1}, which is no date "
            "like those in the other rows; correct it, or take the row out, if it is a total, a remark or "
            f"the header again{numbers}"
        )
    return times.values


def _numbers(column: pd.Series, notation: Notation) -> pd.Series:
    # true and false for what was 1 and 0: the coder of the covariate knows whether that may be
    if parse_numbers(column, notation) is None and are_truth_values(column):
        return _categories(column)
    return check_numbers(column, notation)


def _categories(column: pd.Series) -> pd.Series:
    if not pd.api.types.is_string_dtype(column.dtype):
        return column
    cells = column.astype(object).map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
    return cells.where(cells.notna() & (cells != ""), None)
