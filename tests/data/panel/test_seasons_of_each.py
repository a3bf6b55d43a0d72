"""Each series has the seasons that it shows, and those of its panel where it is too short to show any."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel import seasons_of_each as module
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.seasonality import seasonal_periods
from tsseq2seq.data.panel.seasons_of_each import season_of_each, seasons_of_each

WEEK = np.array([0.0, 0.2, 0.3, 0.4, 0.8, 2.5, 2.2])
DAY = np.sin(2 * np.pi * np.arange(24) / 24)


def panel_of(*series: np.ndarray) -> Panel:
    parts = [
        pd.DataFrame({"unique_id": f"s{number}", "ds": np.arange(len(values)), "y": values})
        for number, values in enumerate(series)
    ]
    return make_panel(read_long_frame(pd.concat(parts), Columns()), Frequency.parse(1))


def test_series_of_a_panel_differ() -> None:
    rng = np.random.default_rng(0)
    series = [np.resize(WEEK, 70) + 0.3 * rng.normal(size=70) for _ in range(6)]
    series += [rng.normal(size=70).cumsum() for _ in range(4)]
    panel = panel_of(*series)
    assert seasonal_periods(panel, (7,)) == (7,)
    assert season_of_each(panel, (7,)).tolist() == [7] * 6 + [1] * 4


def test_a_short_series_has_the_season_of_its_panel() -> None:
    rng = np.random.default_rng(0)
    long = [np.resize(WEEK, 70) + 0.3 * rng.normal(size=70) for _ in range(4)]
    assert season_of_each(panel_of(*long, WEEK[:5], np.arange(1.0)), (7,)).tolist() == [7] * 6
    noise = list(rng.normal(size=(5, 70)))
    assert season_of_each(panel_of(*noise, WEEK[:5], long[0]), (7,)).tolist() == [1] * 6 + [7]


def test_a_series_with_few_values_has_the_season_of_its_panel() -> None:
    rng = np.random.default_rng(0)
    long = [np.resize(WEEK, 70) + 0.3 * rng.normal(size=70) for _ in range(5)]
    noise = rng.normal(size=70)
    sparse = np.where(np.arange(70) % 3, np.nan, noise)
    assert season_of_each(panel_of(*long, noise, sparse), (7,)).tolist() == [7] * 5 + [1, 7]


def test_several_seasons_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    weekend = np.repeat([1.0, 1, 1, 1, 1, 0.5, 0.3], 24)
    day, both = np.tile(DAY, 42) + 3, np.tile((np.tile(DAY, 7) + 3) * weekend, 6)
    week = np.tile(5 * weekend, 6)
    noise = 0.3 * rng.normal(size=(4, 24 * 42))
    panel = panel_of(day + noise[0], both + noise[1], week + noise[2], 10 * noise[3])
    shown = seasons_of_each(panel, (24, 168))
    assert shown.tolist() == [[True, False], [True, True], [False, True], [False, False]]
    assert torch.equal(seasons_of_each(panel, (168, 24)), shown.flip(1))
    assert season_of_each(panel, (24, 168)).tolist() == [24, 24, 168, 1]


@pytest.mark.parametrize("kind", ["noise", "walk", "season"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31), length=st.integers(10, 150))
def test_a_panel_of_one_series_has_the_seasons_of_that_one(kind: str, seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=length)
    values = {"noise": noise, "walk": noise.cumsum(), "season": noise + 1.5 * np.resize(WEEK, length)}[kind]
    panel = panel_of(values)
    # the sample is judged in double precision, and all series in that of the panel
    periods = seasonal_periods(panel, (7, 12))
    shown = seasons_of_each(panel, (7, 12))[0].tolist()
    assert tuple(period for period, one in zip((7, 12), shown, strict=True) if one) == periods


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 120), min_size=1, max_size=8), st.integers(0, 2**31), st.integers(1, 300))
def test_blocks_and_neighbours_do_not_matter(lengths: list[int], seed: int, block: int) -> None:
    """A series is judged by its own values, however many others are looked at with it."""
    rng = np.random.default_rng(seed)
    series = [rng.normal(size=length) + rng.integers(2) * np.resize(WEEK, length) for length in lengths]
    panel = panel_of(*series)
    whole = module._probabilities(panel, 7.0, ())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)
        parts = module._probabilities(panel, 7.0, ())
    alone = [module._probabilities(panel_of(one), 7.0, ()) for one in series]
    for found in (parts, [np.concatenate(column) for column in zip(*alone, strict=True)]):
        np.testing.assert_allclose(found[0], whole[0], rtol=1e-2, atol=1e-9)
        np.testing.assert_allclose(found[1], whole[1], rtol=1e-2, atol=1e-9)
        assert np.array_equal(found[2], whole[2])


def test_of_several_targets_the_least_likely_counts_times_their_number() -> None:
    """One that has a season is enough, and more of them are as many chances of a false alarm."""
    rng = np.random.default_rng(0)
    seasonal, noise = np.resize(WEEK, 70) + 0.3 * rng.normal(size=70), rng.normal(size=70)
    frame = pd.DataFrame({"unique_id": "s", "ds": np.arange(70), "a": noise, "b": seasonal})
    columns = Columns(targets=("a", "b"))
    panel = make_panel(read_long_frame(frame, columns), Frequency.parse(1))
    whole, strong, judged = module._probabilities(panel, 7.0, ())
    alone = [module._probabilities(panel_of(values), 7.0, ()) for values in (noise, seasonal)]
    assert alone[1][0] < 1e-6 < 0.01 < alone[0][0]
    np.testing.assert_allclose(whole, 2 * alone[1][0], rtol=1e-2)
    np.testing.assert_allclose(strong, 2 * alone[1][1], rtol=1e-2)
    assert judged.tolist() == [True]
    assert season_of_each(panel, (7,)).tolist() == [7]
    assert season_of_each(panel_of(noise), (7,)).tolist() == [1]


def test_false_alarms_are_rare_and_misses_too() -> None:
    """In eight weeks of a panel half of which has a season as large as its noise."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(2000, 56))
    values[::2] += 1.0 * np.resize(WEEK - WEEK.mean(), 56)
    found = season_of_each(_panel(values), (7,)).numpy() == 7
    assert found[1::2].mean() <= 0.05
    assert found[::2].mean() >= 0.9


