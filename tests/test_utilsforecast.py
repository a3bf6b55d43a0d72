"""Forecast frames go straight into utilsforecast's evaluation and plots."""

from __future__ import annotations

import functools
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from utilsforecast.evaluation import evaluate
from utilsforecast.losses import coverage, mae, mase, mqloss, scaled_crps
from utilsforecast.plotting import plot_series

from tsseq2seq import Network, Normal, Point, Seq2SeqForecaster, Training, for_target

HORIZON = 4
LEVELS = [80, 95]


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=44, freq="D")
    parts = [
        pd.DataFrame({"unique_id": name, "ds": days, "y": rng.normal(size=44).cumsum()})
        for name in ("z", "a")
    ]
    return pd.concat(parts, ignore_index=True)


DF = panel()
TRAIN, TEST = DF[DF["ds"] < "2024-02-10"], DF[DF["ds"] >= "2024-02-10"]


def forecaster(**settings: Any) -> Seq2SeqForecaster:
    defaults = {
        "network": Network(hidden_size=6),
        "training": Training(max_steps=3, progress=False, precision="float32"),
        "output": Normal(),
    }
    return Seq2SeqForecaster(HORIZON, **(defaults | settings))


@pytest.fixture(params=["pandas", "polars"])
def frames(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """Training and test rows in one library."""
    if request.param == "pandas":
        return TRAIN, TEST
    polars = pytest.importorskip("polars")
    return polars.from_pandas(TRAIN), polars.from_pandas(TEST)


def joined(test: Any, forecast: Any) -> Any:
    if isinstance(test, pd.DataFrame):
        return test.merge(forecast, on=["unique_id", "ds"])
    return test.join(forecast, on=["unique_id", "ds"])


def as_pandas(frame: Any) -> pd.DataFrame:
    return frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()


@pytest.mark.parametrize("output", [Normal(), Point()], ids=lambda o: type(o).__name__)
def test_evaluate_takes_forecasts(frames: tuple[Any, Any], output: Any) -> None:
    train, test = frames
    levels = LEVELS if isinstance(output, Normal) else None
    forecast = forecaster(output=output).fit(train).predict(levels=levels)
    merged = joined(test, forecast)
    assert len(merged) == 2 * HORIZON
    metrics = [mae, *([coverage, mqloss] if levels else [])]
    scores = as_pandas(evaluate(merged, metrics=metrics, level=levels))
    plain = as_pandas(merged)
    expected = (plain["y"] - plain["Seq2Seq"]).abs().groupby(plain["unique_id"]).mean()
    found = scores[scores["metric"] == "mae"].set_index("unique_id")["Seq2Seq"]
    np.testing.assert_allclose(found[expected.index], expected, rtol=1e-12)
    if levels:
        inside = (
            plain["y"]
            .between(plain["Seq2Seq-lo-95"], plain["Seq2Seq-hi-95"])
            .groupby(plain["unique_id"])
            .mean()
        )
        found = scores[scores["metric"] == "coverage_level95"].set_index("unique_id")["Seq2Seq"]
        np.testing.assert_allclose(found[inside.index], inside)


def test_evaluate_takes_a_training_frame_too() -> None:
    merged = joined(TEST, forecaster().fit(TRAIN).predict(levels=LEVELS))
    scores = evaluate(merged, metrics=[functools.partial(mase, seasonality=1)], train_df=TRAIN, level=LEVELS)
    assert np.isfinite(scores["Seq2Seq"]).all()
    assert np.isfinite(evaluate(merged, metrics=[scaled_crps], level=LEVELS)["Seq2Seq"]).all()


def test_evaluate_takes_cutoffs(frames: tuple[Any, Any]) -> None:
    """The truth is beside the forecast already."""
    train, _ = frames
    model = forecaster().fit(train)
    backtest = model.predict_cutoffs(train, windows=3, levels=LEVELS)
    scores = as_pandas(evaluate(backtest, metrics=[mae, coverage], level=LEVELS))
    plain = as_pandas(backtest)
    assert scores["cutoff"].nunique() == 3
    error = (plain["y"] - plain["Seq2Seq"]).abs()
    expected = error.groupby([plain["unique_id"], plain["cutoff"]]).mean()
    found = scores[scores["metric"] == "mae"].set_index(["unique_id", "cutoff"])["Seq2Seq"]
    np.testing.assert_allclose(found.loc[expected.index], expected, rtol=1e-12)


def test_several_targets_one_by_one() -> None:
    df = TRAIN.assign(load=TRAIN["y"] * 2)
    forecast = forecaster(target_col=["load", "y"]).fit(df).predict(levels=[80])
    merged = joined(TEST, for_target(forecast, "y"))
    scores = evaluate(merged, metrics=[mae, coverage], level=[80])
    assert scores["metric"].unique().tolist() == ["mae", "coverage_level80"]
    assert np.isfinite(scores["Seq2Seq"]).all()


@pytest.mark.parametrize("levels", [None, LEVELS], ids=str)
def test_plot_series_draws_forecasts(frames: tuple[Any, Any], levels: list[int] | None) -> None:
    train, _ = frames
    forecast = forecaster().fit(train).predict(levels=LEVELS if levels else [])
    figure = plot_series(train, forecast, level=levels, max_insample_length=20, plot_random=False)
    axes = [ax for ax in figure.axes if ax.lines]
    assert len(axes) == 2
    plain = as_pandas(forecast)
    for ax in axes:
        name = ax.get_title().rsplit("=", 1)[-1].strip()
        own = plain[plain["unique_id"] == name]
        assert len(own) == HORIZON, ax.get_title()
        lines = {line.get_label(): line for line in ax.lines}
        drawn = next(
            np.asarray(line.get_ydata(), dtype=float) for label, line in lines.items() if "Seq2Seq" in label
        )
        np.testing.assert_allclose(drawn[-HORIZON:], own["Seq2Seq"], rtol=1e-12)
        bands = [band.get_paths()[0].vertices[:, 1] for band in ax.collections]
        assert len(bands) == (2 if levels else 0)
        if levels:
            wide = max(bands, key=np.ptp)
            assert np.isclose(wide.min(), own["Seq2Seq-lo-95"].min())
            assert np.isclose(wide.max(), own["Seq2Seq-hi-95"].max())
    mpl.pyplot.close(figure)


def test_plot_series_draws_one_cutoff(frames: tuple[Any, Any]) -> None:
    train, _ = frames
    backtest = forecaster().fit(train).predict_cutoffs(train, levels=LEVELS)
    forecast = (
        backtest.drop(columns=["cutoff", "y"])
        if isinstance(backtest, pd.DataFrame)
        else backtest.drop(["cutoff", "y"])
    )
    figure = plot_series(train, forecast, level=LEVELS, plot_random=False)
    assert sum(bool(ax.collections) for ax in figure.axes) == 2
    mpl.pyplot.close(figure)
