"""The naive methods by hand, and their intervals on series for which they are true."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tsseq2seq.errors import DataError
from tsseq2seq.evaluation.baselines.naive import covers_season, naive_forecast

NAN = np.nan


@pytest.mark.parametrize(
    ("values", "season", "expected"),
    [
        ([1, 2, 3, 4, 5, 6, 7], 3, [5, 6, 7, 5, 6]),
        ([1, 2, 3], 3, [1, 2, 3, 1, 2]),
        ([1, 2, 3, 4], 1, [4, 4, 4, 4, 4]),
        ([1, 2, 3, 4, NAN, 6, NAN], 3, [2, 6, 4, 2, 6]),
        ([7, NAN, NAN], 1, [7, 7, 7, 7, 7]),
    ],
    ids=["season", "one season", "none", "missing", "missing end"],
)
def test_points_by_hand(values: list[float], season: int, expected: list[float]) -> None:
    assert naive_forecast(np.array(values, dtype=float), 5, season, ())[:, 0].tolist() == expected


def test_a_place_never_observed_is_refused() -> None:
    values = np.array([1.0, NAN, 3.0, 4.0, NAN, 6.0])
    assert not covers_season(values, 3)
    with pytest.raises(
        DataError, match=r"4 observed values, but none at 1 of the 3 steps of its season .*step 2"
    ):
        naive_forecast(values, 2, 3, ())


def test_bounds_by_hand() -> None:
    """Changes over a season of 2 are 3, −1 and missing: σ² = 5; the variance grows each season."""
    bounds = naive_forecast(np.array([0.0, 10.0, 3.0, 9.0, NAN, 9.0]), 4, 2, (90,))
    changes = np.sqrt((3**2 + 1**2 + 0) / 3) * np.sqrt([1, 1, 2, 2])
    point, width = np.array([3, 9, 3, 9]), stats.norm.ppf(0.95) * changes
    np.testing.assert_allclose(bounds, np.stack([point, point - width, point + width], 1))


def test_without_a_pair_a_season_apart_the_steps_give_the_spread() -> None:
    bounds = naive_forecast(np.array([0.0, 2.0]), 2, 2, (95,))
    np.testing.assert_allclose(bounds[:, 2] - bounds[:, 0], 2 * stats.norm.ppf(0.975))
    assert np.isnan(naive_forecast(np.array([1.0]), 2, 1, (95,))[:, 1:]).all()


@pytest.mark.parametrize("season", [1, 4])
def test_intervals_cover_seasonal_random_walks(season: int) -> None:
    walks = np.random.default_rng(0).normal(size=(800, 60, season)).cumsum(1).reshape(800, -1)
    ahead = 6 * season
    inside = []
    for walk in walks:
        bounds = naive_forecast(walk[:-ahead], ahead, season, (80,))
        inside.append((bounds[:, 1] <= walk[-ahead:]) & (walk[-ahead:] <= bounds[:, 2]))
    assert np.mean(inside) == pytest.approx(0.8, abs=0.02)
