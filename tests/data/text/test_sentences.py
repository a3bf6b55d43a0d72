"""What a user may pass as sentences, and what is refused by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.text.sentences import checked_pairs, checked_sentences
from tsseq2seq.errors import DataError, ParameterTypeError

pytestmark = pytest.mark.usefixtures("unchecked_types")

SENTENCES = ["a b", "c", "日本"]

KINDS = {
    "list": SENTENCES,
    "tuple": tuple(SENTENCES),
    "array": np.array(SENTENCES),
    "object array": np.array(SENTENCES, dtype=object),
    "Series": pd.Series(SENTENCES, index=[7, 8, 9]),
    "Index": pd.Index(SENTENCES),
    "iterator": iter(SENTENCES),
}


@pytest.mark.parametrize("texts", KINDS.values(), ids=KINDS.keys())
def test_any_ordered_collection_of_str_is_read(texts) -> None:
    read = checked_sentences(texts)
    assert read == SENTENCES
    assert {type(text) for text in read} == {str}


def test_a_polars_series_is_read() -> None:
    polars = pytest.importorskip("polars")
    assert checked_sentences(polars.Series(SENTENCES)) == SENTENCES


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("one sentence", "sources is one str, 'one sentence'; it must be a list"),
        (b"bytes", "sources is one bytes"),
        ({"a": "b"}, "sources is a dict"),
        ({"a", "b"}, "sources is a set"),
        (pd.DataFrame({"a": ["b"]}), "sources is a DataFrame"),
        (5, "sources is a int"),
        (None, "sources is a NoneType"),
    ],
    ids=["str", "bytes", "dict", "set", "frame", "number", "None"],
)
def test_what_is_no_collection_of_sentences_is_refused(texts, message: str) -> None:
    with pytest.raises(ParameterTypeError, match=message):
        checked_sentences(texts)


@pytest.mark.parametrize(
    "value", [None, float("nan"), 3, b"x", ["x"]], ids=["None", "nan", "int", "bytes", "list"]
)
def test_what_is_no_str_is_refused_by_its_row(value) -> None:
    with pytest.raises(
        DataError, match=rf"targets\[1\] is .*, a {type(value).__name__}; every sentence must be a str"
    ):
        checked_pairs(["a", "b"], ["c", value])


def test_counts_must_be_equal() -> None:
    with pytest.raises(
        DataError, match="there are 3 sources and 2 targets; each source needs its own target"
    ):
        checked_pairs(SENTENCES, SENTENCES[:2])
    with pytest.raises(DataError, match="sources and targets are empty"):
        checked_pairs([], [])


@pytest.mark.parametrize("empty", ["", " ", "\t\u00a0"], ids=["nothing", "blank", "odd blanks"])
def test_empty_sentences_are_refused_where_they_would_be_learnt(empty: str) -> None:
    with pytest.raises(DataError, match=r"sources\[1\] is empty; leave the pair out"):
        checked_pairs(["a", empty], ["b", "c"])
    with pytest.raises(DataError, match=r"targets\[0\] is empty"):
        checked_pairs(["a", "b"], [empty, "c"])
    assert checked_pairs(["a", empty], ["b", "c"], allow_empty=True) == (["a", empty], ["b", "c"])
    assert checked_sentences([empty]) == [empty]


def test_lone_surrogates_are_refused_by_their_row() -> None:
    with pytest.raises(DataError, match=r"sources\[2\] has a lone surrogate, '\\udead', at character 1"):
        checked_pairs(["a", "b", "c\udead"], ["a", "b", "c"])
    assert checked_sentences(["\U0001f600"]) == ["\U0001f600"]


def test_no_sentences_to_translate_are_no_sentences() -> None:
    assert checked_sentences([]) == []
