"""Classes: their order, their types, and their numbers."""

from __future__ import annotations

import json

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from sklearn.exceptions import DataConversionWarning

from tsseq2seq.errors import DataError
from tsseq2seq.labelling.classes import Classes, listed_labels
from tsseq2seq.persistence import decode, encode

LABELS = st.one_of(
    st.lists(st.text(st.characters(blacklist_categories=["Cs"])), min_size=1),
    st.lists(st.integers(-(2**53), 2**53), min_size=1),
    st.lists(st.booleans(), min_size=1),
    st.lists(st.integers(-(2**53), 2**53).map(float), min_size=1),
)


@given(LABELS)
def test_they_are_those_of_numpy_and_their_numbers_lead_back(labels: list) -> None:
    listed = listed_labels(labels)
    classes = Classes.of(listed)
    assert listed == labels
    assert list(classes.values) == sorted(set(labels))
    assert classes.array.tolist() == np.unique(np.array(labels, dtype=object)).tolist()
    numbers = classes.numbers(listed, [""] * len(labels))
    assert [classes.values[number] for number in numbers] == labels
    assert [
        type(
            classes.array[number].item() if hasattr(classes.array[number], "item") else classes.array[number]
        )
        for number in numbers
    ] == [type(label) for label in labels]


@given(LABELS)
def test_they_are_saved_by_their_type(labels: list) -> None:
    classes = Classes.of(labels)
    again = Classes(tuple(decode(json.loads(json.dumps(encode(list(classes.values), "classes", []))))))
    assert again == classes
    assert [type(value) for value in again.values] == [type(value) for value in classes.values]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.array([1, 2], dtype=np.uint8), [1, 2]),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([True, False]), [True, False]),
        ([1, 2.0], [1.0, 2.0]),
        (pd.Series(["a", "b"], dtype="category"), ["a", "b"]),
        (pd.array([True, False], dtype="boolean"), [True, False]),
        (["1", "a"], ["1", "a"]),
        ((label for label in "ab"), ["a", "b"]),
    ],
)
def test_what_is_a_label(labels, expected: list) -> None:
    found = listed_labels(labels)
    assert found == expected
    assert [type(label) for label in found] == [type(label) for label in expected]


def test_a_single_column_is_warned_of_as_scikit_learn_does() -> None:
    with pytest.warns(DataConversionWarning):
        assert listed_labels(np.array([[1], [2]])) == [1, 2]


def test_true_is_no_one() -> None:
    with pytest.raises(DataError, match="here is True, which the fit has not seen"):
        Classes.of([0, 1]).numbers([True], ["here"])
    assert Classes.of([0.0, 1.0]).numbers([1], ["here"]) == [1]
