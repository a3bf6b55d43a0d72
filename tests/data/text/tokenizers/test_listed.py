"""Tokenisers of characters, words, and a user's own functions."""

from __future__ import annotations

import copy
import json
import pickle

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given

from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.tokenizers import TextTokenizer, build_tokenizer, tokenizer_from_parts
from tsseq2seq.data.text.vocabulary import EOS, PAD, SPECIAL, UNK
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError

KINDS = ("char", "word")
CLEANINGS = st.builds(Cleaning, st.booleans(), st.sampled_from(["keep", "separate", "remove"]))


def split(text: str) -> list[str]:
    return text.split("-")


def join(tokens: list[str]) -> str:
    return "-".join(tokens)


@pytest.mark.parametrize("kind", KINDS)
@given(texts=st.lists(st.text(max_size=20), min_size=1, max_size=4), cleaning=CLEANINGS)
def test_a_known_sentence_comes_back_cleaned(kind: str, texts: list[str], cleaning: Cleaning) -> None:
    cleaned = [cleaning.clean(text) for text in texts]
    assume(any(cleaned))
    tokenizer = build_tokenizer(kind, texts, cleaning=cleaning)
    for text, expected in zip(texts, cleaned, strict=True):
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == expected
        assert ids == tokenizer.encode(expected), "cleaning again changes nothing"
        assert all(len(SPECIAL) <= number < tokenizer.vocabulary_size for number in ids)


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.text())
def test_any_text_is_encoded(kind: str, text: str) -> None:
    tokenizer = build_tokenizer(kind, ["the cat", "sat <eos>"])
    ids = tokenizer.encode(text)
    cleaned = Cleaning().clean(text)
    assert len(ids) == (len(cleaned) if kind == "char" else len(cleaned.split()))
    assert not {0, 1, 2} & set(ids)
    assert len(tokenizer.names(ids)) == len(ids)
    assert isinstance(tokenizer.decode(ids), str)


def test_characters_are_counted_as_in_a_plain_loop() -> None:
    tokenizer = build_tokenizer("char", ["abba", "cab"])
    assert tokenizer.vocabulary_size == 4 + 3
    # a and b three times each, a first; then c
    assert tokenizer.encode("abcd") == [4, 5, 6, UNK]
    assert tokenizer.names([4, UNK, EOS, PAD]) == ["a", "<unk>", "<eos>", "<pad>"]


@pytest.mark.parametrize(
    ("kind", "text", "names"),
    [
        ("char", "a b", "a| |b"),
        ("char", "a b \t", "a| |b| "),
        ("char", " ", ""),
        ("char", "", ""),
        ("char", "x ", "<unk>| "),
        ("word", "cat sat ", "cat|sat"),
        ((list, "".join), "a ", "a| "),
        ((str.split, " ".join), "cat ", "cat"),
    ],
)
def test_a_beginning_keeps_its_last_blank_where_blanks_are_tokens(kind, text: str, names: str) -> None:
    tokenizer = build_tokenizer(kind, ["a cat sat", "b"])
    found = tokenizer.names(tokenizer.encode_beginning(text))
    assert found == (names.split("|") if names else [])
    assert tokenizer.encode(text) == tokenizer.encode_beginning(text.rstrip())


def test_words_and_marks() -> None:
    tokenizer = build_tokenizer(
        "word", ["Yes, I do.", "I don't."], cleaning=Cleaning(lowercase=True, punctuation="separate")
    )
    assert tokenizer.names(tokenizer.encode("I DON'T, yes!")) == ["i", "don't", ",", "yes", "<unk>"]
    assert tokenizer.decode(tokenizer.encode("yes, i do.")) == "yes , i do ."


@pytest.mark.parametrize("kind", KINDS)
def test_rare_and_surplus_tokens_are_unknown(kind: str) -> None:
    texts = ["a a a b b c", "a b"]
    rare = build_tokenizer(kind, texts, min_count=2)
    assert rare.encode("c") == [UNK]
    assert rare.encode("b") != [UNK]
    small = build_tokenizer(kind, texts, max_size=5)
    assert small.vocabulary_size == 5
    assert rare.decode(rare.encode("c")) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_sentence_of_only_unknown_characters(kind: str) -> None:
    tokenizer = build_tokenizer(kind, ["abc abc"])
    assert tokenizer.encode("日本語") == [UNK] * (3 if kind == "char" else 1)
    assert tokenizer.decode(tokenizer.encode("日本語")) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_of_100_000_characters(kind: str) -> None:
    line = "wörd " * 20_000
    tokenizer = build_tokenizer(kind, [line])
    ids = tokenizer.encode(line)
    assert len(ids) == (99_999 if kind == "char" else 20_000)
    assert tokenizer.decode(ids) == line.strip()


