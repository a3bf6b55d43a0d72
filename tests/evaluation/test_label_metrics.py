"""Metrics of labels, against scikit-learn and a second count of spans."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import accuracy_score, f1_score, log_loss

from tsseq2seq.evaluation.metrics.labels import evaluate_classes, evaluate_tags
from tsseq2seq.evaluation.metrics.spans import are_span_labels, span_f1, spans_of

LABEL = st.sampled_from(["O", "B-a", "I-a", "B-b", "I-b"])
ROWS = st.lists(st.lists(LABEL, max_size=7), max_size=5)


def spans_by_trial(labels: list[str]) -> set[tuple[str, int, int]]:
    """Try every stretch: is it a span, and can it be no longer?"""
    found = set()
    for start in range(len(labels)):
        for stop in range(start + 1, len(labels) + 1):
            kind = labels[start][2:]
            if labels[start] == "O":
                continue
            before = labels[start - 1][2:] if start and labels[start - 1] != "O" else ""
            begins = labels[start].startswith("B-") or before != kind
            goes_on = all(label == f"I-{kind}" for label in labels[start + 1 : stop])
            ends = stop == len(labels) or labels[stop] != f"I-{kind}"
            if begins and goes_on and ends:
                found.add((kind, start, stop))
    return found


@given(st.lists(LABEL, max_size=10))
def test_spans_are_those_found_by_trial(labels: list[str]) -> None:
    assert spans_of(labels) == spans_by_trial(labels)


@given(st.lists(st.tuples(LABEL, LABEL), min_size=1, max_size=12))
def test_span_f1_is_that_of_precision_and_recall(pairs: list[tuple[str, str]]) -> None:
    found, true = [one for one, _ in pairs], [other for _, other in pairs]
    both = spans_by_trial(found) & spans_by_trial(true)
    expected = 1.0
    if spans_by_trial(found) or spans_by_trial(true):
        precision = len(both) / max(1, len(spans_by_trial(found)))
        recall = len(both) / max(1, len(spans_by_trial(true)))
        expected = 2 * precision * recall / (precision + recall) if both else 0.0
    assert span_f1([found], [true]) == pytest.approx(expected)
    assert span_f1([true], [true]) == 1


@pytest.mark.parametrize(
    ("labels", "are"),
    [
        (["O", "B-a"], True),
        (["I-a"], True),
        (["O"], False),
        ([], False),
        (["O", "B-"], False),
        (["B-a", "NOUN"], False),
        ([0, 1], False),
        (["B-a", 1], False),
    ],
)
def test_which_labels_are_of_spans(labels: list, are: bool) -> None:
    assert are_span_labels(labels) == are


@given(st.lists(st.tuples(LABEL, LABEL), min_size=1, max_size=12), st.integers(1, 3))
def test_scores_of_tags(pairs: list[tuple[str, str]], size: int) -> None:
    rows = [pairs[start : start + size] for start in range(0, len(pairs), size)]
    found, true = ([[pair[side] for pair in row] for row in rows] for side in (0, 1))
    flat, guessed = [one for _, one in pairs], [one for one, _ in pairs]
    scores = evaluate_tags(true, found)
    assert scores["token_accuracy"] == accuracy_score(flat, guessed)
    assert scores["sentence_accuracy"] == np.mean(
        [one == other for one, other in zip(found, true, strict=True)]
    )
    assert scores["macro_f1"] == f1_score(flat, guessed, average="macro", zero_division=0)
    assert ("span_f1" in scores) == ({*flat, *guessed} != {"O"})


def test_scores_of_classes() -> None:
    draw = np.random.default_rng(0)
    shares = draw.dirichlet([1, 1, 1, 1], 30)
    truth = draw.integers(0, 3, 30)  # the last class never occurs
    scores = evaluate_classes(truth, shares)
    assert scores["accuracy"] == (shares.argmax(1) == truth).mean()
    assert scores["log_loss"] == pytest.approx(-np.log(shares[np.arange(30), truth]).mean())
    assert scores["log_loss"] == pytest.approx(log_loss(truth, shares, labels=range(4)))
    assert scores["macro_f1"] == pytest.approx(
        f1_score(truth, shares.argmax(1), average="macro", zero_division=0)
    )
