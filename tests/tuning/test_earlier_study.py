"""The best settings of an earlier study; what is tried first is tested in test_tune.py."""

from __future__ import annotations

from types import SimpleNamespace

import optuna
import pytest
from optuna.distributions import IntDistribution

from tsseq2seq.errors import ParameterTypeError
from tsseq2seq.tuning.earlier_study import best_settings
from tsseq2seq.tuning.space import parse_space

RESOLVED = {"x": 0, "kind": "a"}


def space_of(given):
    return parse_space(given, RESOLVED, RESOLVED)


@pytest.fixture
def earlier() -> optuna.Study:
    study = optuna.create_study(direction="maximize")
    for x in (4, 9, 9, 7, 2, 30, 5, 6):
        study.enqueue_trial({"x": x, "old": x % 2})
        trial = study.ask()
        trial.suggest_int("x", 0, 30)
        trial.suggest_int("old", 0, 1)
        study.tell(trial, float(x))
    return study


def test_five_at_the_most_each_once_the_best_first(earlier) -> None:
    wide = space_of({"x": IntDistribution(0, 30)})
    assert best_settings(earlier, wide) == [{"x": x} for x in (30, 9, 7, 6, 5)]


def test_what_does_not_lie_in_the_space_is_left_out(earlier) -> None:
    assert best_settings(earlier, space_of({"x": [7, 2], "kind": ["a", "b"]})) == [{"x": 7}, {"x": 2}]
    assert best_settings(earlier, space_of({"kind": ["a", "b"]})) == []


def test_what_has_a_study_is_one(earlier) -> None:
    assert best_settings(SimpleNamespace(study=earlier), space_of({"x": [7]})) == [{"x": 7}]


def test_without_an_earlier_study_there_are_none() -> None:
    assert best_settings(None, space_of({"x": [7]})) == []


def test_a_function_is_told_all_of_them(earlier) -> None:
    found = best_settings(earlier, space_of(lambda trial: {"x": trial.suggest_int("x", 0, 30)}))
    assert found[0] == {"x": 30, "old": 0}


def test_something_else_is_refused() -> None:
    with pytest.raises(ParameterTypeError, match="warm_from is 5"):
        best_settings(5, space_of({"x": [7]}))
