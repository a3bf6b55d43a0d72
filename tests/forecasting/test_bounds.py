"""Forecasts of what is never below zero are not below zero, whatever the output."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq import (
    Binned,
    NegativeBinomial,
    Network,
    Normal,
    Point,
    Quantiles,
    Seq2SeqForecaster,
    StudentT,
    Training,
    load,
)
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.forecasting.bounds import Bounds, find_bounds
from tsseq2seq.nn.outputs import Output

HORIZON = 7
MEDIAN = Point("mae")  # left open, the output of demand would be a distribution
OUTPUTS = [Point(), Quantiles(), Normal(), StudentT(), NegativeBinomial(), Binned(bins=9)]


def demand(name: str = "a", length: int = 60, seed: int = 0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    y = np.where(generator.random(length) < 0.3, generator.poisson(3, length) + 1, 0).astype(float)
    return pd.DataFrame({"unique_id": name, "ds": pd.date_range("2024-01-01", periods=length), "y": y})


def fitted(df: pd.DataFrame, output: Output = MEDIAN, **options: Any) -> Seq2SeqForecaster:
    return Seq2SeqForecaster(
        HORIZON,
        output=output,
        network=Network(hidden_size=4),
        training=Training(max_steps=3, progress=False),
        **options,
    ).fit(df)


def numbers(forecast: pd.DataFrame) -> np.ndarray:
    return forecast[[name for name in forecast if str(name).startswith("Seq2Seq")]].to_numpy()


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: type(output).__name__)
def test_demand_is_never_below_zero(output: Output) -> None:
    df = pd.concat([demand("a"), demand("b", seed=1)])
    model = fitted(df, output, **({} if isinstance(output, NegativeBinomial) else {"scaling": "window"}))
    assert (numbers(model.predict()) >= 0).all()
    assert (numbers(model.predict_cutoffs(df, windows=3)) >= 0).all()
    if output.sampled:
        assert (numbers(model.sample(num_samples=20)) >= 0).all()
    calibrated = model.calibrate(demand("c", 200, seed=2), step=1).predict(levels=[50, 90])
    assert (numbers(calibrated) >= 0).all()
    assert (calibrated["Seq2Seq-lo-90"] <= calibrated["Seq2Seq-hi-90"]).all()


def test_scenarios_keep_to_the_bounds() -> None:
    model = fitted(demand(), Binned(bins=9), ceiling=3.0)
    found = model.scenarios(n=3)["Seq2Seq"]
    assert found.between(0, 3).all()


def test_what_was_below_zero_may_be_again() -> None:
    df = demand().assign(y=lambda df: df["y"] - 1)
    assert fitted(df).fitted_.resolved.bounds.floor == (-np.inf,)
    assert fitted(demand(), floor=-np.inf).fitted_.resolved.bounds.floor == (-np.inf,)
    free = numbers(fitted(demand(), Normal(), floor=-np.inf).predict())
    assert (free < 0).any()
    held = numbers(fitted(demand(), Normal()).predict())
    np.testing.assert_allclose(held, np.maximum(free, 0), err_msg="nothing else changes")


def test_each_target_has_a_floor_of_its_own() -> None:
    df = demand().assign(x=lambda df: df["y"] - 2)
    model = fitted(df, Normal(), target_col=["x", "y"])
    assert model.fitted_.resolved.bounds.floor == (-np.inf, 0.0)
    forecast = model.predict()
    assert (numbers(forecast.filter(like="Seq2Seq-y")) >= 0).all()
    assert (numbers(forecast.filter(like="Seq2Seq-x")) < 0).any()


def test_given_bounds_are_kept_and_saved(tmp_path) -> None:
    model = fitted(demand(), Quantiles(), floor=0.5, ceiling=1.5)
    forecast = model.predict()
    assert ((numbers(forecast) >= 0.5) & (numbers(forecast) <= 1.5)).all()
    model.save(tmp_path / "model")
    pd.testing.assert_frame_equal(load(tmp_path / "model").predict(), forecast)


def test_a_warm_start_learns_of_values_below_zero() -> None:
    model = fitted(demand())
    assert model.fitted_.resolved.bounds.floor == (0.0,)
    below = demand(seed=4).assign(y=lambda df: df["y"] - 1)
    assert model.fit(below, warm_start=True).fitted_.resolved.bounds.floor == (-np.inf,)
    assert model.fit(demand(), warm_start=True).fitted_.resolved.bounds.floor == (-np.inf,)


@given(
    st.lists(st.floats(-10, 10), min_size=2, max_size=2),
    st.one_of(st.none(), st.floats(-5, 4)),
    st.one_of(st.none(), st.floats(4.5, 9)),
)
def test_holding(lowest: list[float], floor: float | None, ceiling: float | None) -> None:
    bounds = find_bounds(np.array(lowest), floor=floor, ceiling=ceiling)
    values = np.array([[-20.0, 20.0], [np.nan, 4.2]])
    held = bounds.hold(values)
    np.testing.assert_array_equal(held, bounds.hold(values.T[None], axis=1)[0].T)
    assert np.isnan(held[1, 0])
    for target, low in enumerate(lowest):
        expected = (0.0 if low >= 0 else -np.inf) if floor is None else floor
        assert bounds.floor[target] == expected
        assert held[0, target] == np.clip(values[0, target], expected, np.inf if ceiling is None else ceiling)
    assert Bounds().hold(values) is values


@pytest.mark.parametrize(
    ("options", "error", "name"),
    [
        ({"floor": "0"}, ParameterTypeError, "floor"),
        ({"ceiling": True}, ParameterTypeError, "ceiling"),
        ({"floor": np.nan}, ParameterError, "floor"),
        ({"floor": 2, "ceiling": 2}, ParameterError, "ceiling"),
    ],
)
@pytest.mark.usefixtures("unchecked_types")
def test_bounds_that_cannot_be_are_refused(options: dict, error: type[Exception], name: str) -> None:
    with pytest.raises(error, match=name):
        fitted(demand(), **options)


def test_the_mean_of_counts_is_given_where_it_is_asked_for() -> None:
    df = demand(length=80)
    median, mean = (fitted(df, NegativeBinomial(centre=centre)) for centre in ("median", "mean"))
    paths = median.sample(num_samples=200)["Seq2Seq"].to_numpy().reshape(200, HORIZON)
    np.testing.assert_allclose(median.predict()["Seq2Seq"], np.median(paths, axis=0))
    np.testing.assert_allclose(mean.predict()["Seq2Seq"], paths.mean(axis=0))
    assert (mean.calibrate(demand("c", 200, seed=3), step=2).predict()["Seq2Seq-hi-90"] >= 0).all()


@pytest.mark.parametrize("output", [Normal, StudentT, NegativeBinomial, Binned])
def test_another_centre_is_refused(output: type[Output]) -> None:
    with pytest.raises(ParameterError, match="centre"):
        output(centre="mode")


def test_a_floor_of_zero_has_no_sign():
    held = Bounds((0.0,), (np.inf,)).hold(np.array([[-0.0], [-1.0]]))
    assert not np.signbit(held).any()
