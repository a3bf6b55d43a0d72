"""ROUGE against its definition written out: matches crossed off one by one, and a recursion for subsequences."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq import Network, Seq2SeqTranslator, Training
from tsseq2seq.evaluation.metrics.rouge import ROUGE_METRICS, longest_common_subsequence, rouge

SENTENCES = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=9).map(" ".join)


def recursive_length(one: list[str], other: list[str]) -> int:
    @cache
    def length(left: int, right: int) -> int:
        if not left or not right:
            return 0
        if one[left - 1] == other[right - 1]:
            return length(left - 1, right - 1) + 1
        return max(length(left - 1, right), length(left, right - 1))

    return length(len(one), len(other))


def by_definition(found: str, true: str, metric: str) -> float:
    one, other = found.split(), true.split()
    if metric == "rougeL":
        matches, read, wanted = recursive_length(one, other), len(one), len(other)
    else:
        n = int(metric[-1])
        grams = [one[start : start + n] for start in range(len(one) - n + 1)]
        left = [other[start : start + n] for start in range(len(other) - n + 1)]
        read, wanted, matches = len(grams), len(left), 0
        for gram in grams:
            if gram in left:
                left.remove(gram)
                matches += 1
    if not read and not wanted:
        return float(one == other)
    if not matches:
        return 0.0
    precision, recall = matches / read, matches / wanted
    return 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize("metric", list(ROUGE_METRICS))
@given(pairs=st.lists(st.tuples(SENTENCES, SENTENCES), min_size=1, max_size=5))
def test_it_is_the_mean_of_the_definition(metric: str, pairs: list[tuple[str, str]]) -> None:
    found, truth = [one for one, _ in pairs], [other for _, other in pairs]
    expected = sum(by_definition(one, other, metric) for one, other in pairs) / len(pairs)
    assert rouge(found, truth, metric) == pytest.approx(100 * expected)
    assert rouge(truth, truth, metric) == pytest.approx(100)


@given(st.lists(st.integers(0, 3).map(str), max_size=70), st.lists(st.integers(0, 3).map(str), max_size=70))
def test_the_subsequence_is_the_recursions(one: list[str], other: list[str]) -> None:
    assert longest_common_subsequence(one, other) == recursive_length(one, other)


@pytest.mark.parametrize(
    ("found", "metric", "expected"),
    [
        # Lin 2004, section 3: ROUGE-2 of both is the same, ROUGE-L tells them apart
        ("police kill the gunman", "rougeL", 0.75),
        ("the gunman kill police", "rougeL", 0.5),
        ("police kill the gunman", "rouge2", 1 / 3),
        ("the gunman kill police", "rouge2", 1 / 3),
    ],
)
def test_the_example_of_the_paper(found: str, metric: str, expected: float) -> None:
    assert rouge([found], ["police killed the gunman"], metric) == pytest.approx(100 * expected)


def test_evaluate_scores_what_predict_writes() -> None:
    sources, targets = ["a b c", "b c a", "c b a b"] * 2, ["x y z", "y z x", "z y x y"] * 2
    training = Training(max_steps=15, progress=False)
    model = Seq2SeqTranslator("word", network=Network(hidden_size=8, attention="dot"), training=training)
    model.fit(sources, targets)
    written = model.predict(sources, max_length=6)
    scores = model.evaluate(sources, targets, metrics=list(ROUGE_METRICS), max_length=6)
    assert list(scores) == ["rouge1", "rouge2", "rougeL"]
    for name, score in scores.items():
        assert score == pytest.approx(rouge(written, targets, name))
