"""Planted periods are found, from two periods on, and noise has none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.seasonality import seasonal_periods
from tsseq2seq.data.panel.seasons_of_each import season_of_each


def panel_of(*series: np.ndarray) -> Panel:
    parts = [
        pd.DataFrame({"unique_id": f"s{number}", "ds": np.arange(len(values)), "y": values})
        for number, values in enumerate(series)
    ]
    return make_panel(read_long_frame(pd.concat(parts), Columns()), Frequency.parse(1))


def seasonal(
    period: int, length: int, *, noise: float = 0.0, trend: float = 0.0, seed: int = 0
) -> np.ndarray:
    """A random profile of mean 0 and deviation 1, repeated."""
    rng = np.random.default_rng(seed)
    profile = np.cumsum(rng.normal(size=period))
    profile = profile - np.linspace(profile[0], profile[-1], period)
    profile = (profile - profile.mean()) / max(profile.std(), 1e-9)
    steps = np.arange(length)
    return profile[steps % period] + trend * steps + noise * rng.normal(size=length)


PERIODS = [4, 7, 12, 24]


@pytest.mark.parametrize("period", PERIODS)
def test_a_sine_is_found(period: int) -> None:
    values = np.sin(2 * np.pi * np.arange(10 * period) / period)
    assert seasonal_periods(panel_of(values))[0] == period
    assert seasonal_periods(panel_of(values), (period,)) == (period,)


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("trend", [0.0, 0.05, -1.0])
@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_a_profile_is_found_under_noise_and_trend(period: int, trend: float, noise: float) -> None:
    values = seasonal(period, 12 * period, noise=noise, trend=trend, seed=period)
    assert seasonal_periods(panel_of(values))[0] == period
    assert seasonal_periods(panel_of(values), (period, 10 * period)) == (period,)


@pytest.mark.parametrize("missing", [0.05, 0.2])
def test_gaps_do_not_hide_it(missing: float) -> None:
    values = seasonal(12, 240, noise=0.1)
    values[np.random.default_rng(1).random(240) < missing] = np.nan
    assert seasonal_periods(panel_of(values))[0] == 12


def test_one_long_gap_does_not_hide_it() -> None:
    values = seasonal(7, 140, noise=0.1)
    values[40:75] = np.nan
    assert seasonal_periods(panel_of(values), (7, 365)) == (7,)


@pytest.mark.parametrize("level", [1e8, 1e-30, 1e30])
def test_the_size_of_values_does_not_matter(level: float) -> None:
    shift = level if level > 1 else 0.0
    size = min(level, 1.0) if level < 1e10 else level
    assert seasonal_periods(panel_of(shift + size * seasonal(12, 120)))[0] == 12


def test_series_of_different_phase_level_and_length_agree() -> None:
    series = [1e3**number * seasonal(12, 60 + 13 * number, noise=0.3, seed=5)[number:] for number in range(6)]
    assert seasonal_periods(panel_of(*series))[0] == 12


def test_many_series_lend_each_other_strength() -> None:
    """So much noise hides the period in one series of this length, not in a hundred."""
    series = [seasonal(6, 40, noise=0.8, seed=3) + seasonal(40, 40, noise=0.8, seed=s) for s in range(120)]
    assert 6 in seasonal_periods(panel_of(*series))


def test_two_periods_of_hourly_data() -> None:
    rng = np.random.default_rng(0)
    hours = np.arange(24 * 7 * 6)
    weekend = (hours // 24 % 7 >= 5) * 1.5
    values = np.sin(2 * np.pi * hours / 24) * (2 - weekend) + 0.05 * rng.normal(size=len(hours))
    assert seasonal_periods(panel_of(values), (24, 168)) == (24, 168)
    assert seasonal_periods(panel_of(values))[0] == 24


def test_a_staircase_has_the_period_of_its_steps() -> None:
    """A counter that moves once a week, always by as much, repeats itself every seven days."""
    assert seasonal_periods(panel_of(np.repeat(np.arange(20.0), 7)), (7,)) == (7,)


def test_a_proposed_period_that_is_not_there_is_not_taken() -> None:
    assert seasonal_periods(panel_of(seasonal(10, 200)), (7, 12)) == ()


def test_a_proposed_period_is_judged_from_two_on() -> None:
    assert seasonal_periods(panel_of(seasonal(12, 30)), (12,)) == (12,)
    assert seasonal_periods(panel_of(seasonal(12, 23)), (12,)) == ()


@pytest.mark.parametrize("length", [12, 40, 400])
def test_white_noise_and_random_walks_have_none(length: int) -> None:
    rng = np.random.default_rng(length)
    found = []
    for _ in range(40):
        noise = rng.normal(size=length)
        found += [seasonal_periods(panel_of(noise)), seasonal_periods(panel_of(noise.cumsum()))]
        found += [
            seasonal_periods(panel_of(noise), (7, 12)),
            seasonal_periods(panel_of(noise.cumsum()), (7, 12)),
        ]
    false_alarms = sum(1 for periods in found if periods)
    assert false_alarms <= 0.05 * len(found)


NOTHING = {
    "one value": np.array([1.0]),
    "two values": np.array([1.0, 2.0]),
    "five values": np.array([1.0, 2.0, 1.0, 2.0, 1.0]),
    "constant": np.full(100, 3.3),
    "line": np.arange(100.0),
    "missing": np.full(100, np.nan),
}


@pytest.mark.parametrize("values", NOTHING.values(), ids=NOTHING.keys())
@pytest.mark.parametrize("proposed", [(), (7, 365)])
def test_too_little_has_none(values: np.ndarray, proposed: tuple[int, ...]) -> None:
    assert seasonal_periods(panel_of(values), proposed) == ()


def test_a_constant_series_takes_nothing_from_the_others() -> None:
    values = seasonal(12, 120)
    assert seasonal_periods(panel_of(np.full(120, 5.0), values, np.full(120, np.nan)))[0] == 12


def test_a_week_that_stands_out_among_the_days_is_found() -> None:
    """It repeats less well than the days do, since only some series have it."""
    rng = np.random.default_rng(0)
    day, steps = seasonal(8, 8 * 7 * 6), np.arange(8 * 7 * 6)
    weekend = 1.0 - 0.9 * (steps // 8 % 7 >= 5)
    series = [day * (weekend if number % 2 else 1) + 0.3 * rng.normal(size=len(day)) for number in range(6)]
    assert seasonal_periods(panel_of(*series)) == (8, 56)
    assert seasonal_periods(panel_of(*series[::2])) == (8,), "these have no weeks"


@pytest.mark.parametrize("noise", [0.0, 0.2, 0.5])
@pytest.mark.parametrize("length", [60, 240, 1200])
def test_one_season_does_not_give_two_periods(noise: float, length: int) -> None:
    assert seasonal_periods(panel_of(seasonal(12, length, noise=noise, seed=3))) == (12,)


@pytest.mark.parametrize("period", [12, 24, 52])
def test_noise_as_large_as_the_season_hides_no_proposed_period(period: int) -> None:
    """Differences alone would not show it."""
    values = seasonal(period, 12 * period, noise=1.0, seed=1)
    assert seasonal_periods(panel_of(values), (period,)) == (period,)


def test_a_cycle_of_another_length_is_not_taken_for_a_year() -> None:
    values = np.sin(2 * np.pi * np.arange(1000) / 40) + 0.2 * np.random.default_rng(0).normal(size=1000)
    assert seasonal_periods(panel_of(values), (52,)) == ()


WEEK = np.array([0.0, 0.2, 0.3, 0.4, 0.8, 2.5, 2.2])


@pytest.mark.parametrize("length", [104, 105, 120, 148, 200])
@pytest.mark.parametrize("trend", [0.0, 0.02])
@pytest.mark.parametrize("year", [52, 52.1775])
def test_a_year_of_weeks(length: int, trend: float, year: float) -> None:
    steps = np.arange(length)
    noise = np.random.default_rng(length).normal(size=length)
    values = np.sin(2 * np.pi * steps / 52.18) + trend * steps + 0.3 * noise
    assert seasonal_periods(panel_of(values), (year,)) == (52,)


@pytest.mark.parametrize("length", [14, 21, 25, 30, 40])
def test_a_week_of_days(length: int) -> None:
    values = np.resize(WEEK, length) + 0.1 * np.random.default_rng(length).normal(size=length)
    assert seasonal_periods(panel_of(values), (7, 365)) == (7,)


@pytest.mark.parametrize("length", [48, 60, 72])
def test_a_day_of_hours(length: int) -> None:
    values = np.sin(2 * np.pi * np.arange(length) / 24)
    values += 0.2 * np.random.default_rng(length).normal(size=length)
    assert seasonal_periods(panel_of(values), (24, 168)) == (24,)


@pytest.mark.parametrize("weeks", [2, 3, 5])
def test_weeks_are_told_from_days_that_repeat_themselves(weeks: int) -> None:
    rng = np.random.default_rng(weeks)
    day = np.tile(np.sin(2 * np.pi * np.arange(24) / 24) + 3, 7 * weeks)
    weekend = np.tile(np.repeat([1.0, 1, 1, 1, 1, 0.8, 0.7], 24), weeks)
    noise = 0.1 * rng.normal(size=len(day))
    assert seasonal_periods(panel_of(day * weekend + noise), (24, 168)) == (24, 168)
    assert seasonal_periods(panel_of(day + noise), (24, 168)) == (24,)


@pytest.mark.parametrize("length", [730, 740, 1200, 2300])
@pytest.mark.parametrize("year", [365, 365.2425])
def test_a_year_of_days_beside_the_week(length: int, year: float) -> None:
    """365 days are a week's multiple and a day, so that the week must be disregarded."""
    values = 1.5 * np.sin(2 * np.pi * np.arange(length) / 365.25) + np.resize(WEEK, length)
    values += 0.5 * np.random.default_rng(length).normal(size=length)
    assert seasonal_periods(panel_of(values), (7, year)) == (7, 365)


