"""ETS against statsmodels called by hand, and against simulated series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.holtwinters import SimpleExpSmoothing

from tsseq2seq import datasets
from tsseq2seq.errors import DataError
from tsseq2seq.evaluation.baselines import ETS
from tsseq2seq.evaluation.baselines.ets import EtsForm, fit_ets

AIR = datasets.load("air_passengers")["y"].to_numpy()


@pytest.mark.filterwarnings("ignore")
def test_air_passengers_equal_statsmodels_with_the_chosen_form() -> None:
    unit = np.abs(AIR).mean()
    form, _ = fit_ets(AIR / unit, 12)
    assert form == EtsForm("mul", "add", False, "mul")
    model = ETSModel(pd.Series(AIR / unit), error="mul", trend="add", seasonal="mul", seasonal_periods=12)
    expected = model.fit(disp=False)
    bounds = ETS.forecast_series(AIR, 24, 12, (80,))
    np.testing.assert_allclose(bounds[:, 0], unit * expected.forecast(24), rtol=1e-6)
    quantiles = expected.get_prediction(144, 167, simulate_repetitions=5000).pred_int(alpha=0.2)
    np.testing.assert_allclose(bounds[:, 1:], unit * quantiles, rtol=0.03)


@pytest.mark.filterwarnings("ignore")
def test_a_form_without_season_equals_simple_smoothing() -> None:
    rng = np.random.default_rng(5)
    errors = rng.normal(size=300)
    values = 100 + np.cumsum(errors[1:] - 0.7 * errors[:-1])
    form, fitted = fit_ets(values, 1)
    assert form == EtsForm("add", None, False, None)
    other = SimpleExpSmoothing(values, initialization_method="estimated").fit()
    bounds = ETS.forecast_series(values, 6, 1, (95,))
    np.testing.assert_allclose(bounds[:, 0], other.forecast(6), rtol=1e-3)
    alpha = fitted.smoothing_level
    assert alpha == pytest.approx(0.3, abs=0.1)
    deviation = np.sqrt(fitted.mse * (1 + np.arange(6) * alpha**2))
    np.testing.assert_allclose(bounds[:, 2] - bounds[:, 0], 1.95996 * deviation, rtol=1e-2)


@pytest.mark.filterwarnings("ignore")
def test_the_choice_is_the_least_aicc() -> None:
    unit = np.abs(AIR).mean()
    criteria = {}
    for seasonal in (None, "add", "mul"):
        for trend, damped in ((None, False), ("add", False), ("add", True)):
            form = EtsForm("mul" if seasonal == "mul" else "add", trend, damped, seasonal)
            fitted = ETSModel(
                AIR / unit,
                error=form.error,
                trend=trend,
                damped_trend=damped,
                seasonal=seasonal,
                seasonal_periods=12 if seasonal else None,
                initialization_method="heuristic",
            ).fit(disp=False)
            criteria[form] = fitted.aicc
    assert fit_ets(AIR / unit, 12)[0] == min(criteria, key=lambda form: criteria[form])


@pytest.mark.filterwarnings("ignore")
def test_values_that_are_not_positive_are_additive() -> None:
    values = np.sin(np.arange(80) * np.pi / 2) + 0.1 * np.random.default_rng(0).normal(size=80)
    form, _ = fit_ets(values, 4)
    assert (form.error, form.seasonal) == ("add", "add")


@pytest.mark.parametrize(
    ("values", "match"),
    [(np.arange(9.0), "it has 9 values, fewer than 10"), (np.ones(20), "it is constant")],
    ids=["short", "constant"],
)
def test_refusals(values: np.ndarray, match: str) -> None:
    with pytest.raises(DataError, match=match):
        fit_ets(values, 4)
