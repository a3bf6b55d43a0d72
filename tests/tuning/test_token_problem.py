"""The search over a translator's settings, against training and evaluating by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.base import clone

import tsseq2seq.translator as translators

METRICS = ["perplexity", "token_accuracy", "exact_match", "cer", "chrf", "bleu", "rouge1", "rougeL"]


def split(pairs, count: int):
    """Hold pairs out evenly, from the first to the last."""
    held_out = set(np.linspace(0, len(pairs[0]) - 1, count).round().astype(int).tolist())
    kept = [[text for row, text in enumerate(texts) if row not in held_out] for texts in pairs]
    held = [[text for row, text in enumerate(texts) if row in held_out] for texts in pairs]
    return kept, held


def test_scores_are_those_of_evaluate(translator, pairs, search) -> None:
    kept, held = split(pairs, 5)
    found = search(
        translator, *pairs, space=lambda trial: {"network__hidden_size": 12}, trials=2, windows=5,
        metric=METRICS, refit=False,
    )  # fmt: skip
    for size, (_, row) in zip((8, 12), found.trials.iterrows(), strict=True):
        model = clone(translator).set_params(network__hidden_size=size).fit(*kept)
        expected = model.evaluate(*held)
        assert {name: row[name] for name in METRICS} == pytest.approx(
            {name: expected[name] for name in METRICS}
        )


@pytest.mark.parametrize("metric", ["perplexity", "chrf"])
def test_looking_on_changes_nothing(translator, pairs, metric) -> None:
    model = clone(translator).set_params(network__dropout=0.4, training__ema=0.9, training__max_steps=10)
    seen = []
    problem = model.tuning_problem(*pairs, windows=5)
    watched = problem.run(clone(model), [metric], lambda *look: seen.append(look))
    alone = problem.run(clone(model), [metric], None)
    assert watched.scores == alone.scores
    assert seen[-1] == (watched.scores[metric], 100)
    assert len(seen) == 10
    own, other = (outcome.fitted.members[0].state_dict() for outcome in (watched, alone))
    assert all(torch.equal(own[name], other[name]) for name in own)


def test_what_is_held_out_is_never_seen(translator, pairs) -> None:
    weights, vocabularies = [], []
    rows = np.linspace(0, 39, 4).round().astype(int)
    other = [list(texts) for texts in pairs]
    for texts in other:
        for row in rows:
            texts[row] = "zyxzyxzyx"
    for data in (pairs, other):
        outcome = translator.tuning_problem(*data).run(clone(translator), ["perplexity"], None)
        weights.append(outcome.fitted.members[0].state_dict())
        vocabularies.append(outcome.fitted.target.vocabulary_size)
    assert vocabularies[0] == vocabularies[1]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_sentences_become_tokens_once(translator, pairs, search, monkeypatch) -> None:
    calls = []
    original = translators.encode_pairs

    def encode(*arguments, **options):
        calls.append(1)
        return original(*arguments, **options)

    monkeypatch.setattr(translators, "encode_pairs", encode)
    search(translator, *pairs, space={"network__hidden_size": [8, 12]}, trials=4, refit=False)
    assert len(calls) == 2, "those to learn from, and those held out"


def test_settings_of_tokens_are_searched_too(translator, pairs, search) -> None:
    found = search(
        translator,
        *pairs,
        space={"min_count": [1, 3]},
        trials=6,
        metric="chrf",
        sampler="random",
        pruner="none",
    )
    assert set(found.trials["min_count"]) == {1, 3}
    assert found.trials["state"].eq("complete").all()


def test_a_tenth_is_held_out(translator, pairs) -> None:
    assert translator.tuning_problem(*pairs).identity["held_out"] == 4
    assert translator.tuning_problem(["a", "b"], ["c", "d"]).identity["held_out"] == 1


def test_other_sentences_are_other_data(translator, pairs) -> None:
    changed = [*pairs[1][:-1], "x"]
    identities = [translator.tuning_problem(pairs[0], targets).identity for targets in (pairs[1], changed)]
    assert identities[0] != identities[1]


@pytest.mark.filterwarnings(r"ignore:\d+ of \d+ translations were cut:tsseq2seq.errors.DataWarning")
def test_the_best_translator_is_fitted_on_all(translator, pairs, search) -> None:
    found = search(translator, *pairs, space={"network__hidden_size": [8]}, trials=1)
    expected = clone(translator).fit(*pairs)
    assert found.best_estimator.predict(pairs[0]) == expected.predict(pairs[0])
