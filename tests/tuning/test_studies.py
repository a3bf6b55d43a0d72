"""Opening a study from many workers at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import optuna
import pytest

from tsseq2seq.errors import ParameterError
from tsseq2seq.tuning import studies
from tsseq2seq.tuning.running import quiet_optuna
from tsseq2seq.tuning.studies import AS_GIVEN, find_pruner, find_sampler, open_storage, open_study

WORKERS = 4


def join(storage: object, identity: dict | None = None) -> optuna.Study:
    return open_study(
        storage, "study", identity=identity or {"data": "one"}, directions=["minimize"],
        sampler=find_sampler("random", 0, several=True), pruner=find_pruner("none"), first=[{"x": 1}, {"x": 2}],
        names=["error"],
    )[0]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Heartbeat of storage is supposed")
@pytest.mark.parametrize("kind", ["sqlite", "journal"])
def test_workers_that_begin_at_once_share_the_trials(place, kind) -> None:
    """The study is made once, the estimator as given enqueued once, and no trial is taken by two."""
    url = getattr(place, kind)
    barrier = threading.Barrier(WORKERS)

    def work(_: int) -> list[tuple[int, bool]]:
        barrier.wait()
        study = join(open_storage(url, 60.0))
        taken = []
        for _ in range(2):
            trial = study.ask()
            taken.append((trial.number, bool(trial.user_attrs.get(AS_GIVEN))))
            study.tell(trial, 1.0)
        return taken

    # the tables are made by one; see below for what happens otherwise
    with quiet_optuna(), ThreadPoolExecutor(WORKERS) as pool:
        open_storage(url, 60.0)
        taken = [trial for part in pool.map(work, range(WORKERS)) for trial in part]
    assert sorted(number for number, _ in taken) == list(range(2 * WORKERS))
    assert sum(as_given for _, as_given in taken) == 1


def test_workers_that_make_the_file_at_once(place) -> None:
    barrier = threading.Barrier(WORKERS)

    def work(_: int) -> str:
        barrier.wait()
        return join(open_storage(place.sqlite, 60.0)).study_name

    with quiet_optuna(), ThreadPoolExecutor(WORKERS) as pool:
        assert list(pool.map(work, range(WORKERS))) == ["study"] * WORKERS


def test_a_worker_waits_for_who_makes_the_study(place) -> None:
    """Between making a study and telling it what it is for, another one may come."""
    with quiet_optuna():
        made = optuna.create_study(storage=place.memory, study_name="study")

        def finish() -> None:
            time.sleep(0.3)
            made.set_user_attr(studies._IDENTITY, {"data": "one"})
            made.enqueue_trial({"x": 1}, user_attrs={AS_GIVEN: True})

        with ThreadPoolExecutor(1) as pool:
            pool.submit(finish)
            joined = join(place.memory)
    assert len(joined.trials) == 1


def test_who_made_it_may_have_died(place, monkeypatch) -> None:
    monkeypatch.setattr(studies, "_PATIENCE_SECONDS", 0.1)
    with quiet_optuna():
        made = optuna.create_study(storage=place.memory, study_name="study")
        made.set_user_attr(studies._IDENTITY, {"data": "one"})
        joined = join(place.memory)
    assert [bool(trial.user_attrs.get(AS_GIVEN)) for trial in joined.trials] == [True, False]


def test_who_made_it_may_have_died_at_once(place, monkeypatch) -> None:
    monkeypatch.setattr(studies, "_PATIENCE_SECONDS", 0.1)
    with quiet_optuna():
        optuna.create_study(storage=place.memory, study_name="study")
        assert len(join(place.memory).trials) == 2


def test_a_dead_workers_study_of_something_else(place, monkeypatch) -> None:
    monkeypatch.setattr(studies, "_PATIENCE_SECONDS", 0.1)
    with quiet_optuna():
        made = optuna.create_study(storage=place.memory, study_name="study")
        made.set_user_attr(studies._IDENTITY, {"data": "two"})
        with pytest.raises(ParameterError, match="was made for another data: 'two', and now it is 'one'"):
            join(place.memory)
    assert made.trials == []


def test_a_database_notices_dead_workers(place) -> None:
    with quiet_optuna():
        storage = open_storage(place.sqlite, 7.0)
    assert storage.heartbeat_interval == 7
    assert storage.grace_period == 14


def test_samplers() -> None:
    assert isinstance(find_sampler("random", 1, several=False), optuna.samplers.RandomSampler)
    with quiet_optuna():
        for given in (None, "tpe"):
            assert isinstance(find_sampler(given, 1, several=True), optuna.samplers.TPESampler)
    own = optuna.samplers.RandomSampler()
    assert find_sampler(own, 1, several=True) is own


def test_pruners() -> None:
    kinds = {
        None: optuna.pruners.MedianPruner, "median": optuna.pruners.MedianPruner,
        "hyperband": optuna.pruners.HyperbandPruner, "none": optuna.pruners.NopPruner,
    }  # fmt: skip
    with quiet_optuna():
        for name, kind in kinds.items():
            assert type(find_pruner(name)) is kind
    own = optuna.pruners.NopPruner()
    assert find_pruner(own) is own
