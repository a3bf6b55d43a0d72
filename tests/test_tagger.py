"""The tagger: a label for each step, at any length."""

from __future__ import annotations

import random
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, f1_score

from tsseq2seq import Cleaning, Network, Seq2SeqTagger, Training, load
from tsseq2seq.errors import DataError, DataWarning, ParameterError, ParameterTypeError

SMALL = Network(hidden_size=8, bidirectional=True)
BRIEF = Training(max_steps=10, progress=False)

TEXTS = ["Anna Maria meets Bob", "the dog sees Eva Berg", "he waits", "Bob sees the dog"]
TOKENS = [text.split() for text in TEXTS]
NAMES = [["B-p", "I-p", "O", "B-p"], ["O", "O", "O", "B-p", "I-p"], ["O", "O"], ["B-p", "O", "O", "O"]]


def arrays(width: int = 2) -> tuple[list[np.ndarray], list[list[bool]]]:
    """Whether the value of the next step is larger."""
    draw = np.random.default_rng(0)
    values = [draw.normal(size=(2 + row % 5, width)) for row in range(10)]
    return values, [[*(one[1:, 0] > one[:-1, 0]).tolist(), False] for one in values]


KINDS: dict[str, tuple[Any, list[list[Any]]]] = {
    "texts": (TEXTS, NAMES),
    "tokens": (TOKENS, NAMES),
    "arrays": arrays(),
    "one feature": ([one[:, 0] for one in arrays()[0]], [[int(label) for label in row] for row in arrays()[1]]),
}  # fmt: skip


def tagger(**settings: Any) -> Seq2SeqTagger:
    return Seq2SeqTagger(**({"network": SMALL, "training": BRIEF} | settings))


@pytest.fixture(scope="module", params=[(kind, crf) for kind in KINDS for crf in (False, True)], ids=str)
def case(request: pytest.FixtureRequest) -> tuple[Seq2SeqTagger, list[Any], list[list[Any]]]:
    kind, crf = request.param
    X, y = KINDS[kind]
    return tagger(crf=crf).fit(X, y), X, y


# --- a corpus: clauses inside clauses, whose nouns and verbs agree ---

NOUNS = {"sg": ["dog", "girl", "king"], "pl": ["dogs", "girls", "kings"], "?": ["sheep", "fish", "deer"]}
VERBS = {"sg": ["sees", "sleeps", "runs"], "pl": ["see", "sleep", "run"], "?": ["saw", "slept", "ran"]}


def clause(dice: random.Random, depth: int) -> list[tuple[str, str]]:
    """A noun, perhaps a clause about it, and a verb: one of the two may not show the number of both.

    The number of "sheep" stands in the verb, to the right of the inner clause; that of "slept" in the noun,
    to its left.
    """
    number = dice.choice(["sg", "pl"])
    noun, verb = dice.choice([(number, number), ("?", number), (number, "?")])
    words = [("the", "DET"), (dice.choice(NOUNS[noun]), f"N-{number}")]
    if depth and dice.random() < 0.5:
        words += [("that", "REL"), *clause(dice, depth - 1)]
    return [*words, (dice.choice(VERBS[verb]), f"V-{number}")]


def corpus(
    seed: int, count: int, clauses: tuple[int, int], lengths: range, depth: int
) -> tuple[list[list[str]], list[list[str]]]:
    dice = random.Random(seed)
    sentences: list[list[tuple[str, str]]] = []
    while len(sentences) < count:
        words = clause(dice, depth)
        for _ in range(dice.randint(*clauses) - 1):
            words += [("and", "CONJ"), *clause(dice, depth)]
        if len(words) in lengths:
            sentences.append(words)
    return [[w for w, _ in one] for one in sentences], [[t for _, t in one] for one in sentences]


