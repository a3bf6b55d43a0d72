"""Byte-pair encoding, against its textbook algorithm in plain Python."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.tokenizers import build_tokenizer, tokenizer_from_parts
from tsseq2seq.data.text.tokenizers.bpe import BytePairTokenizer
from tsseq2seq.data.text.vocabulary import EOS, SPECIAL, UNK
from tsseq2seq.errors import MissingDependencyError

pytest.importorskip("tokenizers")

TEXTS = [
    "low low low low low lower lower",
    "newest newest newest newest newest newest widest widest widest",
    "the <eos> of <eos> the line <unk> <unk>",
]


def words_of(texts: list[str]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(f" {word}") for text in texts for word in text.split())


def merged(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    """Merge a pair wherever it stands, from the left."""
    out: list[str] = []
    position = 0
    while position < len(word):
        if word[position : position + 2] == pair:
            out.append(word[position] + word[position + 1])
            position += 2
        else:
            out.append(word[position])
            position += 1
    return tuple(out)


def pairs_of(words: Counter[tuple[str, ...]]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for word, times in words.items():
        for pair in pairwise(word):
            counts[pair] += times
    return counts


def merges_of(tokenizer) -> list[tuple[str, str]]:
    return [tuple(pair) for pair in json.loads(tokenizer.to_parts()["trained"])["model"]["merges"]]


def plainly_encoded(tokenizer, text: str) -> list[str]:
    """Apply all merges to each word, in the order in which they were learnt."""
    pieces: list[str] = []
    for word in text.split():
        parts = tuple(f" {word}")
        for pair in merges_of(tokenizer):
            parts = merged(parts, pair)
        pieces.extend(parts)
    return pieces


@pytest.mark.parametrize("max_size", [30, 40, 100])
def test_each_merge_learnt_is_a_most_frequent_pair(max_size: int) -> None:
    tokenizer = build_tokenizer("bpe", TEXTS, max_size=max_size)
    words = words_of(TEXTS)
    merges = merges_of(tokenizer)
    assert merges
    for pair in merges:
        counts = pairs_of(words)
        assert counts[pair] == max(counts.values()) >= 2
        grown: Counter[tuple[str, ...]] = Counter()
        for word, times in words.items():
            grown[merged(word, pair)] += times
        words = grown
    if tokenizer.vocabulary_size < max_size:
        assert not pairs_of(words) or max(pairs_of(words).values()) < 2, "nothing was left to merge"


@given(text=st.text(st.sampled_from("lowernstidh <>fu_"), max_size=30))
@settings(max_examples=50)
def test_encoding_equals_the_textbook_algorithm(text: str) -> None:
    tokenizer = build_tokenizer("bpe", TEXTS, max_size=40)
    known = {character for line in TEXTS for character in f" {line}"}
    expected = [piece if set(piece) <= known else "<unk>" for piece in plainly_encoded(tokenizer, text)]
    assert tokenizer.names(tokenizer.encode(text)) == expected


def test_frequent_words_are_one_token_wherever_they_stand() -> None:
    tokenizer = build_tokenizer("bpe", TEXTS)
    assert tokenizer.names(tokenizer.encode("newest low")) == [" newest", " low"]
    assert tokenizer.names(tokenizer.encode("low newest")) == [" low", " newest"]


@given(texts=st.lists(st.text(max_size=20), min_size=1, max_size=4), lowercase=st.booleans())
@settings(max_examples=50)
def test_a_known_sentence_comes_back_cleaned(texts: list[str], lowercase: bool) -> None:
    cleaning = Cleaning(lowercase)
    tokenizer = build_tokenizer("bpe", [*texts, "a"], cleaning=cleaning)
    for text in texts:
        ids = tokenizer.encode(text)
        assert tokenizer.decode(ids) == cleaning.clean(text)
        assert all(len(SPECIAL) <= number < tokenizer.vocabulary_size for number in ids)


@given(text=st.text())
@settings(max_examples=50)
def test_any_text_is_encoded(text: str) -> None:
    tokenizer = build_tokenizer("bpe", TEXTS)
    ids = tokenizer.encode(text)
    assert not {0, 1, 2} & set(ids)
    known = {character for line in TEXTS for character in f" {line}"}
    kept = "".join(character for character in f" {Cleaning().clean(text)}" if character in known)
    assert tokenizer.decode(ids) == kept[1:], "only unknown characters are lost"


@pytest.mark.parametrize("spelled", SPECIAL)
def test_text_that_spells_a_special_token_stays_text(spelled: str) -> None:
    tokenizer = build_tokenizer("bpe", [f"{spelled} a {spelled}b {spelled}"] * 9)
    for text in (spelled, f"{spelled} a", f"a {spelled}b {spelled}"):
        ids = tokenizer.encode(text)
        assert min(ids) >= len(SPECIAL)
        assert tokenizer.decode([*ids, EOS]) == text
    assert tokenizer.names([0, 1, 2, 3]) == list(SPECIAL)


def test_unknown_characters() -> None:
    tokenizer = build_tokenizer("bpe", ["ab ab ab"])
    assert tokenizer.names(tokenizer.encode("日本")) == [" ", "<unk>", "<unk>"]
    assert tokenizer.encode("日")[1] == UNK
    assert tokenizer.decode(tokenizer.encode("a日b 本")) == "ab "


def test_rare_characters_are_unknown_and_break_merges() -> None:
    texts = ["axb"] * 3 + ["ayb"]
    tokenizer = build_tokenizer("bpe", texts, min_count=2)
    assert tokenizer.names(tokenizer.encode("y")) == [" ", "<unk>"]
    assert tokenizer.names(tokenizer.encode("ayb")) == [" a", "<unk>", "b"]
    assert ("a", "b") not in merges_of(tokenizer), "what an unknown character parted is not a pair"


def test_the_size_is_never_exceeded() -> None:
    texts = ["abcdefghij " * 3, "aaa bbb"]
    counts = Counter("".join(f" {text.strip()}" for text in texts))
    for max_size in (5, 8, 15, 20):
        tokenizer = build_tokenizer("bpe", texts, max_size=max_size)
        assert tokenizer.vocabulary_size <= max_size
        singles = [name for name in tokenizer.names(range(4, tokenizer.vocabulary_size)) if len(name) == 1]
        kept = {character for character, _ in counts.most_common(max_size - 4)}
        assert set(singles) == kept


def test_the_same_texts_always_give_the_same_pieces() -> None:
    program = (
        "import hashlib\n"
        "from tsseq2seq.data.text.tokenizers import build_tokenizer\n"
        "texts = [f'{a}{b}er {b}{a}ing {c}est' for a in 'bcdfgh' for b in 'aeiou' for c in 'lmn']\n"
        "print(hashlib.sha256(build_tokenizer('bpe', texts).to_parts()['trained'].encode()).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "RAYON_NUM_THREADS": threads},
        ).stdout
        for seed, threads in (("1", "1"), ("2", "2"))
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_a_tokenizer_survives_json() -> None:
    tokenizer = build_tokenizer("bpe", [*TEXTS, "Ünïcode 日本"], cleaning=Cleaning(lowercase=True))
    parts = json.loads(json.dumps(tokenizer.to_parts()))
    assert parts["kind"] == "bpe"
    back = tokenizer_from_parts(parts)
    assert back == tokenizer
    for text in (*TEXTS, "ÜNÏ", "<eos>"):
        assert back.encode(text) == tokenizer.encode(text)
    assert copy.deepcopy(tokenizer).encode("low") == tokenizer.encode("low")
    assert pickle.loads(pickle.dumps(tokenizer)).encode("low") == tokenizer.encode("low")


@pytest.mark.parametrize("line", ["abcde" * 20_000, "abcd " * 20_000], ids=["one word", "words"])
def test_a_line_of_100_000_characters(line: str) -> None:
    tokenizer = build_tokenizer("bpe", ["abcde abcd"] * 3)
    ids = tokenizer.encode(line)
    assert tokenizer.decode(ids) == line.strip()


def test_without_the_library_the_message_says_how_to_install_it(monkeypatch) -> None:
    parts = build_tokenizer("bpe", TEXTS).to_parts()
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(
        MissingDependencyError, match=r"The tokenizer 'bpe' needs .* pip install 'tsseq2seq\[text\]'"
    ):
        BytePairTokenizer.fit(TEXTS)
    with pytest.raises(MissingDependencyError, match="pip install"):
        tokenizer_from_parts(parts).encode("low")
    build_tokenizer("word", TEXTS)


def test_a_beginning_is_read_as_a_sentence_is() -> None:
    """A blank at its end belongs to the word behind it, which is not there yet."""
    tokenizer = build_tokenizer("bpe", TEXTS, max_size=30)
    for text in ("low", "low new", "low ", "", " "):
        assert tokenizer.encode_beginning(text) == tokenizer.encode(text)
