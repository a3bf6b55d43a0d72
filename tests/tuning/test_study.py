"""Opening a study from many workers at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import optuna
import pytest

from tsseq2seq.errors import ParameterError
from tsseq2seq.tuning import study as studies
from tsseq2seq.tuning.pruner import make_pruner
from tsseq2seq.tuning.quiet_optuna import quiet_optuna
from tsseq2seq.tuning.sampler import make_sampler
from tsseq2seq.tuning.storage import open_storage
from tsseq2seq.tuning.study import open_study
from tsseq2seq.tuning.trial_attributes import AS_GIVEN

WORKERS = 4


def join(storage: object, identity: dict | None = None) -> optuna.Study:
    return open_study(
        storage, "study", identity=identity or {"data": "one"}, directions=["minimize"],
        sampler=make_sampler("random", 0, several=True), pruner=make_pruner("none"), first=[{"x": 1}, {"x": 2}],
        names=["error"],
    )[0]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Heartbeat of storage is supposed")
@pytest.mark.parametrize("kind", ["sqlite", "journal"])
def test_workers_that_begin_at_once_share_the_trials(storages, kind) -> None:
    """The study is made once, the estimator as given enqueued once, and no trial is taken by two."""
    url = getattr(storages, kind)
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


def test_workers_that_make_the_file_at_once(storages) -> None:
    barrier = threading.Barrier(WORKERS)

    def work(_: int) -> str:
        barrier.wait()
        return join(open_storage(storages.sqlite, 60.0)).study_name

    with quiet_optuna(), ThreadPoolExecutor(WORKERS) as pool:
        assert list(pool.map(work, range(WORKERS))) == ["study"] * WORKERS


def test_a_worker_waits_for_who_makes_the_study(storages) -> None:
    """Between making a study and telling it what it is for, another one may come."""
    with quiet_optuna():
        made = optuna.create_study(storage=storages.memory, study_name="study")

        def finish() -> None:
            time.sleep(0.3)
            made.set_user_attr(studies._IDENTITY, {"data": "one"})
            made.enqueue_trial({"x": 1}, user_attrs={AS_GIVEN: True})

        with ThreadPoolExecutor(1) as pool:
            pool.submit(finish)
            joined = join(storages.memory)
    assert len(joined.trials) == 1


def test_who_made_it_may_have_died(storages, monkeypatch) -> None:
    monkeypatch.setattr(studies, "_PATIENCE_SECONDS", 0.1)
    with quiet_optuna():
        made = optuna.create_study(storage=storages.memory, study_name="study")
        made.set_user_attr(studies._IDENTITY, {"data": "one"})
        joined = join(storages.memory)
    assert [bool(trial.user_attrs.get(AS_GIVEN)) for trial in joined.trials] == [True, False]


def test_who_made_it_may_have_died_at_once(storages, monkeypatch) -> None:
    monkeypatch.setattr(studies, "_PATIENCE_SECONDS", 0.1)
    with quiet_optuna():
        optuna.create_study(storage=storages.memory, study_name="study")
        assert len(join(storages.memory).trials) == 2


def test_a_dead_workers_study_of_something_else(storages, monkeypatch) -> None:
    monkeypatch.setattr(studies, "_PATIENCE_SECONDS", 0.1)
    with quiet_optuna():
        made = optuna.create_study(storage=storages.memory, study_name="study")
        made.set_user_attr(studies._IDENTITY, {"data": "two"})
        with pytest.raises(ParameterError, match="was made for another data: 'two', and now it is 'one'"):
            join(storages.memory)
    assert made.trials == []


def test_a_study_that_is_marked_between_two_looks_is_ours(storages, monkeypatch) -> None:
    """Who looks for the mark first, and for trials later, may miss the mark and see the trials."""
    with quiet_optuna():
        made = optuna.create_study(storage=storages.memory, study_name="study")
        read_trials, read_attributes = optuna.Study.get_trials, optuna.Study.user_attrs.fget
        to_do = [
            lambda: made.set_user_attr(studies._IDENTITY, {"data": "one"}),
            lambda: made.enqueue_trial({"x": 1}, user_attrs={AS_GIVEN: True}),
        ]

        def before_the_maker_acts(read):
            def call(*arguments, **options):
                seen = read(*arguments, **options)
                while to_do:
                    to_do.pop(0)()
                return seen

            return call

        monkeypatch.setattr(optuna.Study, "get_trials", before_the_maker_acts(read_trials))
        monkeypatch.setattr(optuna.Study, "user_attrs", property(before_the_maker_acts(read_attributes)))
        joined = join(storages.memory)
    assert len(joined.trials) == 1