@pytest.mark.parametrize(
    ("depth", "steps", "width"),
    [(1, 500, 32), pytest.param(2, 1200, 64, marks=pytest.mark.slow)],
    ids=["one inside another", "one inside another inside a third"],
)
@pytest.mark.parametrize("crf", [False, True])
def test_nested_agreement_is_exact_at_twice_the_length(crf: bool, depth: int, steps: int, width: int) -> None:
    X, y = corpus(0, 2000, (1, 3), range(20), depth)
    longer, truth = corpus(1, 300, (4, 8), range(30, 41), depth)
    training = Training(max_steps=steps, learning_rate=8e-3, batch_size=32, progress=False)
    model = Seq2SeqTagger(crf=crf, network=Network(hidden_size=width, bidirectional=True), training=training)
    found = model.fit(X, y).evaluate(longer, truth)
    assert max(map(len, X)) < 20
    assert np.mean([len(row) for row in longer]) > 34
    assert found["sentence_accuracy"] == found["token_accuracy"] == 1


# --- what it returns ---


def test_a_label_and_a_distribution_for_each_step(case) -> None:
    model, X, y = case
    labels, shares = model.predict(X), model.predict_proba(X)
    assert [len(row) for row in labels] == [len(row) for row in y]
    kinds = {type(label) for row in y for label in row}
    assert {type(label) for row in labels for label in row} == kinds
    assert model.classes_.tolist() == sorted({label for row in y for label in row})
    for row, (one, share) in enumerate(zip(labels, shares, strict=True)):
        assert share.shape == (len(y[row]), len(model.classes_))
        np.testing.assert_allclose(share.sum(1), 1, rtol=0, atol=1e-12)
        if not model.crf:
            assert one == model.classes_[share.argmax(1)].tolist()


def test_the_same_sequence_alone_among_others_and_in_another_order(case) -> None:
    model, X, _ = case
    together, labels = model.predict_proba(X), model.predict(X)
    order = list(reversed(range(len(X))))
    turned = model.predict_proba([X[row] for row in order])
    for place, row in enumerate(order):
        np.testing.assert_allclose(turned[place], together[row], atol=1e-6)
        np.testing.assert_allclose(model.predict_proba([X[row]])[0], together[row], atol=1e-6)
        assert model.predict([X[row]]) == [labels[row]]


def test_a_saved_model_says_the_same(case, tmp_path: Path) -> None:
    model, X, y = case
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.predict(X) == model.predict(X)
    for one, other in zip(again.predict_proba(X), model.predict_proba(X), strict=True):
        np.testing.assert_array_equal(one, other)
    assert again.evaluate(X, y) == model.evaluate(X, y)
    assert again.get_params() == model.get_params()
    assert {type(value) for row in again.predict(X) for value in row} == {
        type(value) for row in y for value in row
    }
    pd.testing.assert_frame_equal(again.history_, model.history_)


def test_the_same_seed_gives_the_same_model(case) -> None:
    model, X, y = case
    again = clone(model).fit(X, y)
    for one, other in zip(again.predict_proba(X), model.predict_proba(X), strict=True):
        np.testing.assert_array_equal(one, other)


def test_evaluate_agrees_with_scikit_learn(case) -> None:
    model, X, y = case
    found, predicted = model.evaluate(X, y), model.predict(X)
    truth, flat = list(chain.from_iterable(y)), list(chain.from_iterable(predicted))
    assert found["token_accuracy"] == model.score(X, y) == accuracy_score(truth, flat)
    assert found["macro_f1"] == pytest.approx(f1_score(truth, flat, average="macro", zero_division=0))
    assert found["sentence_accuracy"] == np.mean(
        [one == other for one, other in zip(y, predicted, strict=True)]
    )
    assert ("span_f1" in found) == isinstance(y[0][0], str)


def test_sequences_may_be_empty_and_none(case) -> None:
    model, X, _ = case
    assert model.predict([]) == model.predict_proba([]) == []
    nothing = "" if isinstance(X[0], str) else X[0][:0]
    assert model.predict([nothing, X[1]]) == [[], *model.predict([X[1]])]
    assert model.predict([nothing]) == [[]]
    assert model.predict_proba([nothing])[0].shape == (0, len(model.classes_))


