"""How numbers are written: read where the column tells, refused where part of it could be either."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.cli.notation import Notation, doubtful_cell, unit_of
from tsseq2seq.cli.numbers import check_numbers, looks_numeric
from tsseq2seq.errors import DataError, ParameterError


def column(*cells: str) -> pd.Series:
    return pd.Series(cells, name="y")


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (("1,5", "2,5", "-3,25"), [1.5, 2.5, -3.25]),
        (("1.234,5", "2,5", "7,25"), [1234.5, 2.5, 7.25]),
        (("1,234.5", "1,234,567", "2.5", "1,000.25"), [1234.5, 1234567, 2.5, 1000.25]),
        (("1.234.567", "2.000.000", "3.000.000", "1.140"), [1234567, 2e6, 3e6, 1140]),
        (("1 234,5", "2,5", "7,25"), [1234.5, 2.5, 7.25]),
        (("1\u202f234", "2", "7\u00a0000"), [1234, 2, 7000]),
        (("1'234.5", "2.5"), [1234.5, 2.5]),
        (("$93.50", "$1,200.00", "$5", "$1,300.00", "$1,301.00"), [93.5, 1200, 5, 1300, 1301]),
        (("12,5 %", "13 %", "12,25 %", "1,5 %"), [12.5, 13, 12.25, 1.5]),
        (("0.901", "1.140"), [0.901, 1.14]),
        (("1140", "1.140"), [1140, 1.14]),
        (("1.140", "12.5", "901"), [1.14, 12.5, 901]),
        (("1e3", "2.5E-2"), [1000, 0.025]),
    ],
)
def test_what_the_column_tells_is_read(cells, numbers):
    assert looks_numeric(column(*cells))
    np.testing.assert_allclose(check_numbers(column(*cells)), numbers)


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (("901", "1.140", "1.173"), "1.140"),
        (("1,140", "901"), "1,140"),
        (("1,140", "1,173"), "1,140"),
        (("1,5", "2.5", "3,5", "4,5", "5,5"), "1,5"),
        (("1,5", "1,234.5"), "1,5"),
    ],
)
def test_what_could_be_either_is_refused_with_a_cell_and_the_options(cells, shown):
    assert looks_numeric(column(*cells))
    with pytest.raises(DataError, match=r"'y' has .*--decimal.*--thousands") as caught:
        check_numbers(column(*cells))
    assert shown in str(caught.value)


@pytest.mark.parametrize("others", [("1069", "2011"), ("901", "1069"), ()])
def test_integers_tell_nothing_of_points_beside_semicolons(others):
    """1.140 at the end of a column of 1069 and 2011 would be a thousandth of them."""
    with pytest.raises(DataError, match=r"'1\.140'.*--thousands"):
        check_numbers(column(*others, "1.140"), Notation(semicolons=True))


def test_three_decimals_throughout_are_doubtful_beside_semicolons_only():
    cells = column("1.140", "1.173", "2.500")
    assert check_numbers(cells).tolist() == [1.14, 1.173, 2.5]
    with pytest.raises(DataError, match="--thousands"):
        check_numbers(cells, Notation(semicolons=True))


@pytest.mark.parametrize(
    ("notation", "numbers"),
    [
        (Notation(thousands="."), [901, 1140]),
        (Notation(decimal=","), [901, 1140]),
        (Notation(decimal="."), [901, 1.14]),
        (Notation(thousands=","), [901, 1.14]),
    ],
)
def test_the_user_decides(notation, numbers):
    assert check_numbers(column("901", "1.140"), notation).tolist() == numbers


def test_a_mark_at_a_place_that_the_notation_forbids_is_no_number():
    for wrong in ("12.5", "0.901", "1.14", "1.1400"):
        with pytest.raises(DataError, match=f"'y' has '{wrong}' in row 2"):
            check_numbers(column("1.140", wrong), Notation(thousands="."))


@given(
    numbers=st.lists(
        st.decimals(-(10**9), 10**9, places=2, allow_nan=False, allow_infinity=False), min_size=3, max_size=20
    ),
    style=st.sampled_from([(",", "."), (".", ","), (",", " "), (".", "'"), (",", "")]),
)
def test_what_is_written_in_any_notation_is_never_read_as_another_number(numbers, style):
    decimal, thousands = style
    cells = [f"{number:,.2f}".translate(str.maketrans({",": thousands, ".": decimal})) for number in numbers]
    try:
        read = check_numbers(column(*cells))
    except DataError:
        assert decimal == ","  # never refused in the usual notation
        return
    np.testing.assert_allclose(read, [float(number) for number in numbers])


@given(numbers=st.lists(st.integers(0, 10**7), min_size=1, max_size=20))
def test_grouped_integers_are_read_right_or_refused(numbers):
    for mark in ".,":
        cells = column(*(f"{number:,}".replace(",", mark) for number in numbers))
        assert check_numbers(cells, Notation(thousands=mark)).tolist() == numbers
        try:
            read = check_numbers(cells, Notation(semicolons=True)).tolist()
        except DataError:
            continue
        assert read == numbers


@given(numbers=st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 4)), min_size=1, max_size=20))
def test_what_pandas_writes_with_decimals_is_read(numbers):
    cells = column(*(repr(number) for number in numbers))
    doubt = doubtful_cell(cells, Notation())
    assert doubt is None or all("." in cell for cell in cells if cell == doubt)
    if doubt is None:
        np.testing.assert_allclose(check_numbers(cells), numbers)


def test_one_sign_for_all_is_left_out_and_two_are_refused():
    assert unit_of(column("$5", "$6")) == "$"
    with pytest.raises(DataError, match="'y' has '€6' in row 2"):
        check_numbers(column(*(["5"] + ["€6"] + ["7"] * 20)))


@pytest.mark.parametrize("given", [{"decimal": ";"}, {"thousands": "ab"}, {"decimal": ".", "thousands": "."}])
def test_marks_that_cannot_be(given):
    with pytest.raises(ParameterError, match="--"):
        Notation(**given)


def test_a_doubtful_column_is_no_text_beside_a_sure_one():
    """Today's other column of numbers must not be taken in its place without a word."""
    assert looks_numeric(column("1,5", "2,5"))
    assert not looks_numeric(column("1.2.3", "Monday"))


@pytest.mark.parametrize("cell", ["(12.50)", "12.50-", "12.5 kWh", "<5", "1.2k", "17.4*"])
def test_what_stands_beside_a_number_is_shown_with_the_remedy(cell):
    with pytest.raises(DataError, match=r"'y' has .* in row 1.*-1234\.5") as caught:
        check_numbers(column(cell, *["5"] * 20))
    assert cell in str(caught.value)
