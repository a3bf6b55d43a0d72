"""The estimator of a trial, from what the storage has of the trial."""

from __future__ import annotations

import optuna
import pytest

from tsseq2seq.tuning.space import parse_space
from tsseq2seq.tuning.trial_attributes import AS_GIVEN
from tsseq2seq.tuning.trial_estimators import TrialEstimators

SPACES = {
    "labels": {"x": {"near": 3, "far": 9}},
    "function": lambda trial: {"x": 3 * trial.suggest_int("third", 1, 3)},
}


@pytest.mark.parametrize("kind", list(SPACES))
def test_it_has_the_settings_of_the_trial_and_else_those_given(toy, kind) -> None:
    given = toy(x=9, rate=0.7)
    space = parse_space(SPACES[kind], given.get_params(), given.get_params())
    estimators = TrialEstimators(given, space)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(5):
        trial = study.ask()
        suggested = space.suggest(trial)
        study.tell(trial, 1.0)
        assert estimators.settings_of(study.trials[-1]) == suggested
        model = estimators.estimator_of(study.trials[-1])
        assert (model.x, model.rate) == (suggested["x"], 0.7)
    assert given.x == 9


def test_the_estimator_as_given_stays_as_it_is(toy) -> None:
    given = toy(x=9)
    estimators = TrialEstimators(given, parse_space({"x": [3]}, given.get_params(), given.get_params()))
    study = optuna.create_study()
    study.enqueue_trial({"x": 3}, user_attrs={AS_GIVEN: True})
    trial = study.ask()
    trial.suggest_categorical("x", [3])
    study.tell(trial, 1.0)
    assert estimators.settings_of(study.trials[0]) == {}
    copy = estimators.estimator_of(study.trials[0])
    assert copy is not given
    assert copy.x == 9
