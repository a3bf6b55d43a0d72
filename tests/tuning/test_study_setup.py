"""Joining a study: what a worker does, and what ``tune`` does, in one process."""

from __future__ import annotations

from collections.abc import Iterator

import optuna
import pytest

from tsseq2seq.errors import ParameterError
from tsseq2seq.tuning.quiet_optuna import quiet_optuna
from tsseq2seq.tuning.run_trials import run_trials
from tsseq2seq.tuning.study_setup import StudySetup, join_study


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with quiet_optuna():
        yield


def setup_of(estimator, **options) -> StudySetup:
    given = {
        "data": ("data",), "space": {"x": [1, 2, 3, 9]}, "metric": None, "windows": None, "step": None,
        "storage": None, "study_name": "mine", "sampler": "random", "pruner": None, "heartbeat": 60.0,
    }  # fmt: skip
    return StudySetup(estimator=estimator, **(given | options))


def test_the_second_who_joins_has_the_same_study_and_other_proposals(toy, storages) -> None:
    setup = setup_of(toy(x=9, seed=4), storage=storages.memory, space={"x": list(range(1000))})
    (first, objective), (second, other) = join_study(setup), join_study(setup)
    assert first.study_name == second.study_name == "mine"
    assert (objective.space, objective.objectives) == (other.space, ("error",))
    run_trials(first, objective, trials=1, timeout=None, progress=False)
    assert [trial.params for trial in second.trials] == [{"x": 9}]

    def proposed(sampler):
        distribution = objective.space.dimensions["x"].distribution
        return sampler.sample_independent(first, first.trials[0], "x", distribution)

    alone = optuna.samplers.RandomSampler(seed=4)
    assert proposed(first.sampler) == proposed(alone) != proposed(second.sampler)


def test_the_space_of_the_problem_is_searched_without_another(toy) -> None:
    _, objective = join_study(setup_of(toy(), space=None))
    assert set(objective.space.dimensions) == {"x", "kind"}


def test_several_objectives_have_their_directions(toy) -> None:
    study, objective = join_study(setup_of(toy(), metric=("gain", "size")))
    assert objective.objectives == ("gain", "size")
    assert [direction.name for direction in study.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert study.metric_names == ["gain", "size"]


def test_workers_that_may_be_several_count_running_trials_as_bad(toy, storages) -> None:
    for storage, several in ((None, False), (storages.memory, True)):
        study, _ = join_study(setup_of(toy(), storage=storage, sampler="tpe"))
        assert study.sampler._constant_liar == several


def test_a_study_of_something_else_is_not_joined(toy, storages) -> None:
    join_study(setup_of(toy(), storage=storages.memory))
    with pytest.raises(ParameterError, match=r"'mine' was .* another rate: '0\.1', and now it is '0\.2'"):
        join_study(setup_of(toy(rate=0.2), storage=storages.memory))
