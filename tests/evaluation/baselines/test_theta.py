"""Theta against its definition in numpy: two theta lines, extrapolated and averaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tsseq2seq import datasets
from tsseq2seq.evaluation.baselines import Theta
from tsseq2seq.evaluation.baselines.seasonal_adjustment import adjust
from tsseq2seq.evaluation.baselines.theta import one_step_errors
from tsseq2seq.evaluation.metrics import evaluate


def smooth(values: np.ndarray, alpha: float) -> tuple[float, float]:
    """The last level of exponential smoothing from the first value, and the sum of squared errors."""
    level, total = values[0], 0.0
    for value in values:
        total += (value - level) ** 2
        level = alpha * value + (1 - alpha) * level
    return level, total


def theta_by_definition(values: np.ndarray, horizon: int, alpha: float) -> np.ndarray:
    """Half the line (theta = 0), half the smoothed line of twice the curvature (theta = 2)."""
    steps = np.arange(len(values))
    slope, start = np.polyfit(steps, values, 1)
    line = start + slope * np.arange(len(values), len(values) + horizon)
    level, _ = smooth(2 * values - (start + slope * steps), alpha)
    return (line + level) / 2


@pytest.mark.parametrize("seed", range(4))
def test_points_equal_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = 50 + 0.3 * np.arange(120) + rng.normal(size=120).cumsum() * 0.5 + rng.normal(size=120)
    grid = np.linspace(0.001, 1, 2000)
    alpha = grid[np.argmin([smooth(values, a)[1] for a in grid])]
    found = Theta.forecast_series(values, 8, 1, ())[:, 0]
    np.testing.assert_allclose(found, theta_by_definition(values, 8, alpha), rtol=1e-3)


def test_errors_equal_a_loop() -> None:
    values = np.random.default_rng(0).normal(size=20).cumsum()
    errors = [values[1] - values[0] - 0.1]
    for t in range(2, 20):
        errors.append(values[t] - values[t - 1] - 0.1 + (1 - 0.4) * errors[-1])
    np.testing.assert_allclose(one_step_errors(values, 0.1, 0.4), errors)


def test_intervals_cover_what_they_describe() -> None:
    """Paths of an ARIMA(0,1,1) without drift."""
    rng = np.random.default_rng(1)
    inside = []
    for _ in range(100):
        errors = rng.normal(size=220)
        path = np.cumsum(errors[1:] - 0.6 * errors[:-1])
        bounds = Theta.forecast_series(100 + path[:-19], 19, 1, (80,))
        inside.append((bounds[:, 1] <= 100 + path[-19:]) & (100 + path[-19:] <= bounds[:, 2]))
    assert np.mean(inside) == pytest.approx(0.8, abs=0.05)


def test_the_season_is_taken_out_and_put_back() -> None:
    values = datasets.load("air_passengers")["y"].to_numpy()
    adjusted = adjust(values, 12)
    assert adjusted.indices is not None
    plain = Theta.forecast_series(adjusted.values, 12, 1, ())
    np.testing.assert_allclose(
        Theta.forecast_series(values, 12, 12, ())[:, 0], plain[:, 0] * adjusted.indices
    )


@pytest.mark.slow
def test_errors_on_m4_hourly(data_folder: Path) -> None:
    """The competition's own R code reports 18.138 and 2.457; the smoothing's optimisers differ."""
    train, test = datasets.load("m4_hourly"), datasets.load("m4_hourly_test")
    test["Theta"] = Theta(48, season_length=24).fit(train).predict()["Theta"]
    table = evaluate(test, ["smape", "mase"], train=train, season_length=24)
    np.testing.assert_allclose(table["Theta"], [18.138, 2.457], rtol=2e-3)