def test_members_with_and_without_a_field() -> None:
    X, y = KINDS["arrays"]
    for crf in (False, True):
        model = tagger(crf=crf, training=Training(max_steps=5, members=2, progress=False)).fit(X, y)
        assert len(model.fitted_.members) == 2
        shares = model.predict_proba(X)
        assert all(np.isfinite(share).all() for share in shares)
        assert [len(row) for row in model.predict(X)] == [len(row) for row in y]


def test_a_field_learns_what_may_follow() -> None:
    """Steps say nothing of their labels but where one begins: each label follows from the one before."""
    dice = np.random.default_rng(0)
    order = "abc"
    y = [[order[(start + step) % 3] for step in range(6)] for start in dice.integers(0, 3, 60)]
    X = [[row[0], *"xxxxx"] for row in y]
    network = Network(hidden_size=4)
    training = Training(max_steps=150, learning_rate=0.03, progress=False)
    model = tagger(crf=True, network=network, training=training).fit(X, y)
    assert model.score(X, y) == 1
    transitions = model.fitted_.members[0].crf.transitions.detach().numpy()
    assert (transitions.argmax(1) == [1, 2, 0]).all()


# --- how it reads ---


def test_texts_and_their_words_are_the_same() -> None:
    texts, tokens = tagger().fit(TEXTS, NAMES), tagger().fit(TOKENS, NAMES)
    assert texts.predict(TEXTS) == tokens.predict(TOKENS)
    series = tagger().fit(pd.Series(TEXTS), pd.Series(NAMES))
    assert series.predict(np.array(TEXTS)) == texts.predict(TEXTS)
    tuples = tagger().fit([tuple(row) for row in TOKENS], [np.array(row) for row in NAMES])
    assert tuples.predict(TOKENS) == tokens.predict(TOKENS)


def test_characters_have_labels_too() -> None:
    texts = ["abc", "a1", "12b"]
    model = tagger(tokenizer="char").fit(texts, [[letter.isdigit() for letter in text] for text in texts])
    assert [len(row) for row in model.predict(["1", "abcabcabc"])] == [1, 9]


def test_cleaning_is_of_each_token() -> None:
    model = tagger(cleaning=Cleaning(lowercase=True, punctuation="remove")).fit(
        [["Don't", "go", "."], ["go", "!"]], [["V", "V", "."], ["V", "."]]
    )
    one, other = model.predict_proba([["DON'T", "Go", "."], ["dont", "go", "?"]])
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_an_unseen_word_is_the_unknown_one() -> None:
    model = tagger().fit(TOKENS, NAMES)
    one, other = (model.predict_proba([["the", "dog", "sees", word]])[0] for word in ("Zoe", "Yan"))
    np.testing.assert_array_equal(one, other)
    with pytest.warns(DataWarning, match=r"1 of 2 .*X\[1\], 2 of 3"):
        model.predict([TOKENS[0], ["Zoe", "sees", "Yan"]])


def test_sample_weights_count() -> None:
    X, y = [["a"], ["a"]] * 5, [["x"], ["y"]] * 5
    training = Training(max_steps=150, learning_rate=0.02, batch_size=10, progress=False)
    for crf in (False, True):
        model = tagger(crf=crf, network=Network(hidden_size=4), training=training)
        share = model.fit(X, y, sample_weight=[1, 3] * 5).predict_proba([["a"]])[0]
        assert share[0, 1] == pytest.approx(0.75, abs=0.03)


# --- what it refuses ---

