"""The search over settings of a classifier and a tagger, against training and evaluating by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone

from tsseq2seq import Network, Seq2SeqClassifier, Seq2SeqTagger, Training
from tsseq2seq.errors import DataWarning, ParameterError

TOKENS = [list("abc"[row % 3 :] + "cab"[: 1 + row % 2]) for row in range(24)]
ARRAYS = [np.random.default_rng(row).normal(row % 2, 1, size=(2 + row % 3, 2)) for row in range(24)]
CLASSES = ["even", "odd"] * 12
TAGS = [["vowel" if one == "a" else "other" for one in row] for row in TOKENS]
CASES: dict[str, tuple[type[Any], list[Any], list[Any]]] = {
    "classes of tokens": (Seq2SeqClassifier, TOKENS, CLASSES),
    "classes of texts": (Seq2SeqClassifier, [" ".join(row) for row in TOKENS], CLASSES),
    "classes of arrays": (Seq2SeqClassifier, ARRAYS, CLASSES),
    "tags": (Seq2SeqTagger, TOKENS, TAGS),
}


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest) -> tuple[Any, list[Any], list[Any]]:
    make, X, y = CASES[request.param]
    return make(network=Network(hidden_size=8), training=Training(max_steps=6, progress=False)), X, y


def test_scores_are_those_of_evaluate(case, search) -> None:
    model, X, y = case
    problem = model.tuning_problem(X, y, windows=6)
    metrics = list(problem.metrics)
    found = search(
        model,
        X,
        y,
        space=lambda trial: {"network__hidden_size": 12},
        trials=2,
        windows=6,
        metric=metrics,
        refit=False,
    )
    (kept, kept_labels), (new, new_labels) = problem.training, problem.held_out
    assert (len(kept), len(new)) == (18, 6)
    flat = [list(row) if model._per_step else row[0] for row in kept_labels]
    flat_new = [list(row) if model._per_step else row[0] for row in new_labels]
    for size, (_, row) in zip((8, 12), found.trials.iterrows(), strict=True):
        expected = clone(model).set_params(network__hidden_size=size).fit(kept, flat).evaluate(new, flat_new)
        assert {name: row[name] for name in metrics} == pytest.approx(
            {name: expected[name] for name in metrics}
        )


def test_looking_on_changes_nothing(case) -> None:
    model, X, y = case
    model = clone(model).set_params(network__dropout=0.4, training__max_steps=10)
    problem, seen = model.tuning_problem(X, y, windows=6), []
    watched = problem.run(clone(model), [problem.metric], lambda *look: seen.append(look))
    alone = problem.run(clone(model), [problem.metric], None)
    assert watched.scores == alone.scores
    assert seen[-1] == (watched.scores[problem.metric], 100)
    own, other = (outcome.fitted.members[0].state_dict() for outcome in (watched, alone))
    assert all(torch.equal(own[name], other[name]) for name in own)


def test_the_default_space_can_be_searched(case, search) -> None:
    model, X, y = case
    found = search(model, X, y, trials=3)
    assert found.best_estimator.n_steps_ == 6
    assert len(found.best_estimator.predict(X)) == 24
    space = model.tuning_problem(X, y).default_space()
    assert ("crf" in space) == (type(model) is Seq2SeqTagger)
    assert ("network__context" in space) == (type(model) is Seq2SeqClassifier)


def test_other_data_and_other_parts_are_told_apart(case) -> None:
    model, X, y = case
    identity = model.tuning_problem(X, y).identity
    assert identity == model.tuning_problem(X, y).identity
    assert identity != model.tuning_problem(X, y, windows=5).identity
    assert identity["data"] != model.tuning_problem(X[:-1], y[:-1]).identity["data"]


def test_every_class_is_learned_from() -> None:
    y = ["x"] * 20 + ["y", "z", "z", "z"]
    with pytest.warns(DataWarning, match="1 of 3 classes has a single example"):
        problem = Seq2SeqClassifier().tuning_problem(TOKENS, y, windows=20)
    assert {label for (label,) in problem.training[1]} == {"x", "y", "z"}
    assert len(problem.held_out[0]) == 20


def test_what_is_refused(search) -> None:
    with pytest.raises(ParameterError, match="step is 2"):
        Seq2SeqClassifier().tuning_problem(TOKENS, CLASSES, step=2)
    with pytest.raises(ParameterError, match="2 are the first of a class and must be learned from"):
        Seq2SeqTagger().tuning_problem([["a"], ["b"]], [["x"], ["y"]])
    with pytest.raises(ParameterError, match=r"23 of 24 .* at most 22"):
        Seq2SeqClassifier().tuning_problem(TOKENS, CLASSES, windows=23)
    with pytest.raises(ParameterError, match="tokenizer"):
        search(Seq2SeqTagger(), TOKENS, TAGS, space={"tokenizer": ["word", "char"]}, trials=1)
