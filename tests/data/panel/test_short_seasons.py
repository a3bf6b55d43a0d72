"""Seasons of two to six periods: found where they are, and seldom where nothing repeats."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import pearsonr

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.panel_sample import take_sample
from tsseq2seq.data.panel.seasonality import seasonal_periods
from tsseq2seq.data.panel.short_seasons import _correlation, _without_line, repeats_in_few_periods

# Of each kind and length; one in twenty of these may be an accident, and this many are no more than that.
_TRIALS = 60


def panel_of(values: np.ndarray) -> Panel:
    frame = pd.DataFrame({"ds": np.arange(len(values)), "y": values})
    return make_panel(read_long_frame(frame, Columns()), Frequency.parse(1))


def series(kind: str, length: int, rng: np.random.Generator) -> np.ndarray:
    noise = rng.normal(size=length + 100)
    share = {"white noise": 0.0, "autoregression": 0.7, "alternating": -0.5, "random walk": 1.0}[kind]
    values = np.zeros(length + 100)
    for step in range(1, length + 100):
        values[step] = share * values[step - 1] + noise[step]
    return values[100:]


@pytest.mark.parametrize("kind", ["white noise", "autoregression", "alternating", "random walk"])
@pytest.mark.parametrize(
    ("proposed", "lengths"),
    [
        ((7, 365), (14, 21, 28, 40)),
        ((24, 168), (48, 72, 100)),
        ((52,), (104, 148, 200)),
        ((12,), (24, 30, 50)),
    ],
)
def test_false_alarms_are_one_in_twenty(
    kind: str, proposed: tuple[int, ...], lengths: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(len(kind))
    found = [
        bool(seasonal_periods(panel_of(series(kind, length, rng)), proposed))
        for length in lengths
        for _ in range(_TRIALS)
    ]
    assert np.mean(found) <= 0.05


WEEK = np.array([0.0, 0.2, 0.3, 0.4, 0.8, 2.5, 2.2])


@pytest.mark.parametrize("length", [104, 120, 148, 200])
@pytest.mark.parametrize("trend", [0.0, 0.02])
def test_a_year_of_weeks(length: int, trend: float) -> None:
    steps = np.arange(length)
    noise = np.random.default_rng(length).normal(size=length)
    values = np.sin(2 * np.pi * steps / 52.18) + trend * steps + 0.3 * noise
    assert seasonal_periods(panel_of(values), (52,)) == (52,)


@pytest.mark.parametrize("length", [21, 25, 30, 40])
def test_a_week_of_days(length: int) -> None:
    values = np.resize(WEEK, length) + 0.3 * np.random.default_rng(length).normal(size=length)
    assert seasonal_periods(panel_of(values), (7, 365)) == (7,)


@pytest.mark.parametrize("length", [48, 60, 72])
def test_a_day_of_hours(length: int) -> None:
    values = np.sin(2 * np.pi * np.arange(length) / 24)
    values += 0.2 * np.random.default_rng(length).normal(size=length)
    assert seasonal_periods(panel_of(values), (24, 168)) == (24,)


@pytest.mark.parametrize("length", [740, 1200, 2300])
def test_a_year_of_days_beside_the_week(length: int) -> None:
    """365 days are a week's multiple and a day, so that the week must be taken away first."""
    values = 1.5 * np.sin(2 * np.pi * np.arange(length) / 365.25) + np.resize(WEEK, length)
    values += 0.5 * np.random.default_rng(length).normal(size=length)
    assert seasonal_periods(panel_of(values), (7, 365)) == (7, 365)


def test_a_week_alone_is_no_year() -> None:
    values = np.resize(WEEK, 900) + 0.5 * np.random.default_rng(0).normal(size=900)
    assert seasonal_periods(panel_of(values), (7, 365)) == (7,)


def test_gaps_do_not_hide_it() -> None:
    rng = np.random.default_rng(3)
    values = np.sin(2 * np.pi * np.arange(148) / 52) + 0.2 * rng.normal(size=148)
    values[rng.random(148) < 0.1] = np.nan
    assert seasonal_periods(panel_of(values), (52,)) == (52,)


@pytest.mark.parametrize("lag", [1, 5, 30])
def test_the_correlation_is_pearsons(lag: int) -> None:
    values = np.random.default_rng(lag).normal(size=(2, 60)).cumsum(1)
    seen = np.random.default_rng(lag + 1).random((2, 60)) > 0.1
    found, pairs, count = _correlation(torch.from_numpy(values), torch.from_numpy(seen), lag)
    both = [seen[row, lag:] & seen[row, :-lag] for row in range(2)]
    expected = [pearsonr(values[row, :-lag][both[row]], values[row, lag:][both[row]])[0] for row in range(2)]
    assert (pairs, count) == (sum(part.sum() for part in both), 2)
    assert found == pytest.approx(np.mean(expected))


def test_the_line_is_that_of_least_squares() -> None:
    values = np.random.default_rng(0).normal(size=40).cumsum()
    seen = np.random.default_rng(1).random(40) > 0.2
    steps = np.arange(40)
    line = np.polynomial.Polynomial.fit(steps[seen], values[seen], 1)
    left = _without_line(torch.from_numpy(values)[None], torch.from_numpy(seen)[None])[0].numpy()
    np.testing.assert_allclose(left[seen], (values - line(steps))[seen], atol=1e-9)


def test_fewer_than_two_periods_are_not_judged() -> None:
    sample = take_sample(panel_of(np.resize(WEEK, 13)))
    assert not repeats_in_few_periods(sample, 7)
