"""Numbers of any type are targets; what is none is refused with its row and the remedy."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.frames import read_frame
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.frames.target_numbers import holds_numbers, target_numbers
from tsseq2seq.errors import DataError

NUMBERS = {
    "integers": [1, None, 3],
    "floats": [1.0, None, 3.0],
    "decimals": [Decimal(1), None, Decimal(3)],
    "a mix": [Decimal(1), np.nan, np.int8(3)],
}


@pytest.mark.parametrize("values", NUMBERS.values(), ids=NUMBERS.keys())
@pytest.mark.parametrize("form", ["long", "wide", "series"])
def test_numbers_of_object_type_are_read_from_any_frame(values: list[Any], form: str) -> None:
    column = pd.Series(values, dtype=object, name="y")
    days = pd.date_range("2024-01-01", periods=3)
    df: Any = pd.DataFrame({"ds": days, "y": column})
    if form == "wide":
        df = pd.DataFrame({"a": column.to_numpy(), "b": [4.0, 5.0, 6.0]}, index=days)
    if form == "series":
        df = column.set_axis(days)
    frame = read_long_frame(read_frame(df, Columns())[0], Columns())
    np.testing.assert_array_equal(frame.targets[:3, 0], [1.0, np.nan, 3.0])


@pytest.mark.parametrize("values", [["1", "2"], [1, "2"], [True, None], [None, None], [1j, 2j]], ids=str)
def test_what_is_no_number_is_refused_with_the_remedy(values: list[Any]) -> None:
    column = pd.Series(values, dtype=None if 1j in values else object)
    assert not holds_numbers(column)
    with pytest.raises(DataError, match=r"sales has the type .*pd\.to_numeric"):
        target_numbers(column, "sales")


def test_a_refusal_shows_little_of_a_value() -> None:
    with pytest.raises(DataError) as refused:
        target_numbers(pd.Series(["x" * 10_000]), "y")
    assert len(str(refused.value)) < 300
