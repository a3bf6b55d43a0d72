"""The vocabulary, against a plain count."""

from __future__ import annotations

import json
from collections import Counter

import hypothesis.strategies as st
import pytest
from hypothesis import given

from tsseq2seq.data.text.vocabulary import BOS, EOS, PAD, SPECIAL, UNK, Vocabulary
from tsseq2seq.errors import DataError, ParameterError, ParameterTypeError

TOKENS = st.sampled_from(["a", "b", "c", "dd", "<eos>", "<pad>", "<unk>", "", " "])
SENTENCES = st.lists(st.lists(TOKENS, max_size=8), min_size=1, max_size=8)


def expected_tokens(sequences: list[list[str]], min_count: int, max_size: int | None) -> list[str]:
    """Sort all tokens by count and first appearance, in a plain loop."""
    flat = [token for sequence in sequences for token in sequence]
    counts = Counter(flat)
    kept = [token for token in counts if counts[token] >= min_count]
    ranked = sorted(kept, key=lambda token: (-counts[token], flat.index(token)))
    return ranked if max_size is None else ranked[: max_size - 4]


def test_the_special_tokens_come_first() -> None:
    assert (PAD, BOS, EOS, UNK) == (0, 1, 2, 3)
    assert SPECIAL == ("<pad>", "<bos>", "<eos>", "<unk>")
    vocabulary = Vocabulary.build([["x"]])
    assert vocabulary.tokens == (*SPECIAL, "x")
    assert len(vocabulary) == 5


@given(
    sequences=SENTENCES,
    min_count=st.integers(1, 3),
    max_size=st.none() | st.integers(5, 12),
)
def test_the_most_frequent_tokens_are_kept(
    sequences: list[list[str]], min_count: int, max_size: int | None
) -> None:
    expected = expected_tokens(sequences, min_count, max_size)
    if not expected:
        with pytest.raises(DataError, match="the vocabulary is empty"):
            Vocabulary.build(sequences, min_count, max_size)
        return
    vocabulary = Vocabulary.build(sequences, min_count, max_size)
    assert vocabulary.tokens == (*SPECIAL, *expected)
    for sequence in sequences:
        ids = vocabulary.encode(sequence)
        assert ids == [4 + expected.index(token) if token in expected else UNK for token in sequence]
        assert vocabulary.decode(ids) == [token for token in sequence if token in expected]


@pytest.mark.parametrize("spelled", SPECIAL)
def test_text_that_spells_a_special_token_stays_text(spelled: str) -> None:
    known = Vocabulary.build([["a", spelled]])
    assert known.encode([spelled]) == [5]
    assert known.decode([5, EOS]) == [spelled]
    assert Vocabulary.build([["a"]]).encode([spelled]) == [UNK]


def test_special_tokens_are_left_out_of_what_is_decoded() -> None:
    assert Vocabulary.build([["a", "b"]]).decode([BOS, 4, UNK, 5, EOS, PAD, PAD]) == ["a", "b"]


def test_a_vocabulary_survives_json() -> None:
    vocabulary = Vocabulary.build([["ä", "日本", "<eos>", "\x00", '"']])
    back = Vocabulary.from_parts(json.loads(json.dumps(vocabulary.to_parts())))
    assert back == vocabulary
    assert back.encode(["日本", "?"]) == vocabulary.encode(["日本", "?"])


@pytest.mark.parametrize("number", [-1, 5, 10**12])
def test_a_number_outside_is_refused(number: int) -> None:
    with pytest.raises(ParameterError, match=rf"ids\[1\] is {number}; the vocabulary has the ids 0 to 4"):
        Vocabulary.build([["a"]]).decode([4, number])


@pytest.mark.parametrize(
    ("sequences", "min_count", "message"),
    [
        ([], 1, r"the texts hold no token \(min_count=1\)"),
        ([[], []], 1, "the texts hold no token"),
        ([["a", "b", "b"]], 3, r"the most frequent of 2 tokens is seen 2 times \(min_count=3\)"),
    ],
    ids=["no sentence", "empty sentences", "all too rare"],
)
def test_an_empty_vocabulary_is_refused(sequences: list[list[str]], min_count: int, message: str) -> None:
    with pytest.raises(DataError, match=f"the vocabulary is empty: {message}"):
        Vocabulary.build(sequences, min_count)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (("a", "b"), "it must begin with"),
        (("<pad>", "<bos>", "<unk>", "<eos>", "a"), "it must begin with"),
        (SPECIAL, "the vocabulary is empty"),
        ((*SPECIAL, "a", "b", "a"), "tokens holds 'a' twice"),
    ],
    ids=["none", "order", "no other", "twice"],
)
def test_tokens_that_cannot_be_looked_up_are_refused(tokens: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Vocabulary(tokens)


def test_sizes_are_checked() -> None:
    with pytest.raises(ParameterError, match="min_count is 0; it must be an integer, at least 1"):
        Vocabulary.build([["a"]], min_count=0)
    with pytest.raises(ParameterError, match="max_size is 4; it must be an integer, at least 5"):
        Vocabulary.build([["a"]], max_size=4)


@pytest.mark.usefixtures("unchecked_types")
def test_a_size_that_is_no_number_is_refused() -> None:
    with pytest.raises(ParameterTypeError, match=r"min_count is 1.5; it must be an integer"):
        Vocabulary.build([["a"]], min_count=1.5)  # type: ignore[arg-type]