def test_where_most_have_a_season_less_is_asked_of_each() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(1000, 14)) + np.resize(WEEK - WEEK.mean(), 14)
    alone = np.mean([int(season_of_each(_panel(one[None]), (7,))) == 7 for one in values[:60]])
    together = float((season_of_each(_panel(values), (7,)) == 7).float().mean())
    assert together >= alone + 0.15
    noise = _panel(rng.normal(size=(1000, 14)))
    assert float((season_of_each(noise, (7,)) == 7).float().mean()) <= 0.05


def _panel(values: np.ndarray) -> Panel:
    """A panel without the way through a frame, since there are many series."""
    count, length = values.shape
    small = panel_of(np.zeros(2))
    return Panel(
        values=torch.from_numpy(values.astype(np.float32)).reshape(-1, 1),
        observed=torch.ones(count * length, 1, dtype=torch.bool),
        offsets=torch.arange(count + 1) * length,
        origin=torch.zeros(count, 1, dtype=torch.double),
        unit=torch.ones(count, 1, dtype=torch.double),
        ids=pd.RangeIndex(count),
        starts=small.starts.repeat(count),
        frequency=small.frequency,
        targets=("y",),
    )


def test_a_target_that_shows_it_is_enough() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"ds": np.arange(70), "a": rng.normal(size=70), "b": np.resize(WEEK, 70)})
    frame["b"] += 0.3 * rng.normal(size=70)
    panel = make_panel(read_long_frame(frame, Columns(targets=("a", "b"))), Frequency.parse(1))
    assert season_of_each(panel, (7,)).tolist() == [7]


@pytest.mark.parametrize("values", [np.full(40, 3.0), np.arange(40.0), np.full(40, np.nan)])
def test_what_shows_nothing_has_the_season_of_its_panel(values: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    seasonal = [np.resize(WEEK, 70) + 0.3 * rng.normal(size=70) for _ in range(4)]
    assert season_of_each(panel_of(values), (7,)).tolist() == [1]
    assert season_of_each(panel_of(*seasonal, values), (7,)).tolist() == [7] * 5


def test_without_proposals_there_is_none() -> None:
    assert season_of_each(panel_of(np.resize(WEEK, 70), np.arange(5.0)), ()).tolist() == [1, 1]


def test_years_of_days_and_weeks_are_whole_steps_in_the_answer() -> None:
    days = np.arange(900)
    values = np.sin(2 * np.pi * days / 365.2425) + 0.3 * np.random.default_rng(0).normal(size=900)
    assert season_of_each(panel_of(values), (7, 365.2425)).tolist() == [365]


def test_how_many_have_a_season_is_seen_by_all_probabilities() -> None:
    """However weak a season that passes: half of 4,000 probabilities are those of noise."""
    rng = np.random.default_rng(0)
    probability = np.concatenate([rng.random(2000), 1e-3 * rng.random(2000)])
    limit = module._limit_of_many(probability)
    assert 0.4 <= (probability <= limit).mean() <= 0.52
    assert max(module._limit_of_many(rng.random(4000)) for _ in range(20)) < 0.05
    assert module._limit_of_many(np.array([0.001])) == 0.0
    # noise is not let in, though all have a season
    assert module._limit_of_many(np.linspace(0.1, 0.4, 50)) == 0.2