def test_a_week_alone_is_no_year() -> None:
    values = np.resize(WEEK, 900) + 0.5 * np.random.default_rng(0).normal(size=900)
    assert seasonal_periods(panel_of(values), (7, 365.25)) == (7,)


def test_gaps_do_not_hide_a_season_of_few_periods() -> None:
    rng = np.random.default_rng(3)
    values = np.sin(2 * np.pi * np.arange(148) / 52) + 0.2 * rng.normal(size=148)
    values[rng.random(148) < 0.1] = np.nan
    assert seasonal_periods(panel_of(values), (52,)) == (52,)


@pytest.mark.parametrize("kind", ["noise", "walk"])
def test_days_that_are_always_missing_are_no_season(kind: str) -> None:
    """Weekends without values, as offices have them, repeat themselves each week."""
    found = []
    for seed in range(100):
        values = np.random.default_rng(seed).normal(size=70)
        values = 20 + (values.cumsum() if kind == "walk" else values)
        values[np.arange(70) % 7 >= 5] = np.nan
        found.append(bool(seasonal_periods(panel_of(values), (7,))))
    assert np.mean(found) <= 0.05


def test_a_tenth_of_the_series_does_not_make_a_season_of_all() -> None:
    rng = np.random.default_rng(0)
    series = list(rng.normal(size=(20, 120)))
    series[3] = series[3] + 5 * seasonal(12, 120)
    assert seasonal_periods(panel_of(*series), (12,)) == ()
    assert seasonal_periods(panel_of(series[3]), (12,)) == (12,)


