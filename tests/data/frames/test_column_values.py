"""Numbers are numbers in whatever type, and time is not."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given

from tsseq2seq.data.frames.column_values import first_value, read_numbers, value_kind
from tsseq2seq.errors import DataError

DAY = datetime.date(2024, 1, 1)
KINDS = {
    "numbers": [
        pd.Series([1, 2]),
        pd.Series([1.5, None], dtype="Float64"),
        pd.Series([1, None], dtype="int64[pyarrow]"),
        pd.Series([Decimal(1), None], dtype=pd.ArrowDtype(pa.decimal128(10, 2))),
        pd.Series([Decimal(1), None], dtype=object),
        pd.Series([Decimal(1), float("nan"), 2, Fraction(1, 2)], dtype=object),
        pd.Series([np.float32(1), 2, pd.NA], dtype=object),
    ],
    "booleans": [
        pd.Series([True, False]),
        pd.Series([True, None], dtype="boolean"),
        pd.Series([True, None], dtype=object),
    ],
    "names": [
        pd.Series(["a", None]),
        pd.Series(["a", 1, True, None], dtype=object),
        pd.Series([1, 2], dtype="category"),
        pd.cut(pd.Series([1, 2, 3]), 2),
    ],
    "time": [
        pd.Series(pd.to_datetime(["2024-01-01"])),
        pd.Series(pd.to_datetime(["2024-01-01"])).dt.tz_localize("UTC"),
        pd.Series(pd.to_timedelta([1], unit="h")),
        pd.Series([DAY, None], dtype=object),
        pd.Series([DAY, "soon"], dtype=object),
        pd.Series([datetime.time(3)], dtype=object),
        pd.Series(pd.period_range("2024", periods=2, freq="M")),
        pd.Series([DAY], dtype=pd.ArrowDtype(pa.date32())),
    ],
    "empty": [pd.Series([None, None], dtype=object), pd.Series([], dtype=object)],
    "other": [pd.Series([[1], None]), pd.Series([1j]), pd.Series([b"a"], dtype=object), pd.Series([{}])],
}


@pytest.mark.parametrize(
    ("kind", "column"), [(kind, column) for kind, several in KINDS.items() for column in several]
)
def test_the_kind_is_that_of_the_values(kind: str, column: pd.Series) -> None:
    assert value_kind(column) == kind


@given(
    st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=1),
    st.sampled_from([float, Decimal, np.float64, Fraction]),
)
def test_numbers_are_read_from_any_type(values: list[float | None], as_type) -> None:
    column = pd.Series([None if value is None else as_type(value) for value in values], dtype=object)
    expected = [np.nan if value is None else value for value in values]
    assert value_kind(column) == ("empty" if np.isnan(expected).all() else "numbers")
    np.testing.assert_array_equal(read_numbers(column), expected)


def test_a_number_beyond_floats_is_refused() -> None:
    with pytest.raises(DataError, match="'y'"):
        read_numbers(pd.Series([10**400, None], dtype=object, name="y"))


def test_the_first_value_is_that_which_is_there() -> None:
    assert first_value(pd.Series([None, "a"])) == (1, "'a'")
    assert first_value(pd.Series([], dtype=object)) == (0, "nothing")
