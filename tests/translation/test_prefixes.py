"""Forced beginnings as tokens, of every kind of tokeniser; and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError, TsSeq2SeqError
from tsseq2seq.translation.prefixes import encode_prefixes

TEXTS = ["a small woman", "the white queen"]


@pytest.mark.parametrize("kind", ["char", "word", "bpe"])
def test_a_prefix_reads_as_the_beginning_of_a_text(kind: str) -> None:
    if kind == "bpe":
        pytest.importorskip("tokenizers")
    tokenizer = build_tokenizer(kind, TEXTS)
    for text, beginning in (("a small woman", "a small"), ("the white queen", "the"), ("a", "a")):
        (tokens,) = encode_prefixes(beginning, tokenizer, 1).tolist()
        assert tokenizer.encode(text)[: len(tokens)] == tokens
        assert tokenizer.decode(tokens) == beginning


def test_shorter_ones_are_filled_up() -> None:
    tokenizer = build_tokenizer("word", TEXTS)
    found = encode_prefixes(["a small woman", "the", "white queen"], tokenizer, 3).tolist()
    for row, text in zip(found, ["a small woman", "the", "white queen"], strict=True):
        tokens = tokenizer.encode(text)
        assert row == [*tokens, *[-1] * (3 - len(tokens))]


def test_one_text_is_for_all() -> None:
    tokenizer = build_tokenizer("char", TEXTS)
    assert encode_prefixes("the", tokenizer, 3).tolist() == [tokenizer.encode("the")] * 3
    assert encode_prefixes("the", tokenizer, 0).shape == (0, 3)
    assert encode_prefixes([], tokenizer, 0).shape == (0, 0)


def test_it_is_cleaned_as_targets_are() -> None:
    tokenizer = build_tokenizer("char", TEXTS, cleaning=Cleaning(lowercase=True))
    assert encode_prefixes("  The\tWhite", tokenizer, 1).tolist() == [tokenizer.encode("the white")]


def test_a_blank_at_the_end_counts_where_blanks_are_tokens() -> None:
    characters = build_tokenizer("char", TEXTS)
    (tokens,) = encode_prefixes("the \n", characters, 1).tolist()
    assert characters.names(tokens) == ["t", "h", "e", " "]
    words = build_tokenizer("word", TEXTS)
    assert encode_prefixes("the ", words, 1).tolist() == [words.encode("the")]
    joined = build_tokenizer("char", ["woman"])
    assert encode_prefixes("wo ", joined, 1).tolist() == [joined.encode("wo")]


def test_every_list_of_texts_will_do(unchecked_types: None) -> None:
    tokenizer = build_tokenizer("char", TEXTS)
    expected = encode_prefixes(["a", "the"], tokenizer, 2).tolist()
    for texts in (("a", "the"), np.array(["a", "the"]), pd.Series(["a", "the"], index=[5, 3])):
        assert encode_prefixes(texts, tokenizer, 2).tolist() == expected


@pytest.mark.parametrize(
    ("prefix", "error", "named"),
    [
        ("", ParameterError, ["prefix is ''"]),
        (" \t", ParameterError, ["prefix is ' \\t'"]),
        (["a", ""], ParameterError, ["prefix[1] is ''"]),
        ("ab", ParameterError, ["prefix is 'ab'", "'a', '<unk>'"]),
        (["the", "Queen"], ParameterError, ["prefix[1] is 'Queen'", "'<unk>', 'u', 'e'"]),
        (["a"], ParameterError, ["list of 1", "2 sources"]),
        ([], ParameterError, ["list of 0", "2 sources"]),
        (["a", "a", "a"], ParameterError, ["list of 3", "2 sources"]),
        (["a", 3], DataError, ["prefix[1] is 3"]),
        (["a", None], DataError, ["prefix[1] is None"]),
        ("a\ud800", DataError, ["prefix", "surrogate"]),
        (7, ParameterTypeError, ["prefix is a int"]),
        ({"a", "the"}, ParameterTypeError, ["prefix is a set"]),
        ({"a": "the"}, ParameterTypeError, ["prefix is a dict"]),
    ],
    ids=[
        "empty", "blanks", "empty in a list", "unknown", "unknown in a list", "few", "none", "many", "number",
        "None", "surrogate", "no text", "set", "dict",
    ],
)  # fmt: skip
def test_refusals(prefix: Any, error: type[TsSeq2SeqError], named: list[str], unchecked_types: None) -> None:
    with pytest.raises(error) as refusal:
        encode_prefixes(prefix, build_tokenizer("char", TEXTS), 2)
    for part in named:
        assert part in str(refusal.value)
