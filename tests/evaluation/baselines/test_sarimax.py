"""SARIMAX against closed forms, and the model of statsmodels estimated in one piece."""

from __future__ import annotations

import time

import numpy as np
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX as Model

from tsseq2seq import datasets
from tsseq2seq.errors import DataError
from tsseq2seq.evaluation.baselines import SARIMAX
from tsseq2seq.evaluation.baselines.sarimax import SarimaxForm, fit_sarimax

pytestmark = pytest.mark.filterwarnings("ignore")


def autoregression(phi: float, length: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = np.zeros(length + 100)
    for t in range(1, len(values)):
        values[t] = phi * values[t - 1] + rng.normal()
    return 50 + values[100:]


def test_an_autoregression_is_forecast_by_its_closed_form() -> None:
    """The mean returns by φ a step; the variance is σ²·(1 − φ²ʰ) / (1 − φ²)."""
    values = autoregression(0.5, 1500)
    steps = np.arange(1, 13)
    bounds = SARIMAX.forecast_series(values, 12, 1, (95,))
    mean = values.mean()
    point = mean + 0.5**steps * (values[-1] - mean)
    deviation = np.sqrt((1 - 0.5 ** (2 * steps)) / (1 - 0.25))
    np.testing.assert_allclose(bounds[:, 0], point, atol=0.1)
    np.testing.assert_allclose(bounds[:, 2] - bounds[:, 1], 2 * 1.95996 * deviation, rtol=0.08)


def test_forecasts_are_those_of_the_orders_chosen() -> None:
    """Estimated on differences, forecast by the whole model: the closed form with its own coefficients."""
    values = autoregression(0.7, 400, seed=2)
    form, fitted = fit_sarimax(values, 1)
    assert form == SarimaxForm((1, 0, 0), (0, 0, 0, 0), "c")
    constant, phi = fitted.params[:2]
    mean = constant / (1 - phi)
    expected = mean + phi ** np.arange(1, 6) * (values[-1] - mean)
    np.testing.assert_allclose(fitted.get_forecast(5).predicted_mean, expected)
    assert phi == pytest.approx(np.corrcoef(values[1:], values[:-1])[0, 1], abs=0.02)


def test_a_random_walk_is_forecast_by_its_last_value() -> None:
    values = np.random.default_rng(9).normal(size=500).cumsum()
    bounds = SARIMAX.forecast_series(values, 5, 1, (95,))
    assert fit_sarimax(values, 1)[0].order == (0, 1, 0)
    np.testing.assert_allclose(bounds[:, 0], values[-1], atol=0.5)
    np.testing.assert_allclose(
        (bounds[:, 2] - bounds[:, 1]) / 2 / 1.95996, np.sqrt(np.arange(1, 6)), rtol=0.06
    )


def test_random_walks_are_differenced_and_autoregressions_are_not() -> None:
    rng = np.random.default_rng(0)
    walks = [fit_sarimax(rng.normal(size=300).cumsum(), 1)[0].order[1] for _ in range(6)]
    steady = [fit_sarimax(autoregression(0.4, 300, seed), 1)[0].order[1] for seed in range(6)]
    assert sum(walks) >= 5
    assert sum(steady) <= 1


def test_a_seasonal_model_equals_statsmodels_in_one_piece() -> None:
    values = np.log(datasets.load("air_passengers")["y"].to_numpy())
    form, fitted = fit_sarimax((values - values.mean()) / 0.1, 12)
    assert form.seasonal_order[1:] == (1, 1, 12)
    whole = Model(values * 10, order=form.order, seasonal_order=form.seasonal_order, trend=form.trend)
    expected = whole.fit(disp=False, maxiter=200).get_forecast(24)
    found = fitted.get_forecast(24)
    np.testing.assert_allclose(
        found.predicted_mean * 0.1 + values.mean(), expected.predicted_mean / 10, rtol=2e-3
    )
    np.testing.assert_allclose(found.var_pred_mean * 0.01, expected.var_pred_mean / 100, rtol=0.05)


def test_missing_values_are_left_to_the_filter() -> None:
    """An autoregression whose last value is missing forecasts from the one before."""
    values = autoregression(0.8, 800, seed=1)
    form, fitted = fit_sarimax(np.append(values, np.nan), 1)
    other_form, other = fit_sarimax(values, 1)
    assert form == other_form
    np.testing.assert_allclose(
        fitted.get_forecast(3).predicted_mean, other.get_forecast(4).predicted_mean[1:], rtol=1e-4
    )


def test_a_long_season_is_described_by_fourier_terms() -> None:
    steps = np.arange(260)
    season = 10 * np.sin(2 * np.pi * steps / 52) + 4 * np.cos(2 * np.pi * 5 * steps / 52)
    values = 100 + season + 0.1 * np.random.default_rng(0).normal(size=260)
    form, _ = fit_sarimax(values[:220], 52)
    assert {1, 5} < set(form.harmonics)
    assert len(form.harmonics) == 4
    forecast = SARIMAX.forecast_series(values[:220], 40, 52, ())[:, 0]
    np.testing.assert_allclose(forecast, 100 + season[220:], atol=0.5)


def test_fourier_terms_go_on_where_they_ended() -> None:
    form = SarimaxForm((0, 0, 0), (0, 0, 0, 0), "c", 30, (1, 3))
    whole, ahead = form.terms(0, 100), form.terms(70, 100)
    assert whole is not None
    assert ahead is not None
    np.testing.assert_allclose(whole[70:], ahead)
    np.testing.assert_allclose(whole[:30].T @ whole[:30], 15 * np.eye(4), atol=1e-9)
    assert SarimaxForm((0, 0, 0), (0, 0, 0, 0), "c").terms(0, 5) is None


def test_an_hourly_series_takes_seconds() -> None:
    rng = np.random.default_rng(0)
    hours = np.arange(960)
    values = 100 + 20 * np.sin(hours * np.pi / 12) + autoregression(0.6, 960, seed=7) + rng.normal(size=960)
    begun = time.perf_counter()
    SARIMAX.forecast_series(values, 48, 24, (80,))
    assert time.perf_counter() - begun < 20


@pytest.mark.parametrize(
    ("values", "match"),
    [
        (np.append(np.arange(9.0), np.nan), "it has 9 observed values, fewer than 10"),
        (np.ones(20), "it is constant"),
        (np.tile([1.0, 2.0, 3.0, 9.0], 10), "it repeats itself exactly"),
    ],
    ids=["short", "constant", "repeats"],
)
def test_refusals(values: np.ndarray, match: str) -> None:
    with pytest.raises(DataError, match=match):
        fit_sarimax(values, 4)