def test_targets_are_judged_together() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"ds": np.arange(60), "a": seasonal(12, 60), "b": rng.normal(size=60)})
    columns = Columns(targets=("a", "b"))
    panel = make_panel(read_long_frame(frame, columns), Frequency.parse(1))
    assert seasonal_periods(panel, (12,)) == (12,)


@pytest.mark.parametrize(
    ("name", "column", "period"),
    [("AirPassengers.csv", 1, 12), ("ausbeer.csv", 0, 4), ("taylor.csv.gz", 0, 48)],
)
@pytest.mark.parametrize("periods", [2, 3, 4])
def test_public_series_are_seasonal_from_two_periods_on(
    data_folder: Path, name: str, column: int, period: int, periods: int
) -> None:
    values = pd.read_csv(data_folder / "series" / name).iloc[:, column].to_numpy(float)
    pieces = [values[start : start + periods * period] for start in range(0, 60, 5)]
    found = [seasonal_periods(panel_of(piece), (period,)) == (period,) for piece in pieces]
    # eight quarters are few
    assert np.mean(found) >= (0.4 if period == 4 and periods == 2 else 0.9)


@pytest.mark.parametrize(("name", "column"), [("taylor.csv.gz", 0), ("taxi_new_york_passengers.csv.gz", 1)])
@pytest.mark.parametrize("weeks", [2, 3, 12])
def test_half_hours_have_a_day_and_a_week(data_folder: Path, name: str, column: int, weeks: int) -> None:
    values = pd.read_csv(data_folder / "series" / name).iloc[:, column].to_numpy(float)
    assert seasonal_periods(panel_of(values[: 336 * weeks]), (48, 336)) == (48, 336)


def test_m4_hourly_has_a_day_and_a_week(data_folder: Path) -> None:
    rows = pd.read_csv(data_folder / "m4" / "Hourly-train.csv.gz").iloc[::8, 1:].to_numpy(float)
    panel = panel_of(*(row[~np.isnan(row)] for row in rows))
    assert seasonal_periods(panel, (24, 168)) == (24, 168)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 90), min_size=1, max_size=4),
    st.sets(st.one_of(st.integers(2, 40), st.floats(2, 40)), max_size=3),
    st.floats(0, 0.9),
    st.sampled_from([1e-12, 1.0, 1e12]),
    st.integers(0, 2**31),
)
def test_whatever_is_asked_of_whatever_series_is_answered(
    lengths: list[int], proposed: set[float], missing: float, size: float, seed: int
) -> None:
    """Of any lengths, gaps, sizes and periods: what is found was proposed, and holds two periods."""
    rng = np.random.default_rng(seed)
    series = [size * rng.integers(-3, 4, size=length).astype(float) for length in lengths]
    for one in series:
        one[1:][rng.random(len(one) - 1) < missing] = np.nan
    panel = panel_of(*series)
    found = seasonal_periods(panel, tuple(proposed))
    assert list(found) == sorted(found)
    if proposed:
        assert set(found) <= {round(period) for period in proposed}
        assert all(2 * period <= max(lengths) + 1 for period in found)
    of_each = season_of_each(panel, tuple(proposed))
    assert of_each.shape == (len(lengths),)
    assert set(of_each.tolist()) <= {1, *(round(period) for period in proposed)}
