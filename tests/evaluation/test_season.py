"""The season that scales errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.evaluation.season import season_of


@pytest.mark.parametrize(
    ("freq", "period", "expected"),
    [("h", 24, 24), ("D", 7, 7), ("MS", 12, 12), (1, 5, 5), ("h", 13, 1), ("D", 1, 1)],
)
def test_periods_that_the_frequency_proposes(freq: str | int, period: int, expected: int) -> None:
    times = range(200) if freq == 1 else pd.date_range("2000-01-01", periods=200, freq=freq)
    shape = np.random.default_rng(0).normal(size=period)
    df = pd.DataFrame({"ds": times, "y": np.tile(shape, 200)[:200]})
    assert season_of(df, Columns(), Frequency.parse(freq)) == expected


def test_the_shortest_of_several() -> None:
    hours = np.arange(24 * 7 * 6)
    y = np.sin(2 * np.pi * hours / 24) * (1 + (hours // 24 % 7 >= 5))
    df = pd.DataFrame({"ds": pd.date_range("2024", periods=len(hours), freq="h"), "y": y})
    assert season_of(df, Columns(), Frequency.parse("h")) == 24


def test_names_covariates_and_order_of_rows_do_not_matter() -> None:
    df = pd.concat(
        pd.DataFrame({"shop": name, "day": range(40), "sales": [0.0, 1, 5, 2] * 10, "price": "dear"})
        for name in "ab"
    ).sample(frac=1, random_state=0)
    columns = Columns("shop", "day", ("sales",), past=("price",))
    assert season_of(df, columns, Frequency.parse(1)) == 4


def test_noise_and_constants_have_none() -> None:
    noise = np.random.default_rng(0).normal(size=300)
    for y in (noise, np.ones(300), np.ones(2)):
        df = pd.DataFrame({"ds": range(len(y)), "y": y})
        assert season_of(df, Columns(), Frequency.parse(1)) == 1
