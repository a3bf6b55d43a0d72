"""Seasons of groups of series: found where the panel as a whole shows others or none; noise has none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.season_groups import PanelSeasons, panel_seasons
from tsseq2seq.data.panel.seasonality import seasonal_periods


def panel_of(groups: list[tuple[int, int]], length: int, *, seed: int = 0, walk: bool = False) -> Panel:
    """So many series of each period (1: none), of noise or of walks."""
    rng = np.random.default_rng(seed)
    parts = []
    for count, period in groups:
        for _ in range(count):
            rest = rng.normal(size=length)
            rest = 0.3 * rest.cumsum() if walk else rest
            season = 1.5 * np.resize(rng.normal(size=period), length) if period > 1 else 0.0
            name = f"s{len(parts):03}"
            parts.append(pd.DataFrame({"unique_id": name, "ds": np.arange(length), "y": 20 + rest + season}))
    return make_panel(read_long_frame(pd.concat(parts), Columns()), Frequency.parse(1))


@pytest.mark.parametrize("walk", [False, True])
@pytest.mark.parametrize("proposed", [(7.0, 365.2425), ()])
def test_half_weekly_and_half_without(proposed: tuple[float, ...], walk: bool) -> None:
    panel = panel_of([(20, 7), (20, 1)], 150, walk=walk)
    assert panel_seasons(panel, proposed) == PanelSeasons((7,))


@pytest.mark.parametrize("length", [60, 150, 600])
def test_periods_of_several_groups_are_told_from_where_they_meet(length: int) -> None:
    """The panel as a whole has its peak at a multiple of both, or of one."""
    panel = panel_of([(20, 7), (20, 12)], length)
    assert panel_seasons(panel, ()) == PanelSeasons((7,), (12,))


@pytest.mark.parametrize(("few", "many"), [(8, 72), (5, 35), (2, 8)])
def test_a_tenth_of_the_series_is_a_group(few: int, many: int) -> None:
    panel = panel_of([(few, 7), (many, 1)], 150)
    assert seasonal_periods(panel, (7,)) == ()
    assert panel_seasons(panel, (7.0, 365.2425)) == PanelSeasons((), (7,))


def test_one_series_is_no_group() -> None:
    panel = panel_of([(1, 7), (9, 1)], 150)
    assert panel_seasons(panel, (7,)) == PanelSeasons(())
    assert panel_seasons(panel_of([(1, 7)], 150), (7,)) == PanelSeasons((7,))


def test_a_season_is_no_group_of_its_multiples() -> None:
    for proposed in ((), (7, 14, 28)):
        assert panel_seasons(panel_of([(30, 7)], 150), proposed) == PanelSeasons((7,))


def test_a_group_with_a_longer_season_beside_the_one_of_all() -> None:
    rng = np.random.default_rng(0)
    days, length = np.resize(np.sin(2 * np.pi * np.arange(24) / 24), 1000), 1000
    parts = []
    for number in range(40):
        week = np.resize(np.repeat([1.0, 1, 1, 1, 1, 0, 0], 24), length) if number < 10 else 0.0
        values = 3 * days + 4 * week + rng.normal(size=length)
        parts.append(pd.DataFrame({"unique_id": f"s{number:02}", "ds": np.arange(length), "y": values}))
    panel = make_panel(read_long_frame(pd.concat(parts), Columns()), Frequency.parse(1))
    found = panel_seasons(panel, (24, 168))
    assert 24 in found.of_all
    assert 168 in {*found.of_all, *found.of_groups}


@pytest.mark.parametrize("proposed", [(), (7.0, 365.2425), (12.0,), (24.0, 168.0)])
@pytest.mark.parametrize("walk", [False, True])
def test_noise_has_no_groups(proposed: tuple[float, ...], walk: bool) -> None:
    alarms = 0
    for seed in range(40):
        for count, length in ((3, 60), (12, 60), (40, 90)):
            panel = panel_of([(count, 1)], length, seed=seed, walk=walk)
            alarms += bool(panel_seasons(panel, proposed).of_groups)
    assert alarms <= 0.05 * 120


@settings(deadline=None, max_examples=40)
@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    missing=st.floats(0, 1),
    proposed=st.sampled_from([(), (7.0,), (2.0, 3.0), (12.0, 52.1775)]),
    seed=st.integers(0, 99),
)
def test_whatever_is_asked_of_whatever_series_is_answered(
    lengths: list[int], missing: float, proposed: tuple[float, ...], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame({"unique_id": f"s{n}", "ds": np.arange(length), "y": rng.normal(size=length)})
        for n, length in enumerate(lengths)
    ]
    frame = pd.concat(parts)
    frame.loc[rng.random(len(frame)) < missing, "y"] = np.nan
    if not frame["y"].notna().any():
        return
    panel = make_panel(read_long_frame(frame, Columns()), Frequency.parse(1))
    found = panel_seasons(panel, proposed)
    assert not set(found.of_all) & set(found.of_groups)
    assert all(period >= 2 for period in (*found.of_all, *found.of_groups))