ONE = [["a", "b"]]
REFUSED: dict[str, tuple[type[Exception], str, Any, Any]] = {
    "fewer labels than steps": (DataError, r"X\[1\] has 5 steps, and y\[1\] has 2", TOKENS, [NAMES[0], ["O", "O"], *NAMES[2:]]),
    "of texts": (DataError, r"X\[0\] has 4 steps as the tokenizer splits it.*y\[0\] has 1", TEXTS, [["O"], *NAMES[1:]]),
    "fewer lists": (DataError, r"4 sequences .* 3 lists", TOKENS, NAMES[:3]),
    "flat labels": (DataError, r"y\[0\] is 'O', a str", ONE, ["O"]),
    "a number of labels": (DataError, r"y\[0\] is 1, a int", ONE, [1]),
    "no labels": (ParameterTypeError, "y is a NoneType", ONE, None),
    "one text as labels": (ParameterTypeError, "y is a str", ONE, "OO"),
    "one class": (DataError, "one class, 'O'", ONE, [["O", "O"]]),
    "a missing label": (DataError, r"y\[0\]\[1\] is missing", ONE, [["O", None]]),
    "an unhashable label": (DataError, r"y\[0\]\[0\] is \['O'\], a list", ONE, [[["O"], "O"]]),
    "two types in a row": (DataError, r"y\[0\]\[1\] is 1, a int, and y\[0\]\[0\] is 'O'", ONE, [["O", 1]]),
    "two types in two rows": (DataError, r"y\[1\]\[0\] is 1, a int", [["a"], ["b"]], [["O"], [1]]),
    "True and 1": (DataError, r"y\[1\]\[0\] is True, a bool", [["a"], ["b"]], [[1], [True]]),
    "quantities": (DataError, r"y\[0\]\[1\] is 0.5. Unknown label type", ONE, [[1.0, 0.5]]),
    "an empty sequence": (DataError, r"X\[1\] is empty", [["a"], []], [["O"], []]),
    "NaN": (DataError, r"X\[0\] holds nan at step 1", [np.array([1, np.nan])], [[0, 1]]),
    "nothing": (DataError, "X is empty", [], []),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.usefixtures("unchecked_types")
def test_data_that_are_refused(name: str) -> None:
    error, match, X, y = REFUSED[name]
    model = tagger()
    with pytest.raises(error, match=match):
        model.fit(X, y)
    assert not hasattr(model, "fitted_")


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"network": Network(attention="dot")}, "attention='dot'"),
        ({"network": Network(context="mean")}, "context='mean'"),
        ({"network": Network(context_size=3)}, "context_size=3"),
        ({"training": Training(teacher_forcing=0.5)}, "teacher_forcing"),
        ({"crf": "yes"}, "crf is 'yes'"),
        ({"training": Training(validation_size=4)}, "at most 3"),
    ],
)
@pytest.mark.usefixtures("unchecked_types")
def test_settings_that_are_refused(settings: dict[str, Any], match: str) -> None:
    with pytest.raises(ParameterError, match=match):
        tagger(**settings).fit(TOKENS, NAMES)


def test_classes_have_no_weights_here() -> None:
    with pytest.raises(ParameterTypeError, match="class_weight"):
        Seq2SeqTagger(class_weight="balanced")


@pytest.mark.parametrize("method", ["score", "evaluate"])
def test_labels_never_seen_and_of_another_length(method: str) -> None:
    model = tagger().fit(TOKENS, NAMES)
    with pytest.raises(DataError, match=r"y\[0\]\[3\] is 'B-q', which the fit has not seen"):
        getattr(model, method)(TOKENS[:1], [["B-p", "I-p", "O", "B-q"]])
    with pytest.raises(DataError, match=r"X\[0\] has 4 steps, and y\[0\] has 3"):
        getattr(model, method)(TOKENS[:1], [["B-p", "I-p", "O"]])
    with pytest.raises(DataError, match="y is empty"):
        getattr(model, method)([], [])


def test_before_the_fit() -> None:
    for call in (
        lambda m: m.predict(TOKENS),
        lambda m: m.predict_proba(TOKENS),
        lambda m: m.evaluate(TOKENS, NAMES),
    ):
        with pytest.raises(NotFittedError):
            call(tagger())
