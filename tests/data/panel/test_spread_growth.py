"""Planted laws of spread and level are found, and the exponent is that of a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import Panel, make_panel
from tsseq2seq.data.panel.spread_growth import spread_exponent


def panel_of(*series: np.ndarray) -> Panel:
    parts = [
        pd.DataFrame({"unique_id": f"s{number}", "ds": np.arange(len(values)), "y": values})
        for number, values in enumerate(series)
    ]
    return make_panel(read_long_frame(pd.concat(parts), Columns()), Frequency.parse(1))


def planted(exponent: float, seed: int = 0, length: int = 2000, period: int = 24) -> np.ndarray:
    """A level that doubles and halves in ``period`` steps, and noise of its power."""
    level = 2 ** np.sin(2 * np.pi * np.arange(length) / period)
    return 100 * level + 5 * level**exponent * np.random.default_rng(seed).normal(size=length)


def by_loop(series: list[np.ndarray], season: int) -> float:
    """The same law in plain numpy, a series at a time."""
    products, squares = 0.0, 0.0
    for values in series:
        pairs = [
            (abs(b - a), (a + b) / 2)
            for a, b in zip(values[:-season], values[season:], strict=True)
            if not math.isnan(a) and not math.isnan(b)
        ]
        middle = sorted(level for _, level in pairs)[(len(pairs) - 1) // 2]
        upper = [pair for pair in pairs if pair[1] > middle]
        lower = [pair for pair in pairs if pair[1] <= middle]
        change, level = (
            math.log(np.mean([p[i] for p in upper]) / np.mean([p[i] for p in lower])) for i in (0, 1)
        )
        products += change * level
        squares += level * level
    return products / squares


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 1.5])
@pytest.mark.parametrize(("season", "period"), [(24, 24), (None, 4000)], ids=["season", "slow level"])
def test_planted_exponents_are_found(exponent: float, season: int | None, period: int) -> None:
    values = planted(exponent, length=4000, period=period)
    assert spread_exponent(panel_of(values), season) == pytest.approx(exponent, abs=0.1)


def test_it_is_the_exponent_of_a_plain_loop() -> None:
    series = [planted(0.3, 1, 500), planted(1.2, 2, 700), planted(0.8, 3, 90)]
    series[1][100:140] = np.nan
    assert spread_exponent(panel_of(*series), 24) == pytest.approx(by_loop(series, 24), rel=1e-4)


def test_it_does_not_change_with_the_unit() -> None:
    values = planted(0.7)
    found = spread_exponent(panel_of(values), 24)
    assert spread_exponent(panel_of(values * 1e-6), 24) == pytest.approx(found, rel=1e-3)


def test_a_series_whose_level_varies_more_has_more_weight() -> None:
    """Levels that hardly differ say nothing about growth."""
    flat = 100 + np.random.default_rng(0).normal(size=500)
    found = spread_exponent(panel_of(planted(1.0), flat, flat), 24)
    assert found == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(
    "values", [np.ones(100), np.arange(20.0), np.full(100, 3.0)], ids=["ones", "short", "constant"]
)
def test_without_changes_it_is_nan(values: np.ndarray) -> None:
    assert math.isnan(spread_exponent(panel_of(values), 24))


def test_a_straight_line_has_changes_of_one_size() -> None:
    assert spread_exponent(panel_of(np.arange(1.0, 101.0)), 12) == pytest.approx(0.0, abs=1e-6)
