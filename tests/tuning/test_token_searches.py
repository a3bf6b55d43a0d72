"""Searches for translators that end in another way than expected."""

from __future__ import annotations

import math

import pytest
from sklearn.model_selection import GridSearchCV

from tsseq2seq import Network, Seq2SeqTranslator, Training, tune
from tsseq2seq.errors import TrainingWarning

SOURCES = [a + b + c for a in "abcd" for b in "uvwx" for c in "xyz"]
TARGETS = [text[::-1].upper() for text in SOURCES]


def model(**changes) -> Seq2SeqTranslator:
    return Seq2SeqTranslator(
        **({"network": Network(hidden_size=8), "training": Training(max_steps=5)} | changes)
    )


def test_two_processes_agree_on_a_tokeniser_of_two_functions() -> None:
    found = tune(
        model(tokenizer=(list, "".join)), SOURCES, TARGETS,
        space={"network__hidden_size": [8, 12]}, trials=2, jobs=2, refit=False,
    )  # fmt: skip
    assert found.trials["state"].tolist() == ["complete"] * 2


class Cutter:
    """A user's own tokeniser: its methods, or the object itself, are the functions."""

    def __init__(self) -> None:
        self.seen: dict[str, list[str]] = {}

    def encode(self, text: str) -> list[str]:
        return self.seen.setdefault(text, list(text))

    def decode(self, tokens: list[str]) -> str:
        return "".join(tokens)

    __call__ = encode


@pytest.mark.parametrize("kind", ["methods", "object"])
@pytest.mark.parametrize("space", [{"network__hidden_size": [8, 12]}, lambda trial: {"min_count": 1}])
def test_a_tokeniser_of_an_object_is_the_same_in_all_trials(kind, space) -> None:
    cutter = Cutter()
    own = model(tokenizer=(cutter.encode if kind == "methods" else cutter, cutter.decode))
    found = tune(own, SOURCES, TARGETS, space=space, trials=2, refit=False)
    assert found.trials["state"].tolist() == ["complete"] * 2


def test_namesakes_are_different_tokenisers() -> None:
    cuts = []
    for body in ("list(text)", "[text[:1], text[1:]]"):
        names: dict = {}
        exec(f"def cut(text):\n    return {body}", names)
        cuts.append((names["cut"], "".join))
    found = tune(
        model(tokenizer=cuts[0]), SOURCES, TARGETS, space={"tokenizer": {"a": cuts[0], "b": cuts[1]}},
        trials=4, sampler="random", metric="character_perplexity", refit=False,
    )  # fmt: skip
    sizes = found.trials.groupby("tokenizer")["size"].unique()
    assert len(sizes) == 2
    assert sizes["a"].tolist() != sizes["b"].tolist()


def test_a_search_with_own_functions_is_taken_up_again(tmp_path) -> None:
    storage = f"sqlite:///{tmp_path / 'study.db'}"
    for trials in (1, 2):
        own = model(tokenizer=(lambda text: list(text), lambda tokens: "".join(tokens)))
        found = tune(own, SOURCES, TARGETS, space={"network__hidden_size": [8, 12]}, trials=1, refit=False,
                     storage=storage)  # fmt: skip
        assert len(found.trials) == trials


@pytest.mark.parametrize("error", [OverflowError, FloatingPointError])
def test_a_trial_that_overflows_fails_alone(error, monkeypatch) -> None:
    import tsseq2seq.tuning.token_problem as module

    fit = module.fit_tokens

    def diverging(pairs, source, target, resolved, **options):
        if resolved.network.hidden_size == 12:
            raise error("too large")
        return fit(pairs, source, target, resolved, **options)

    monkeypatch.setattr(module, "fit_tokens", diverging)
    found = tune(
        model(), SOURCES, TARGETS, space=lambda trial: {"network__hidden_size": trial.suggest_int("h", 12, 12)},
        trials=2, refit=False,
    )  # fmt: skip
    assert found.trials["state"].tolist() == ["complete", "fail"]
    assert "too large" in found.trials["error"].iloc[1]


def test_a_perplexity_that_overflows_is_infinite() -> None:
    fitted = model().fit(SOURCES, TARGETS)
    head = fitted.fitted_.members[0].head
    head.bias.data.fill_(0.0)
    head.bias.data[0] = 1e6
    scores = fitted.evaluate(SOURCES, TARGETS, metrics=["perplexity", "token_accuracy"])
    assert scores == {"token_accuracy": 0.0, "perplexity": math.inf}


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_was_found_before_ctrl_c_is_returned(jobs, monkeypatch) -> None:
    import tsseq2seq.tuning.tune as module

    name = "run_trials" if jobs == 1 else "run_workers"
    run = getattr(module, name)

    def interrupted(*given, **options):
        run(*given, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, name, interrupted)
    with pytest.warns(TrainingWarning, match="2 trials") as caught:
        found = tune(model(), SOURCES, TARGETS, space={"network__hidden_size": [8, 12]}, trials=2, jobs=jobs)
    assert len(caught) == 1
    assert found.trials["state"].tolist() == ["complete"] * 2
    assert not hasattr(found.best_estimator, "fitted_")


def test_ctrl_c_with_a_storage_is_raised(tmp_path, monkeypatch) -> None:
    import tsseq2seq.tuning.tune as module

    run = module.run_trials

    def interrupted(*given, **options):
        run(*given, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "run_trials", interrupted)
    with pytest.raises(KeyboardInterrupt):
        tune(model(), SOURCES, TARGETS, space={"network__hidden_size": [8]}, trials=1,
             storage=f"sqlite:///{tmp_path / 'study.db'}")  # fmt: skip


@pytest.mark.filterwarnings(r"ignore:\d+ of \d+ translations were cut:tsseq2seq.errors.DataWarning")
def test_scikit_learns_search_needs_no_scoring() -> None:
    found = GridSearchCV(model(), {"network__hidden_size": [4, 8]}, cv=2, error_score="raise").fit(
        SOURCES, TARGETS
    )
    best = found.best_estimator_
    assert found.best_score_ <= 0
    assert best.score(SOURCES, TARGETS) == -best.evaluate(SOURCES, TARGETS, metrics=["cer"])["cer"]
