"""The adapter against the forecaster that it wraps: the same numbers, in sktime's containers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("sktime", reason="needs sktime (pip install 'tsseq2seq[sktime]')")

from sktime.forecasting.model_evaluation import evaluate
from sktime.performance_metrics.forecasting import MeanAbsoluteError
from sktime.split import ExpandingWindowSplitter

from tsseq2seq import Network, Normal, Point, Quantiles, Seq2SeqForecaster, Training
from tsseq2seq.adapters.sktime import SktimeForecaster
from tsseq2seq.errors import DataError, DataWarning, ParameterError, ParameterTypeError

STEPS = 48
INDICES = {
    "months": pd.period_range("2020-01", periods=STEPS, freq="M"),
    "weeks": pd.period_range("2020-01", periods=STEPS, freq="W"),
    "days": pd.date_range("2024-01-01", periods=STEPS, freq="D"),
    "working days": pd.date_range("2024-01-01", periods=STEPS, freq="B"),
    "month ends": pd.date_range("2020-01-31", periods=STEPS, freq="ME"),
    "range": pd.RangeIndex(STEPS),
    "integers": pd.Index(np.arange(STEPS) + 7),
}


def model(horizon: int = 3, **settings: object) -> Seq2SeqForecaster:
    settings.setdefault("training", Training(max_steps=3, progress=False))
    return Seq2SeqForecaster(horizon, network=Network(hidden_size=4), **settings)


def wave(index: pd.Index, phase: float = 0.0) -> pd.Series:
    return pd.Series(20 + np.sin(np.arange(len(index)) / 2 + phase), index, name="sales")


def panel() -> pd.DataFrame:
    parts = {name: wave(INDICES["days"], phase) for phase, name in enumerate("ba")}
    return pd.concat(parts, names=["shop", "day"]).to_frame()


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_every_index_goes_on(index: pd.Index) -> None:
    y = wave(index)
    forecast = SktimeForecaster(model()).fit(y.iloc[:-3]).predict(fh=[1, 2, 3])
    pd.testing.assert_index_equal(forecast.index, index[-3:], exact="equiv", check_names=False)
    assert forecast.name == "sales"
    long = pd.DataFrame({"ds": index[:-3], "y": y.iloc[:-3].to_numpy()})
    freq = 1 if pd.api.types.is_integer_dtype(index) else getattr(index, "freqstr", None)
    alone = model(freq=None if isinstance(index, pd.PeriodIndex) else freq).fit(long).predict()
    np.testing.assert_allclose(forecast, alone["Seq2Seq"], rtol=1e-6)


def test_one_network_learns_of_a_panel_and_names_stay_with_their_series() -> None:
    y = panel()
    forecast = SktimeForecaster(model()).fit(y).predict(fh=[2, 3])
    assert forecast.index.names == ["shop", "day"]
    assert forecast.index.get_level_values(0).tolist() == ["b", "b", "a", "a"]
    long = y.reset_index().rename(columns={"shop": "unique_id", "day": "ds", "sales": "y"})
    alone = model(freq="D").fit(long).predict().set_index("unique_id")["Seq2Seq"]
    for name in "ab":
        np.testing.assert_allclose(forecast.loc[name, "sales"], alone[name].to_numpy()[1:], rtol=1e-5)


def test_targets_are_forecast_together() -> None:
    y = pd.concat([wave(INDICES["days"]).rename(0), 10 * wave(INDICES["days"], 1).rename("ds")], axis=1)
    forecast = SktimeForecaster(model()).fit(y).predict(fh=[1])
    assert list(forecast) == [0, "ds"]
    assert forecast[0].between(10, 30).all()
    assert forecast["ds"].between(100, 300).all()


def test_covariates_are_future_ones_unless_the_forecaster_says_otherwise() -> None:
    y = wave(INDICES["days"])
    X = pd.DataFrame({"y": np.arange(STEPS) % 2, "unique_id": np.arange(STEPS) % 3}, y.index)
    fitted = SktimeForecaster(model()).fit(y.iloc[:-3], X.iloc[:-3])
    assert fitted.forecaster_.future_covariates == ["y", "unique_id_"]
    ahead = fitted.predict(fh=[1, 2, 3], X=X.iloc[-3:])
    other = fitted.predict(fh=[1, 2, 3], X=1 - X.iloc[-3:])
    assert not np.array_equal(ahead, other)
    with pytest.raises(DataError):
        fitted.predict(fh=[1, 2, 3])
    past = SktimeForecaster(model(past_covariates=["y", "unique_id_"]))
    assert past.fit(y.iloc[:-3], X.iloc[:-3]).predict(fh=[1, 2, 3]).notna().all()
    with pytest.raises(ParameterError, match="'unique_id_'"):
        SktimeForecaster(model(past_covariates=["y"])).fit(y, X)
    with pytest.raises(DataError, match="without it"):
        SktimeForecaster(model()).fit(y.iloc[:-3]).predict(fh=[1], X=X.iloc[-3:])


def test_the_steps_between_may_lack_covariates() -> None:
    y = wave(INDICES["days"])
    X = pd.DataFrame({"heat": np.arange(float(STEPS))}, y.index)
    fitted = SktimeForecaster(model()).fit(y.iloc[:-3], X.iloc[:-3])
    with pytest.warns(DataWarning, match="'heat' in 2 of 3"):
        fitted.predict(fh=[3], X=X.iloc[-1:])


def test_quantiles_of_paths_are_those_of_the_intervals() -> None:
    y = wave(INDICES["days"])
    fitted = SktimeForecaster(model(output=Normal())).fit(y)
    quantiles = fitted.predict_quantiles(fh=[1, 3], alpha=[0.1, 0.5, 0.9])
    alone = fitted.forecaster_.predict(levels=[80])
    for share, column in ((0.1, "Seq2Seq-lo-80"), (0.5, "Seq2Seq"), (0.9, "Seq2Seq-hi-80")):
        np.testing.assert_allclose(quantiles["sales", share], alone[column].to_numpy()[[0, 2]], rtol=1e-5)
    interval = fitted.predict_interval(fh=[1, 3], coverage=0.8)
    np.testing.assert_array_equal(interval["sales", 0.8, "lower"], quantiles["sales", 0.1])


@pytest.mark.parametrize(
    ("settings", "has"),
    [
        ({"output": Quantiles([0.1, 0.5, 0.9])}, True),
        ({"network_share": 0.5}, True),
        ({"output": Point("mae")}, False),
    ],
)
def test_it_has_the_intervals_that_the_model_has(settings: dict, has: bool) -> None:
    fitted = SktimeForecaster(model(**settings)).fit(wave(INDICES["days"]))
    assert fitted.get_tag("capability:pred_int") is has
    if not has:
        with pytest.raises(NotImplementedError):
            fitted.predict_interval(fh=[1], coverage=0.8)
        return
    interval = fitted.predict_interval(fh=[1, 2], coverage=0.8)["sales", 0.8]
    assert (interval["lower"] <= interval["upper"]).all()
    if "output" in settings:
        with pytest.raises(ParameterError, match="95"):
            fitted.predict_interval(fh=[1], coverage=0.95)


def test_an_update_is_forecast_from_with_or_without_training() -> None:
    y = wave(INDICES["days"])
    fitted = SktimeForecaster(model()).fit(y.iloc[:-6])
    weights = [one.clone() for one in fitted.forecaster_.fitted_.members[0].parameters()]

    def unchanged() -> bool:
        now = fitted.forecaster_.fitted_.members[0].parameters()
        return all(bool((one == other).all()) for one, other in zip(weights, now, strict=True))

    fitted.update(y.iloc[-6:-3], update_params=False)
    assert unchanged()
    forecast = fitted.predict(fh=[1, 2, 3])
    assert forecast.index.tolist() == y.index[-3:].tolist()
    history = pd.DataFrame({"ds": y.index[:-3], "y": y.iloc[:-3].to_numpy()})
    np.testing.assert_allclose(forecast, fitted.forecaster_.predict(history)["Seq2Seq"], rtol=1e-6)
    fitted.update(y.iloc[-3:])
    assert not unchanged()


def test_nothing_after_the_cutoff_is_read_where_sktime_goes_back_in_time() -> None:
    y = wave(INDICES["days"])
    changed = y.copy()
    changed.iloc[-6:] += 100
    cv = ExpandingWindowSplitter(fh=[1, 2], initial_window=20, step_length=20)
    one, other = (
        SktimeForecaster(model()).fit(y.iloc[:30]).update_predict(history, cv, update_params=False)
        for history in (y, changed)
    )
    pd.testing.assert_frame_equal(one, other)


def test_sktimes_evaluation_scores_what_was_forecast() -> None:
    y = wave(INDICES["months"])
    cv = ExpandingWindowSplitter(fh=[1, 2, 3], initial_window=40, step_length=3)
    table = evaluate(SktimeForecaster(model()), cv, y, scoring=MeanAbsoluteError(), return_data=True)
    for _, row in table.iterrows():
        error = np.abs(row["y_test"].to_numpy() - row["y_pred"].to_numpy()).mean()
        assert row["test_MeanAbsoluteError"] == pytest.approx(error)


def test_a_longer_horizon_is_the_forecasters_to_refuse() -> None:
    y = wave(INDICES["days"])
    long = SktimeForecaster(model(network_share=1.0).set_params(network__decoding="autoregressive"))
    assert len(long.fit(y).predict(fh=np.arange(1, 7))) == 6
    with pytest.raises(NotImplementedError):
        long.predict(fh=[-1, 1])


def test_parameters_lead_into_the_forecaster() -> None:
    adapter = SktimeForecaster(model())
    adapter.set_params(forecaster__training__max_steps=2)
    assert adapter.fit(wave(INDICES["days"])).forecaster_.n_steps_ == 2


def test_what_is_no_forecaster_is_refused(unchecked_types: None) -> None:
    with pytest.raises(ParameterTypeError, match="str"):
        SktimeForecaster("forecaster").fit(wave(INDICES["days"]))


def test_without_sktime_the_error_says_how_to_get_it() -> None:
    code = "import sys; sys.modules['sktime'] = None\nimport tsseq2seq.adapters.sktime"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    assert "MissingDependencyError" in done.stderr
    assert "tsseq2seq[sktime]" in done.stderr
