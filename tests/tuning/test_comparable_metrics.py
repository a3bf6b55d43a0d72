"""A search never compares what different tokenisers count differently."""

from __future__ import annotations

import pytest

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
