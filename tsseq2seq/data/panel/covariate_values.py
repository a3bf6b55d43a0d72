"""What the values of a covariate are: numbers or categories; what is neither is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.column_values import first_value, read_numbers, value_kind
from tsseq2seq.data.panel.categories import category_names
from tsseq2seq.errors import DataError

__all__ = ["are_truth_values", "check_category", "covariate_numbers", "is_numeric_covariate"]


def is_numeric_covariate(column: pd.Series) -> bool:
    """Whether a training column holds numbers; otherwise they are categories.

    Raises
    ------
    DataError
        If it holds dates, durations or what is no plain value.

    Examples
    --------
    >>> is_numeric_covariate(pd.Series([1, None], dtype=object)), is_numeric_covariate(pd.Series([True]))
    (True, False)
    """
    if value_kind(column) == "numbers":
        return True
    check_category(column)
    return False


def check_category(column: pd.Series) -> None:
    """Refuse dates, durations and what is no plain value as categories.

    Raises
    ------
    DataError
        Naming the first.
    """
    kind = value_kind(column)
    if kind not in ("time", "other"):
        return
    row, value = first_value(column)
    name = column.name
    if kind == "other":
        raise DataError(
            f"covariate {name!r} holds {_short(value)} in row {row}; covariates are numbers, text or booleans"
        )
    if pd.api.types.infer_dtype(column, skipna=True) in ("timedelta", "timedelta64"):
        remedy = f"give numbers, such as hours: df[{name!r}].dt.total_seconds() / 3600"
    else:
        remedy = (
            f"give a number, such as days, (df['ds'] - df[{name!r}]).dt.days, or what comes again, such as "
            f"df[{name!r}].dt.month"
        )
    raise DataError(f"covariate {name!r} holds dates or durations, {_short(value)} in row {row}; {remedy}")


def covariate_numbers(column: pd.Series, bounds: tuple[float, float] | None) -> np.ndarray:
    """Return the values of a covariate that was numeric in training, NaN where one is missing.

    Truth values, however written, are 0 and 1 where training saw nothing below 0 or above 1.

    Parameters
    ----------
    column
        What was given.
    bounds
        Lowest and highest value of training; None: not known.

    Raises
    ------
    DataError
        If a value is infinite or no number; it names the first row.

    Examples
    --------
    >>> covariate_numbers(pd.Series(["TRUE", "FALSE", None], dtype=object), (0.0, 1.0))
    array([ 1.,  0., nan])
    """
    kind = value_kind(column)
    if kind == "empty" or (kind == "names" and category_names(column).isna().all()):
        return np.full(len(column), np.nan)
    if kind != "numbers":
        return _truth_values(column, bounds)
    numbers = read_numbers(column)
    if np.isinf(numbers).any():
        row = int(np.argmax(np.isinf(numbers)))
        raise DataError(
            f"covariate {column.name!r} is {numbers[row]} in row {row}; it must be finite, or NaN "
            "where missing"
        )
    return numbers


def are_truth_values(column: pd.Series) -> bool:
    """Whether all that is there is true or false, in whatever letters; numbers alone are not.

    Examples
    --------
    >>> are_truth_values(pd.Series(["TRUE", None])), are_truth_values(pd.Series(["TRUE", "cheap"]))
    (True, False)
    """
    if value_kind(column) not in ("booleans", "names"):
        return False
    return set(category_names(column).dropna()) in ({"True"}, {"False"}, {"True", "False"})


def _truth_values(column: pd.Series, bounds: tuple[float, float] | None) -> np.ndarray:
    """Return 1 and 0 for true and false."""
    if not are_truth_values(column):
        raise _no_numbers(column)
    if bounds is not None and not 0 <= bounds[0] <= bounds[1] <= 1:
        row, value = first_value(column)
        raise DataError(
            f"covariate {column.name!r} has the type {column.dtype}, but was numeric in training, from "
            f"{bounds[0]:g} to {bounds[1]:g}; row {row} holds {_short(value)}, which stands for 0 or 1"
        )
    return category_names(column).map({"True": 1.0, "False": 0.0}).to_numpy(dtype=np.float64)


def _no_numbers(column: pd.Series) -> DataError:
    row, value = first_value(column)
    return DataError(
        f"covariate {column.name!r} has the type {column.dtype}, but was numeric in training; row {row} "
        f"holds {_short(value)}. Convert numbers that are text with pd.to_numeric"
    )


def _short(value: str) -> str:
    return value if len(value) <= 60 else f"{value[:57]}…"
