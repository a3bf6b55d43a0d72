"""The completed trials and their order, against Optuna's own best."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from tsseq2seq.tuning.completed_trials import best_first, completed_trials, greater_is_better, rank

VALUES = [3.0, None, 1.0, 2.0, 1.0, None, 2.5]  # None: failed


@pytest.fixture(params=["minimize", "maximize"])
def study(request) -> optuna.Study:
    study = optuna.create_study(directions=[request.param, "minimize"])
    for value in VALUES:
        trial = study.ask()
        if value is None:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(trial, [value, -value])
    return study


def test_failed_trials_are_left_out(study) -> None:
    assert [trial.number for trial in completed_trials(study)] == [0, 2, 3, 4, 6]


def test_the_best_by_the_first_objective_come_first(study) -> None:
    values = np.array([trial.values[0] for trial in completed_trials(study)])
    numbers = np.array([trial.number for trial in completed_trials(study)])
    order = np.argsort(-values if greater_is_better(study) else values, kind="stable")
    assert [trial.number for trial in best_first(study)] == numbers[order].tolist()
    assert min(completed_trials(study), key=rank(study)).number == numbers[order][0]


def test_greater_is_better_where_the_first_objective_is_maximised() -> None:
    for first, second in (("minimize", "maximize"), ("maximize", "minimize")):
        assert greater_is_better(optuna.create_study(directions=[first, second])) == (first == "maximize")
