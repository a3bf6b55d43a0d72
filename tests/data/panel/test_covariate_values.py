"""What a covariate holds, and what it may hold after it was numeric in training."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.panel.covariate_values import (
    are_truth_values,
    check_category,
    covariate_numbers,
    is_numeric_covariate,
)
from tsseq2seq.errors import DataError

BOUNDS = [None, (0.0, 1.0), (0.0, 0.5), (-3.0, 7.0)]


@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
@pytest.mark.parametrize("kind", [float, Decimal, np.float32, int])
def test_numbers_are_read_whatever_was_seen(bounds, kind) -> None:
    column = pd.Series([kind(9), None, kind(-2)], dtype=object)
    np.testing.assert_array_equal(covariate_numbers(column, bounds), [9, np.nan, -2])


@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
@pytest.mark.parametrize("column", [[True, None, False], ["TRUE", "", "false"], [True, None, "0.0"]], ids=str)
def test_truth_values_are_0_and_1_where_nothing_else_was_seen(bounds, column) -> None:
    given = pd.Series(column, dtype=object, name="promo")
    assert are_truth_values(given)
    if bounds == (-3.0, 7.0):
        with pytest.raises(DataError, match=r"'promo'.* from -3 to 7; row 0"):
            covariate_numbers(given, bounds)
    else:
        np.testing.assert_array_equal(covariate_numbers(given, bounds), [1, np.nan, 0])


def test_nothing_at_all_is_missing() -> None:
    assert np.isnan(covariate_numbers(pd.Series([None, None], dtype=object), (2.0, 3.0))).all()


@pytest.mark.parametrize("value", ["cheap", datetime.date(2024, 1, 1), [1], b"1"], ids=str)
def test_what_is_no_number_is_refused_with_its_row(value) -> None:
    with pytest.raises(DataError, match=r"'price' has the type object, but was numeric .*row 1"):
        covariate_numbers(pd.Series([None, value], dtype=object, name="price"), (0.0, 1.0))


def test_a_refusal_shows_little_of_a_value() -> None:
    with pytest.raises(DataError) as refused:
        covariate_numbers(pd.Series(["x" * 10_000], name="price"), None)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinity_is_refused(value: float) -> None:
    with pytest.raises(DataError, match=r"'price' is -?inf in row 1"):
        covariate_numbers(pd.Series([1.0, value], name="price"), None)


def test_the_kind_of_a_training_column() -> None:
    assert is_numeric_covariate(pd.Series([Decimal(1), None], dtype=object))
    assert not is_numeric_covariate(pd.Series(["1", "2"]))
    check_category(pd.Series(["a", 1, None], dtype=object))
    for values in ([datetime.date(2024, 1, 1)], pd.to_timedelta([1], unit="h"), [{}]):
        with pytest.raises(DataError, match="'x'"):
            is_numeric_covariate(pd.Series(values, name="x"))
