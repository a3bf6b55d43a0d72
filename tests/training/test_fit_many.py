"""Several fits in one time: shares of it by hand, processes side by side, and Ctrl-C between two."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
import torch

from tsseq2seq import Training
from tsseq2seq.training.fit_many import fit_many


class Sleeper:
    """Takes ``seconds`` of its time, or all of it; notes what it was given."""

    def __init__(self, seconds: float | None = None, stopped: str = "steps", **training: Any) -> None:
        self.seconds = seconds
        self.stops = stopped
        self.training = Training(**training)

    def fit(self, df: Any, *, warm_start: bool = False, resume: Any = None) -> Sleeper:
        self.given = self.training.max_time
        self.seen = (df, warm_start)
        self.process, self.threads = os.getpid(), torch.get_num_threads()
        time.sleep(self.given if self.seconds is None else self.seconds)
        self.stopped_ = self.stops
        return self


def test_without_a_time_each_takes_its_own_and_sees_the_same() -> None:
    models = [Sleeper(0.0, max_time=5), Sleeper(0.0)]
    fitted = fit_many(models, "frame", warm_start=True)
    assert fitted == models
    assert [model.given for model in models] == [5, None]
    assert [model.seen for model in models] == [("frame", True)] * 2


def test_a_time_is_shared_alike_and_settings_stay_as_given() -> None:
    models = [Sleeper(max_time=100), Sleeper(max_steps=7), Sleeper()]
    begun = time.monotonic()
    fit_many(models, None, max_time=0.6)
    assert 0.59 < time.monotonic() - begun < 0.9
    assert [model.given for model in models] == pytest.approx([0.2] * 3, abs=0.05)
    assert [model.training for model in models] == [
        Training(max_time=100),
        Training(max_steps=7),
        Training(),
    ]


def test_what_one_leaves_the_others_get() -> None:
    models = [Sleeper(0.0), Sleeper(0.5), Sleeper(0.0)]
    fit_many(models, None, max_time=0.4)
    assert models[0].given == pytest.approx(0.4 / 3, abs=0.02)
    assert models[1].given == pytest.approx(0.4 / 2, abs=0.03)
    assert models[2].given == pytest.approx(0.001), "too late, but one step is made"


def test_settings_stay_as_given_where_a_fit_fails() -> None:
    class Failing(Sleeper):
        def fit(self, df: Any, *, warm_start: bool = False, resume: Any = None) -> Sleeper:
            raise ValueError("no")

    model = Failing(max_time=3)
    with pytest.raises(ValueError, match="no"):
        fit_many([model], None, max_time=1)
    assert model.training.max_time == 3


def test_an_interrupt_leaves_those_that_were_begun() -> None:
    models = [Sleeper(0.0), Sleeper(0.0, "interrupt"), Sleeper(0.0)]
    assert fit_many(models, None) == models[:2]


def test_jobs_are_processes_that_share_the_threads_and_keep_the_order() -> None:
    before = torch.get_num_threads()
    models = [Sleeper(0.2, stopped=name) for name in "abc"]
    fitted = fit_many(models, "frame", jobs=2)
    assert [model.stopped_ for model in fitted] == ["a", "b", "c"]
    assert os.getpid() not in {model.process for model in fitted}
    assert {model.threads for model in fitted} == {max(1, before // 2)}
    assert torch.get_num_threads() == before


def test_side_by_side_each_gets_its_share_of_as_many_rounds() -> None:
    fit_many([Sleeper(0.0)] * 2, None, jobs=2)  # processes are started, and stay for the next call
    fitted = fit_many([Sleeper(), Sleeper(), Sleeper()], None, max_time=4, jobs=2)
    assert [model.given for model in fitted] == pytest.approx([2, 2, 2], abs=0.6)


def test_more_jobs_than_models_are_as_many_as_models() -> None:
    (model,) = fit_many([Sleeper(0.0)], None, jobs=4)
    assert model.process == os.getpid()
