"""Gaps are filled from the same place of the season."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq.evaluation.baselines.missing import fill_missing, trim_start

NAN = np.nan


def test_the_start_is_trimmed() -> None:
    assert trim_start(np.array([NAN, NAN, 1.0, NAN])).tolist()[0] == 1.0
    assert len(trim_start(np.array([NAN, NAN, 1.0, NAN]))) == 2
    assert trim_start(np.array([NAN, NAN])).size == 0


@pytest.mark.parametrize("season", [1, 3, 7])
def test_filling_equals_pandas_in_each_place(season: int) -> None:
    rng = np.random.default_rng(season)
    values = rng.normal(size=61)
    values[rng.random(61) < 0.3] = NAN
    values[:season] = rng.normal(size=season)
    expected = values.copy()
    for place in range(season):
        expected[place::season] = pd.Series(values[place::season]).interpolate(limit_direction="both")
    np.testing.assert_allclose(fill_missing(values, season), expected)
    assert np.isnan(values).any()  # the argument stays


def test_a_place_never_observed_lies_on_the_line_between_its_neighbours() -> None:
    assert fill_missing(np.array([0.0, NAN, 2.0, 3.0, NAN, 5.0]), 3).tolist() == [0, 1, 2, 3, 4, 5]


def test_a_season_longer_than_the_series() -> None:
    assert fill_missing(np.array([1.0, NAN, 3.0]), 10).tolist() == [1.0, 2.0, 3.0]
