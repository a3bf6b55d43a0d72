"""Scores of text: against a recursion, against sacrebleu itself, and by hand."""

from __future__ import annotations

import sys
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.text.edit_distance import edit_distance
from tsseq2seq.errors import DataError, MissingDependencyError, TsSeq2SeqWarning
from tsseq2seq.evaluation.metrics.text import available_text_metrics, character_error_rate, evaluate_text

SEQUENCES = st.lists(st.integers(0, 3), max_size=8)
FOUND = ["the cat sat on the mat", "a dog", "", "two birds in a tree by the house"]
TRUTH = ["the cat sat on a mat", "a dog", "one", "two birds in the tree by a house"]


def recursive_distance(one, other) -> int:
    """The definition: an insertion, a deletion, or a substitution at the end."""

    @cache
    def distance(left: int, right: int) -> int:
        if not left or not right:
            return left + right
        return min(
            distance(left - 1, right) + 1,
            distance(left, right - 1) + 1,
            distance(left - 1, right - 1) + (one[left - 1] != other[right - 1]),
        )

    return distance(len(one), len(other))


@given(SEQUENCES, SEQUENCES)
def test_the_distance_is_the_recursions(one: list[int], other: list[int]) -> None:
    assert edit_distance(one, other) == recursive_distance(one, other)


@given(st.text("abé ", max_size=10), st.text("abé ", max_size=10))
def test_the_distance_of_texts_is_the_recursions(one: str, other: str) -> None:
    assert edit_distance(one, other) == recursive_distance(one, other) == edit_distance(other, one)


@given(SEQUENCES, SEQUENCES, SEQUENCES)
def test_the_distance_is_a_metric(one: list[int], other: list[int], third: list[int]) -> None:
    assert edit_distance(one, one) == 0
    assert edit_distance(one, third) <= edit_distance(one, other) + edit_distance(other, third)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("intention", "execution", 5),  # Jurafsky & Martin, figure 2.15, with substitutions of 1
        ("saturday", "sunday", 3),
        (["a", 1, None], ["a", 2, None], 1),
    ],
    ids=["nothing", "inserted", "deleted", "intention", "saturday", "objects"],
)
def test_known_distances(one, other, expected: int) -> None:
    assert edit_distance(one, other) == expected


@given(
    st.lists(
        st.tuples(st.text("ab ", max_size=6), st.text("ab ", max_size=6)), min_size=1, max_size=4
    ).filter(lambda pairs: any(truth for _, truth in pairs))
)
def test_the_error_rate_is_of_all_characters_together(pairs: list[tuple[str, str]]) -> None:
    found, truth = [one for one, _ in pairs], [other for _, other in pairs]
    edits = sum(recursive_distance(one, other) for one, other in pairs)
    assert character_error_rate(found, truth) == pytest.approx(edits / sum(map(len, truth)))


def test_more_errors_than_characters() -> None:
    assert character_error_rate(["abcdef"], ["x"]) == 6.0


def test_bleu_and_chrf_are_sacrebleus() -> None:
    sacrebleu = pytest.importorskip("sacrebleu")
    scores = evaluate_text(FOUND, TRUTH)
    assert list(scores) == ["exact_match", "cer", "chrf", "bleu", "rouge1", "rouge2", "rougeL"]
    bleu = sacrebleu.BLEU(tokenize="none", force=True).corpus_score(FOUND, [TRUTH]).score
    chrf = sacrebleu.CHRF().corpus_score(FOUND, [TRUTH]).score
    assert scores["bleu"] == pytest.approx(bleu)
    assert scores["chrf"] == pytest.approx(chrf)
    assert 0 < bleu < 100
    assert 0 < chrf < 100
    assert scores["exact_match"] == 0.25
    edits = sum(recursive_distance(one, other) for one, other in zip(FOUND, TRUTH, strict=True))
    assert scores["cer"] == pytest.approx(edits / sum(map(len, TRUTH)))


def test_all_right() -> None:
    pytest.importorskip("sacrebleu")
    scores = evaluate_text(TRUTH, TRUTH)
    assert scores == {
        "exact_match": 1.0,
        "cer": 0.0,
        "chrf": pytest.approx(100.0),
        "bleu": pytest.approx(100.0),
        "rouge1": pytest.approx(100.0),
        "rouge2": pytest.approx(100.0),
        "rougeL": pytest.approx(100.0),
    }


def test_text_that_is_tokenised_already_gives_no_warning() -> None:
    """As sacrebleu would of sentences that end with a mark set apart."""
    pytest.importorskip("sacrebleu")
    assert evaluate_text(["a cat sits here ."] * 100, ["a cat sits here ."] * 100)["bleu"] > 99.9


@pytest.mark.parametrize("score", [character_error_rate, evaluate_text])
def test_what_is_refused(score) -> None:
    with pytest.raises(DataError, match="there are 1 sentences and 2 references; each needs one"):
        score(["a"], ["a", "b"])
    with pytest.raises(DataError, match="the references have no characters"):
        score(["a", "b"], ["", ""])
    with pytest.raises(DataError, match="the references have no characters"):
        score([], [])


def test_without_sacrebleu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    with pytest.raises(MissingDependencyError, match=r"evaluate .*sacrebleu.*tsseq2seq\[text\]"):
        evaluate_text(["a"], ["a"])


@pytest.mark.parametrize(
    "texts", [["yes"], ["a", "b c"], ["a b c", "d"], ["a b c d"], ["one", "a b c d e f"]]
)
def test_bleu_of_what_is_right_is_100_however_short(texts) -> None:
    pytest.importorskip("sacrebleu")
    assert evaluate_text(texts, texts)["bleu"] == pytest.approx(100.0)
    assert evaluate_text(["x"] * len(texts), texts)["bleu"] == pytest.approx(0.0)


def test_what_was_not_asked_for_needs_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    assert evaluate_text(["a"], ["a"], ["cer", "exact_match"]) == {"exact_match": 1.0, "cer": 0.0}
    with pytest.raises(MissingDependencyError, match="'bleu'"):
        evaluate_text(["a"], ["a"], ["bleu"])
    with pytest.warns(TsSeq2SeqWarning, match="chrf and bleu are left out") as caught:
        assert available_text_metrics() == ("exact_match", "cer", "rouge1", "rouge2", "rougeL")
    assert len(caught) == 1
