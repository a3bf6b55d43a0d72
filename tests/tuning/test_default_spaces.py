"""The default spaces: every setting in them is one, and they hold the estimator as it is."""

from __future__ import annotations

import numpy as np
import optuna
import pandas as pd
import pytest
from sklearn.base import clone

from tsseq2seq import (
    Binned,
    NegativeBinomial,
    Network,
    Normal,
    Point,
    Quantiles,
    Seq2SeqForecaster,
    StudentT,
    Training,
    tune,
)
from tsseq2seq.tuning.space import parse_space

TRAINING = Training(max_steps=1, progress=False, precision="float32")
OUTPUTS = [Point(), Normal(), StudentT(), Quantiles(), NegativeBinomial(), Binned()]


def forecaster(**settings) -> Seq2SeqForecaster:
    return Seq2SeqForecaster(7, **({"network": Network(hidden_size=4), "training": TRAINING} | settings))


@pytest.fixture
def counts(daily) -> pd.DataFrame:
    return daily.assign(y=lambda df: df["y"].round().clip(lower=0))


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
def test_whatever_a_forecasters_space_proposes_can_be_trained(counts, output) -> None:
    problem = forecaster(output=output).tuning_problem(counts)
    resolved = problem.resolved_settings()
    space = parse_space(problem.default_space(), resolved, resolved)
    assert set(space.to_storage(resolved)) == set(problem.default_space()), (
        "the space holds all that is given"
    )
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(4):
        settings = space.suggest(study.ask())
        # the widths are the costly part
        small = settings | {"network__hidden_size": 16, "training__batch_size": 4}
        outcome = problem.run(clone(problem.estimator).set_params(**small), ["mae"], None)
        assert np.isfinite(outcome.scores["mae"]), settings
        assert outcome.steps == 1


def test_whatever_a_translators_space_proposes_can_be_trained(translator, pairs) -> None:
    problem = translator.tuning_problem(*pairs)
    resolved = problem.resolved_settings()
    space = parse_space(problem.default_space(), resolved, resolved)
    assert set(space.to_storage(resolved)) == set(problem.default_space())
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(6):
        settings = space.suggest(study.ask()) | {"network__hidden_size": 16, "training__max_steps": 1}
        outcome = problem.run(clone(translator).set_params(**settings), ["perplexity"], None)
        assert np.isfinite(outcome.scores["perplexity"]), settings


@pytest.fixture
def long() -> pd.DataFrame:
    days = np.arange(200)
    values = 10 + np.sin(2 * np.pi * days / 7)
    return pd.DataFrame({"unique_id": "a", "ds": pd.date_range("2024", periods=200), "y": values})


def test_it_has_what_the_issue_names(long) -> None:
    names = set(forecaster().tuning_problem(long).default_space())
    assert names >= {
        "context_length", "segment_length", "scaling", "network__cell", "network__hidden_size",
        "network__num_layers", "network__attention", "network__decoding", "training__learning_rate",
        "training__batch_size", "training__teacher_forcing",
    }  # fmt: skip


def test_intervals_stay_honest(daily) -> None:
    """The way to decode in training is not searched where it decides whether intervals are honest."""
    for output in (Normal(), Quantiles()):
        assert (
            "training__teacher_forcing" not in forecaster(output=output).tuning_problem(daily).default_space()
        )


def test_logarithms_need_values_above_minus_one(daily) -> None:
    assert "log1p" in forecaster().tuning_problem(daily).default_space()["scaling"]
    below = daily.assign(y=daily["y"] - 30)
    assert "log1p" not in forecaster().tuning_problem(below).default_space()["scaling"]


def test_contexts_fit_into_the_history(long) -> None:
    space = forecaster().tuning_problem(long).default_space()
    assert len(space["context_length"]) >= 3
    assert max(space["context_length"]) <= (200 - 7) // 2
    assert min(space["segment_length"]) == 1
    assert all(7 % length == 0 for length in space["segment_length"])


def test_without_a_season_there_is_none_to_search(daily) -> None:
    rng = np.random.default_rng(0)
    noise = daily.assign(y=rng.normal(size=len(daily)))
    space = forecaster().tuning_problem(noise).default_space()
    assert "season" not in space["network__residual"]
    assert "network__residual_seasons" not in space
    assert "lags" not in space


def test_with_a_season_the_residual_is_searched(long) -> None:
    space = forecaster().tuning_problem(long).default_space()
    assert space["network__residual"] == [None, "segment", "season"]
    assert "network__residual_seasons" not in space


def test_seasons_that_were_asked_for_are_searched_instead(long) -> None:
    asking = forecaster(network=Network(residual_seasons=2))
    space = asking.tuning_problem(long).default_space()
    assert space["network__residual_seasons"] == [1, 2, 3]
    assert "network__residual" not in space, "several seasons and another residual contradict each other"
    tune(asking, long, trials=1, progress=False, refit=False)  # no value of the space is refused
