"""Where in its schedules a training is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.training.pace import Pace


def at(monkeypatch: pytest.MonkeyPatch, now: float) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: now)


@given(st.integers(1, 10**6), st.data())
def test_steps_asked_for_are_places(steps: int, data: st.DataObject) -> None:
    step = data.draw(st.integers(0, steps - 1))
    assert Pace(steps, steps).schedule_step(step) == step


@pytest.mark.parametrize(
    ("now", "place"),
    [(100.0, 0), (100.49, 0), (100.51, 1), (101.0, 1), (105.2, 5), (109.4, 9), (110.0, 9), (200.0, 9)],
)
def test_the_clock_says_the_place_whatever_the_step(monkeypatch, now, place) -> None:
    at(monkeypatch, now)
    pace = Pace(10, None, deadline=110.0, begun=100.0)
    assert [pace.schedule_step(step) for step in (0, 3, 1000)] == [place] * 3
    assert pace.over == (now >= 110)


@pytest.mark.parametrize(
    ("step", "now", "place"), [(10, 100.0, 5), (10, 109.0, 9), (19, 100.0, 9), (0, 104.0, 4)]
)
def test_of_steps_and_clock_the_further_one_counts(monkeypatch, step, now, place) -> None:
    at(monkeypatch, now)
    assert Pace(10, 20, deadline=110.0, begun=100.0).schedule_step(step) == place


def test_a_pause_does_not_count(monkeypatch) -> None:
    pace = Pace(10, None, deadline=110.0, begun=100.0)
    at(monkeypatch, 105.0)
    place = pace.schedule_step(0)
    at(monkeypatch, 108.0)
    assert pace.delayed(3.0).schedule_step(0) == place
    at(monkeypatch, 112.9)
    assert not pace.delayed(3.0).over
    assert not Pace(10, 10).delayed(3.0).over


@pytest.mark.parametrize("deadline", [100.0, 99.0], ids=["none left", "already over"])
def test_without_time_there_is_a_first_step_and_no_other(monkeypatch, deadline) -> None:
    at(monkeypatch, 100.0)
    pace = Pace(3, None, deadline=deadline, begun=100.0)
    assert pace.schedule_step(0) == 0
    assert pace.over
    at(monkeypatch, 101.0)
    assert pace.schedule_step(1) == 2, "what begins after the end is the end of the schedule"
