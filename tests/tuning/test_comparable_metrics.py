"""A search never compares what different tokenisers count differently."""

from __future__ import annotations

import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from tsseq2seq import Cleaning, Network, Seq2SeqTranslator, Training, tune
from tsseq2seq.errors import ParameterError, TsSeq2SeqWarning

SOURCES = [f"{a} {b}" for a in "abcdef" for b in ("man", "cat", "dog", "sun")]
TARGETS = [f"the {text[2:]} and {text[0]}" for text in SOURCES]
MODEL = Seq2SeqTranslator(
    tokenizer="word", network=Network(hidden_size=16, attention="dot"), training=Training(max_steps=30)
)
SPACES = {
    "min_count": [1, 5],
    "max_vocabulary": [None, 6],
    "tokenizer": ["word", "char"],
    "cleaning__lowercase": [False, True],
    "cleaning": [Cleaning(), Cleaning(punctuation="remove")],
    "truncation__max_length": [None, 1],
}


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("metric", ["perplexity", "token_accuracy", ["cer", "perplexity"]])
def test_measures_of_tokens_are_refused(name, metric) -> None:
    with pytest.raises(ParameterError, match="character_perplexity"):
        tune(MODEL, SOURCES, TARGETS, space={name: SPACES[name]}, trials=2, metric=metric, refit=False)


@pytest.mark.parametrize("name", ["min_count", "max_vocabulary", "truncation__max_length"])
def test_the_translator_that_writes_nothing_is_not_the_best(name) -> None:
    with pytest.warns(TsSeq2SeqWarning, match="character_perplexity") as caught:
        found = tune(
            MODEL, SOURCES, TARGETS, space={name: SPACES[name]}, trials=4, sampler="random", refit=False
        )
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert found.objectives == ("character_perplexity",)
    assert len(found.trials[name].unique()) == 2
    assert found.best_params.get(name, SPACES[name][0]) == SPACES[name][0]
    assert "perplexity" in found.trials


@pytest.mark.parametrize(
    ("cleaning", "as_function"), [(Cleaning(lowercase=True), False), (Cleaning(punctuation="remove"), True)]
)
def test_translations_are_compared_with_the_same_references(cleaning, as_function) -> None:
    """Where the references were cleaned with each trial's cleaning, the one that removes most would win."""
    targets = ["The, Cat." for _ in SOURCES]
    space = lambda trial: {"cleaning": cleaning}  # noqa: E731
    found = tune(
        MODEL, SOURCES, targets, space=space if as_function else {"cleaning": [Cleaning(), cleaning]},
        trials=6, sampler="random", metric=["exact_match", "cer", "chrf", "bleu"], refit=False,
    )  # fmt: skip
    scores = found.trials[list(found.objectives)]
    assert scores.iloc[0].tolist() == pytest.approx([1.0, 0.0, 100.0, 100.0])
    other = (
        scores.iloc[1:]
        if as_function
        else scores[[str(one) == str(cleaning) for one in found.trials["cleaning"]]]
    )
    assert len(other)
    assert (other[["exact_match", "chrf", "bleu"]] < [1, 100, 100]).all(axis=None)
    assert (other["cer"] > 0).all()


def test_what_the_estimator_as_given_was_told_to_ignore_is_ignored_in_all_trials() -> None:
    given = clone(MODEL).set_params(cleaning__lowercase=True)
    targets = ["The Cat" for _ in SOURCES]
    found = tune(
        given, SOURCES, targets, space=lambda trial: {"cleaning__lowercase": False}, trials=2,
        metric="cer", refit=False,
    )  # fmt: skip
    assert found.trials["cer"].tolist() == [0.0, 0.0]


@pytest.mark.filterwarnings("ignore:.* of letters or words never seen")  # each fold has words of its own
def test_a_grid_of_cleanings_is_scored_by_the_targets_as_given() -> None:
    targets = ["The, Cat." for _ in SOURCES]
    cleanings = [Cleaning(), Cleaning(lowercase=True), Cleaning(punctuation="remove")]
    found = GridSearchCV(MODEL, {"cleaning": cleanings}, cv=2, error_score="raise").fit(SOURCES, targets)
    scores = found.cv_results_["mean_test_score"]
    assert (scores[1:] < scores[0]).all()  # what a cleaning takes away is missing in the translation


def test_a_trial_of_a_function_that_changes_the_tokens_fails_alone() -> None:
    found = tune(
        MODEL, SOURCES, TARGETS, space=lambda trial: {"min_count": trial.suggest_categorical("c", [1, 15])},
        trials=5, sampler="random", metric="perplexity", refit=False,
    )  # fmt: skip
    failed = found.trials[found.trials["state"] == "fail"]
    assert (failed["c"] == 15).all()
    assert failed["error"].str.contains("character_perplexity").all()


def test_of_what_can_be_compared_nothing_is_said() -> None:
    for space in ({"network__hidden_size": [8, 16]}, {"min_count": [1]}):
        found = tune(MODEL, SOURCES, TARGETS, space=space, trials=1, refit=False)
        assert found.objectives == ("perplexity",)
