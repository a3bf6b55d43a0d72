from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.evaluation.metrics import evaluate

SERIES, KNOWN, HORIZON, SEASON = 3, 30, 6, 4


def forecasts(seed, *, holes=0.0):
    """Return known values, truths and quantiles at random, some of the first two missing."""
    from unfamiliar_scores import QUANTILES

    rng = np.random.default_rng(seed)
    known = [50 + rng.normal(size=KNOWN).cumsum() for _ in range(SERIES)]
    truth = 50 + rng.normal(size=(SERIES, HORIZON))
    for values in (*known, truth):
        values[rng.random(values.shape) < holes] = np.nan
    spread = np.quantile(rng.normal(size=200), QUANTILES)
    return known, truth, 50 + rng.normal(size=(SERIES, HORIZON, 1)) + spread


def as_frames(known, truth, forecast):
    """Return the frames that the library's own metrics take."""
    from peers.frames import interval_columns
    from unfamiliar_scores import QUANTILES

    names = np.array(["a", "b", "c"])
    rows = pd.DataFrame(
        {"unique_id": names.repeat(HORIZON), "ds": np.tile(np.arange(KNOWN, KNOWN + HORIZON), SERIES)}
    )
    rows["y"] = truth.reshape(-1)
    for place, column in enumerate(interval_columns("m", QUANTILES, "m")):
        rows[column] = forecast[..., place].reshape(-1)
    train = pd.DataFrame({"unique_id": names.repeat(KNOWN), "ds": np.tile(np.arange(KNOWN), SERIES)})
    return rows, train.assign(y=np.concatenate(known))


def own_scale_free(known, truth, forecast):
    """Return the scaled quantile loss of a series, step by step."""
    from unfamiliar_scores import LOSS_QUANTILES

    changes = [abs(known[step] - known[step - SEASON]) for step in range(SEASON, KNOWN)]
    unit = np.mean([change for change in changes if change == change])
    losses = [
        2 * max(level * (y - value), (level - 1) * (y - value))
        for y, row in zip(truth, forecast, strict=True)
        for level, value in zip(LOSS_QUANTILES, row[1:-1], strict=True)
        if y == y
    ]
    return np.mean(losses) / unit


@pytest.mark.parametrize("holes", [0.0, 0.1])
def test_the_scores_are_those_of_the_library(holes):
    from unfamiliar_scores import scores

    known, truth, forecast = forecasts(1, holes=holes)
    rows, train = as_frames(known, truth, forecast)
    own = scores(known, truth, forecast, SEASON)
    options = {"train": train, "season_length": SEASON}
    inside = rows.drop(columns=["m-lo-90", "m-hi-90"])
    expected = evaluate(inside, ["mase", "weighted_quantile_loss"], **options).set_index("metric")["m"]
    assert own["mase"] == pytest.approx(expected["mase"])
    assert own["wql"] == pytest.approx(expected["weighted_quantile_loss"])
    scaled = [own_scale_free(known[place], truth[place], forecast[place]) for place in range(SERIES)]
    assert own["sql"] == pytest.approx(np.mean(scaled))
    seen = ~np.isnan(truth)
    hits = (rows["y"] >= rows["m-lo-90"]) & (rows["y"] <= rows["m-hi-90"])
    assert own["coverage"] == pytest.approx(100 * hits.to_numpy().reshape(truth.shape)[seen].mean())


@given(
    factor=st.floats(1e-3, 1e3),
    seed=st.integers(0, 1000),
)
def test_no_score_depends_on_the_unit(factor, seed):
    from unfamiliar_scores import scores

    known, truth, forecast = forecasts(seed, holes=0.05)
    one = scores(known, truth, forecast, SEASON)
    other = scores([factor * values for values in known], factor * truth, factor * forecast, SEASON)
    assert other["mase"] == pytest.approx(one["mase"], rel=1e-9)
    assert other["sql"] == pytest.approx(one["sql"], rel=1e-9)
    assert other["wql"] == pytest.approx(one["wql"], rel=1e-9)
    # rounding may move a value across a bound that it lies on
    assert other["coverage"] == pytest.approx(one["coverage"], abs=100 / HORIZON)


def test_where_all_quantiles_are_the_point_the_scaled_loss_is_the_error():
    from unfamiliar_scores import MEDIAN, QUANTILES, scores

    known, truth, forecast = forecasts(3)
    flat = np.repeat(forecast[..., MEDIAN, None], len(QUANTILES), axis=2)
    made = scores(known, truth, flat, SEASON)
    # over levels that lie evenly around a half twice the pinball loss is the absolute error
    assert made["sql"] == pytest.approx(made["mase"])
    assert made["coverage"] == 0


def test_a_point_forecast_has_the_error_alone():
    from unfamiliar_scores import MEDIAN, scores

    known, truth, forecast = forecasts(2)
    point = scores(known, truth, forecast[..., MEDIAN], SEASON)
    assert point == {"mase": pytest.approx(scores(known, truth, forecast, SEASON)["mase"])}


@pytest.mark.parametrize("values", [np.full(9, 3.0), np.arange(4.0), np.full(9, np.nan)])
def test_a_series_without_a_scale_does_not_count(values):
    from unfamiliar_scores import mase, scale

    assert np.isnan(scale(values, SEASON))
    good = np.arange(9.0)
    truth = np.array([[9.0], [1.0]])
    # the scale of the other is 4
    assert mase([good, values], truth, np.array([[7.0], [100.0]]), SEASON) == pytest.approx(2 / 4)


def test_a_series_without_a_truth_does_not_count():
    from unfamiliar_scores import mase

    good = np.arange(9.0)
    truth = np.array([[9.0], [np.nan]])
    assert mase([good, good], truth, np.array([[7.0], [100.0]]), SEASON) == pytest.approx(2 / 4)


def test_the_quantiles_bound_the_intervals_that_are_scored():
    from peers.frames import interval_columns
    from unfamiliar_scores import LOSS_QUANTILES, MEDIAN, QUANTILES

    columns = interval_columns("m", QUANTILES, "m")
    assert (columns[0], columns[MEDIAN], columns[-1]) == ("m-lo-90", "m", "m-hi-90")
    assert tuple(round(0.1 * tenth, 1) for tenth in range(1, 10)) == LOSS_QUANTILES
    assert list(QUANTILES) == sorted(QUANTILES)
