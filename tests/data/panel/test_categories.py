"""One category for all the ways in which a value is written, and a word about what was never seen."""

from __future__ import annotations

from decimal import Decimal

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from tsseq2seq.data.panel.categories import category_codes, category_names

TRUE = [
    True,
    np.True_,
    1,
    1.0,
    np.int8(1),
    Decimal(1),
    "True",
    "TRUE",
    "true",
    " true ",
    "1",
    "1.0",
    "yes",
    "T",
]
FALSE = [False, np.False_, 0, 0.0, -0.0, np.float32(0), "False", "FALSE", "false ", "0", "0.0", "no", "off"]
BLANK = [None, float("nan"), pd.NA, pd.NaT, "", "  ", "\t"]
BOOLEAN_COLUMNS = {
    "numpy": pd.Series([True, False]),
    "nullable": pd.Series([True, False, None], dtype="boolean"),
    "arrow": pd.Series([True, False], dtype="bool[pyarrow]"),
    "objects": pd.Series([True, None, False], dtype=object),
    "text": pd.Series(["TRUE", "FALSE"]),
    "small text": pd.Series(["true", "false", ""]),
    "categories": pd.Series([True, False], dtype="category"),
    "a mix": pd.Series([True, "false", 1, 0.0], dtype=object),
}


def categories_of(column: pd.Series) -> list[str]:
    return category_names(column).dropna().unique().tolist()


def code(value: object, categories: list[str]) -> int:
    return int(category_codes(pd.Series([value], dtype=object), categories)[0][0])


@pytest.mark.parametrize("column", BOOLEAN_COLUMNS.values(), ids=BOOLEAN_COLUMNS.keys())
def test_truth_values_of_any_type_are_two_categories(column: pd.Series) -> None:
    assert categories_of(column) == ["True", "False"]


@given(st.lists(st.sampled_from([*TRUE, *FALSE, *BLANK]), max_size=30))
def test_booleans_are_found_however_written(values: list) -> None:
    codes, unseen = category_codes(pd.Series(values, dtype=object), ["True", "False"])
    for value, found in zip(values, codes, strict=True):
        expected = 0 if any(value is other for other in BLANK) else 1 if value in TRUE else 2
        assert found == expected, repr(value)
    assert unseen == ({None: int((codes == 0).sum())} if (codes == 0).any() else {})


@pytest.mark.parametrize("words", [("yes", "no"), ("Y", "N"), ("on", "off"), ("1", "0"), ("T", "F")])
def test_other_words_for_truth_are_found_by_booleans(words: tuple[str, str]) -> None:
    categories = categories_of(pd.Series(list(words)))
    assert categories == list(words), "what training sees is called as it is"
    for truth, number in ((True, 1), (False, 2)):
        assert code(truth, categories) == code(str(truth).upper(), categories) == number


def test_words_for_truth_among_others_are_names() -> None:
    assert code(True, ["on", "new"]) == 0
    assert categories_of(pd.Series(["1", "0"])) == ["1", "0"]
    assert categories_of(pd.Series(["T", "Y"])) == ["T", "Y"]


@given(
    st.lists(st.integers(-50, 10**12), min_size=1, max_size=8, unique=True),
    st.sampled_from([int, float, str, np.int64, Decimal, lambda n: f"{n}.0", lambda n: f" {n} ", np.float64]),
    st.sampled_from([int, float, str, np.int64, Decimal, lambda n: f"{n}.0", lambda n: f" {n} ", np.float64]),
)
def test_whole_numbers_are_the_same_in_any_type(numbers: list[int], one, other) -> None:
    categories = categories_of(pd.Series([one(n) for n in numbers], dtype=object))
    codes, unseen = category_codes(pd.Series([other(n) for n in numbers], dtype=object), categories)
    assert (codes.tolist(), unseen) == (list(range(1, len(numbers) + 1)), {})


@given(st.lists(st.text("aAé1.0 \tx", max_size=5), max_size=12))
def test_what_training_saw_is_always_found(values: list[str]) -> None:
    column = pd.Series(values, dtype=object)
    names = category_names(column)
    categories = categories_of(column)
    codes, unseen = category_codes(column, categories)
    found = [None if place == 0 else categories[place - 1] for place in codes]
    assert found == [None if name is None else name for name in names]
    assert unseen == ({None: int(names.isna().sum())} if names.isna().any() else {})
    padded, _ = category_codes(pd.Series([f" {value}\t" for value in values], dtype=object), categories)
    assert padded.tolist() == codes.tolist()


def test_what_training_kept_apart_stays_apart() -> None:
    versions = categories_of(pd.Series(["1.1", "1.10", "007", "7"]))
    assert versions == ["1.1", "1.10", "007", "7"]
    assert [code(value, versions) for value in ("1.10", "1.1", 1.1, "007", 7, 7.0)] == [2, 1, 1, 3, 4, 4]
    assert code(7, ["007"]) == 0, "a name that begins with 0 is no number"
    assert code("1.100", versions) == 0, "it might be either"


def test_other_cases_of_letters_are_other_categories() -> None:
    assert category_codes(pd.Series(["Plain"]), ["plain"])[1] == {"Plain": 1}


def test_letters_and_their_accents_may_be_written_apart() -> None:
    assert code("Cafe\u0301", ["Caf\u00e9"]) == 1


def test_categories_of_older_models_are_found_as_they_were_written() -> None:
    older = ["a ", "", "a", "1.0"]
    assert [code(value, older) for value in ("a ", "", "a", 1.0, "1")] == [1, 2, 3, 4, 4]


def test_unseen_values_are_counted_over_their_spellings() -> None:
    column = pd.Series(["a", "new", "new ", None, " "], dtype=object)
    codes, unseen = category_codes(column, ["a"])
    assert codes.tolist() == [1, 0, 0, 0, 0]
    assert unseen == {"new": 2, None: 2}
