"""Decomposition and test of M4 against statsmodels, and Naive2's published figures."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from statsmodels.tsa.seasonal import seasonal_decompose
from statsmodels.tsa.stattools import acf

from tsseq2seq import datasets
from tsseq2seq.evaluation.baselines import Naive2
from tsseq2seq.evaluation.baselines.seasonal_adjustment import adjust, is_seasonal, seasonal_indices
from tsseq2seq.evaluation.metrics import evaluate


def positive(length: int, season: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    profile = np.exp(0.5 * rng.normal(size=season))
    return (
        20 * profile[np.arange(length) % season] * np.exp(0.1 * rng.normal(size=length))
        + np.arange(length) / 10
    )


@pytest.mark.parametrize("multiplicative", [True, False])
@pytest.mark.parametrize(("season", "length"), [(12, 144), (7, 40), (4, 8), (24, 100), (2, 9)])
def test_indices_equal_statsmodels(season: int, length: int, multiplicative: bool) -> None:
    values = positive(length, season)
    model = "multiplicative" if multiplicative else "additive"
    expected = seasonal_decompose(values, model=model, period=season).seasonal[:season]
    np.testing.assert_allclose(seasonal_indices(values, season, multiplicative=multiplicative), expected)


def test_the_limit_is_bartletts() -> None:
    """Of statsmodels' confidence intervals, which for each lag sum the shorter ones."""
    rng = np.random.default_rng(3)
    answers = []
    for _ in range(200):
        values = rng.normal(size=60) + 0.5 * np.sin(np.arange(60) * np.pi / 2)
        correlations, limits, *_ = acf(values, nlags=4, alpha=0.1, qstat=True, fft=False)
        width = (limits[4, 1] - limits[4, 0]) / 2
        answers.append(abs(correlations[4]) > width)
        assert is_seasonal(values, 4) == answers[-1]
    assert 20 < sum(answers) < 180


def test_noise_is_seldom_seasonal_and_short_or_constant_series_never() -> None:
    rng = np.random.default_rng(0)
    alarms = np.mean([is_seasonal(rng.normal(size=2000), 12) for _ in range(1000)])
    assert alarms == pytest.approx(0.1, abs=0.03)
    assert not is_seasonal(positive(35, 12), 12)
    assert is_seasonal(positive(36, 12), 12)
    assert not is_seasonal(np.full(50, 0.1), 4)
    assert not is_seasonal(positive(50, 4), 1)


@pytest.mark.parametrize("shift", [0.0, -25.0], ids=["factors", "terms"])
def test_restoring_undoes_adjusting(shift: float) -> None:
    values = positive(41, 4) + shift
    adjusted = adjust(values, 4)
    assert adjusted.multiplicative == (shift == 0)
    assert adjusted.indices is not None
    ahead = adjusted.restore(np.full((6, 2), 10.0))
    indices = adjusted.indices[np.array([1, 2, 3, 0, 1, 2])]
    np.testing.assert_allclose(ahead[:, 1], 10 * indices if shift == 0 else 10 + indices)
    # one step earlier in each season is what adjusting took out
    np.testing.assert_allclose(
        values[37:41], adjusted.restore(np.diag(adjusted.values[37:41]))[[0, 1, 2, 3], [0, 1, 2, 3]]
    )


def test_naive2_on_m4_hourly_has_the_published_errors_in_seconds(data_folder: Path) -> None:
    train, test = datasets.load("m4_hourly"), datasets.load("m4_hourly_test")
    begun = time.perf_counter()
    forecast = Naive2(48, season_length=24).fit(train).predict()
    assert time.perf_counter() - begun < 5
    test["Naive2"] = forecast["Naive2"]
    assert (test["ds"] == forecast["ds"]).all()
    table = evaluate(test, ["smape", "mase", "owa"], train=train, season_length=24)
    np.testing.assert_allclose(table["Naive2"], [18.383, 2.395, 1.0], atol=5e-4)