@pytest.mark.parametrize("kind", KINDS)
def test_a_tokenizer_survives_json(kind: str) -> None:
    tokenizer = build_tokenizer(
        kind, ['Ünï "q" <eos>', "x\ty"], cleaning=Cleaning(lowercase=True, punctuation="remove")
    )
    back = tokenizer_from_parts(json.loads(json.dumps(tokenizer.to_parts())))
    assert back == tokenizer
    assert back.encode("ÜNÏ?") == tokenizer.encode("ünï")
    assert copy.deepcopy(tokenizer) == tokenizer
    assert pickle.loads(pickle.dumps(tokenizer)).encode("x") == tokenizer.encode("x")


def test_a_users_own_pair() -> None:
    tokenizer = build_tokenizer((split, join), ["a-b", "b-c"], cleaning=Cleaning(lowercase=True))
    assert isinstance(tokenizer, TextTokenizer)
    ids = tokenizer.encode("B-C-x")
    assert tokenizer.names(ids) == ["b", "c", "<unk>"]
    assert tokenizer.decode(ids) == "b-c"
    with pytest.raises(ParameterError, match="pair of functions, which cannot be saved"):
        tokenizer.to_parts()


@pytest.mark.parametrize(
    ("encode", "message"),
    [
        (lambda text: text, r"encode\('a b'\) returned 'a b', a str; it must return a list of str"),
        (lambda text: [1, 2], r"returned a list with 1, a int; it must return a list of str"),
        (lambda text: None, "returned None, a NoneType"),
    ],
    ids=["str", "numbers", "None"],
)
@pytest.mark.usefixtures("unchecked_types")
def test_a_pair_that_returns_something_else_is_refused(encode, message: str) -> None:
    with pytest.raises(ParameterTypeError, match=message):
        build_tokenizer((encode, join), ["a b"])


@pytest.mark.usefixtures("unchecked_types")
def test_a_decoder_that_returns_something_else_is_refused() -> None:
    tokenizer = build_tokenizer((split, list), ["a-b"])  # type: ignore[arg-type]
    with pytest.raises(ParameterTypeError, match=r"decode returned \['a'\], a list; it must return a str"):
        tokenizer.decode([4])


@pytest.mark.parametrize("kind", ["chars", "", "CHAR"])
def test_an_unknown_kind_is_refused(kind: str) -> None:
    with pytest.raises(
        ParameterError, match=f"tokenizer is '{kind}'; it must be one of 'char', 'word', 'bpe'"
    ):
        build_tokenizer(kind, ["a"])


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize(
    "kind", [None, 3, (split,), (split, "x")], ids=["None", "number", "one", "no function"]
)
def test_what_is_no_kind_at_all_is_refused(kind) -> None:
    with pytest.raises(ParameterError, match="or a pair of functions"):
        build_tokenizer(kind, ["a"])


@pytest.mark.parametrize("kind", ["char", "word", "bpe", (split, join)], ids=["char", "word", "bpe", "pair"])
def test_bad_texts_and_numbers_are_refused(kind) -> None:
    with pytest.raises(DataError, match=r"texts\[1\] has a lone surrogate"):
        build_tokenizer(kind, ["fine", "a\udfff"])
    with pytest.raises(DataError, match="lone surrogate"):
        build_tokenizer(kind, ["fine"]).encode("\ud800")
    with pytest.raises(ParameterError, match="min_count is 0"):
        build_tokenizer(kind, ["a"], min_count=0)
    with pytest.raises(ParameterError, match="max_size is 4"):
        build_tokenizer(kind, ["a"], max_size=4)
    with pytest.raises(DataError, match="the vocabulary is empty"):
        build_tokenizer(kind, ["ab", "cd"], min_count=9)
    with pytest.raises(ParameterError, match=r"ids\[0\] is 999"):
        build_tokenizer(kind, ["ab"]).decode([999])


@pytest.mark.parametrize("kind", ["char", "word", "bpe"])
@pytest.mark.parametrize("texts", [[], ["", "  "]], ids=["none", "blank"])
def test_texts_without_a_token_are_refused(kind: str, texts: list[str]) -> None:
    with pytest.raises(DataError, match="the vocabulary is empty: the texts hold no token"):
        build_tokenizer(kind, texts)


@pytest.mark.parametrize("kind", ["char", "word", "bpe"])
def test_an_empty_sentence_is_an_empty_list(kind: str) -> None:
    tokenizer = build_tokenizer(kind, ["ab"])
    assert tokenizer.encode(" ") == []
    assert tokenizer.decode([]) == ""
