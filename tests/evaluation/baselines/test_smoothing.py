"""Smoothing as a baseline: what it returns for every kind of frame, and what it does where it cannot forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import SeasonalNaive, Smoothing, datasets
from tsseq2seq.errors import DataWarning, ParameterError
from tsseq2seq.evaluation.metrics import evaluate

HORIZON = 6


def frame(*series, ids=None, **columns) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"unique_id": f"s{number}", "ds": np.arange(len(values)), "y": np.array(values, float)})
        for number, values in enumerate(series)
    ]
    return pd.concat(parts, ignore_index=True).assign(**columns)


def seasonal(rng, length: int, season: int = 4, level: float = 30) -> np.ndarray:
    t = np.arange(length)
    return level + 0.2 * t + 8 * np.sin(2 * np.pi * t / season) + rng.normal(size=length)


def test_it_forecasts_air_passengers_better_than_last_year() -> None:
    df = datasets.load("air_passengers")
    train, test = df.iloc[:-12], df.iloc[-12:].copy()
    for model in (Smoothing(12, season_length=12), SeasonalNaive(12, season_length=12)):
        test[type(model).__name__] = model.fit(train).predict()[type(model).__name__].to_numpy()
    scores = evaluate(test, ["mae"])
    assert scores["Smoothing"].item() < 0.6 * scores["SeasonalNaive"].item()


def test_intervals_hold_the_point_and_widen_with_level_and_horizon() -> None:
    rng = np.random.default_rng(0)
    df = frame(*(100 + rng.normal(size=60).cumsum() for _ in range(8)))
    forecast = Smoothing(HORIZON, season_length=1).fit(df).predict(levels=[50, 90])
    columns = ["Smoothing-lo-90", "Smoothing-lo-50", "Smoothing", "Smoothing-hi-50", "Smoothing-hi-90"]
    assert set(forecast.columns) == {"unique_id", "ds", *columns}
    assert (np.diff(forecast[columns].to_numpy(), axis=1) > 0).all()
    width = (forecast["Smoothing-hi-90"] - forecast["Smoothing-lo-90"]).to_numpy().reshape(-1, HORIZON)
    assert (np.diff(width, axis=1) >= 0).all()
    assert (width[:, -1] > 1.5 * width[:, 0]).all()


def test_intervals_cover_random_walks() -> None:
    rng = np.random.default_rng(1)
    walks = 100 + rng.normal(size=(150, 66)).cumsum(1)
    found = Smoothing(HORIZON, season_length=1).fit(frame(*walks[:, :60])).predict(levels=[80])
    truth = walks[:, 60:].reshape(-1)
    inside = (found["Smoothing-lo-80"] <= truth) & (truth <= found["Smoothing-hi-80"])
    assert inside.mean() == pytest.approx(0.8, abs=0.06)


def test_a_permuted_panel_has_the_same_forecasts() -> None:
    """Too few cutoffs to learn from: the order of the series draws nothing."""
    rng = np.random.default_rng(2)
    series = [seasonal(rng, length) for length in (13, 17, 12)]
    df = frame(*series)
    shuffled = pd.concat([df[df["unique_id"] == name] for name in ("s2", "s0", "s1")])
    one, other = (
        Smoothing(HORIZON, season_length=4).fit(given).predict(levels=[80]).sort_values(["unique_id", "ds"])
        for given in (df, shuffled)
    )
    np.testing.assert_allclose(one.iloc[:, 2:], other.iloc[:, 2:], rtol=1e-9)


def test_the_order_of_rows_and_a_fresh_frame_change_nothing() -> None:
    rng = np.random.default_rng(3)
    df = frame(*(seasonal(rng, 40) for _ in range(3)))
    model = Smoothing(HORIZON).fit(df)
    mixed = df.sample(frac=1, random_state=0).sort_values("unique_id", kind="stable")
    for other in (model.predict(df), Smoothing(HORIZON).fit(mixed).predict()):
        pd.testing.assert_frame_equal(model.predict(), other)


def test_wide_frames_come_back_wide_as_for_the_other_baselines() -> None:
    rng = np.random.default_rng(4)
    df = frame(seasonal(rng, 30), seasonal(rng, 30), seasonal(rng, 9))
    for levels in (None, [90]):
        one, other = (
            model(HORIZON, season_length=4).fit(df).predict(levels=levels)
            for model in (Smoothing, SeasonalNaive)
        )
        assert [c.replace("SeasonalNaive", "Smoothing") for c in other.columns] == one.columns.tolist()
        pd.testing.assert_frame_equal(one[["unique_id", "ds"]], other[["unique_id", "ds"]])


def test_one_series_without_a_name_column() -> None:
    df = frame(seasonal(np.random.default_rng(5), 30)).drop(columns="unique_id")
    forecast = Smoothing(HORIZON, season_length=4).fit(df).predict()
    assert forecast.columns.tolist() == ["ds", "Smoothing"]
    assert forecast["ds"].tolist() == list(range(30, 36))


def test_another_horizon_continues_the_forecast() -> None:
    df = frame(seasonal(np.random.default_rng(6), 40))
    model = Smoothing(HORIZON, season_length=4).fit(df)
    short, long = model.predict(levels=[80]), model.predict(horizon=15, levels=[80])
    pd.testing.assert_frame_equal(long.iloc[:HORIZON], short)
    width = (long["Smoothing-hi-80"] - long["Smoothing-lo-80"]).to_numpy()
    assert width[-1] > width[HORIZON - 1]


SHORT = {
    "four values": [1.0, 5.0, 2.0, 4.0],
    "two values": [1.0, 2.0],
    "all equal": [3.0] * 6,
    "one value": [2.0],
}


@pytest.mark.parametrize("values", SHORT.values(), ids=SHORT.keys())
def test_of_too_few_values_the_naive_method_forecasts_and_says_so_once(values) -> None:
    rng = np.random.default_rng(7)
    model = Smoothing(HORIZON, season_length=1).fit(frame(seasonal(rng, 30), values, values))
    with pytest.warns(DataWarning, match="'s1'") as caught:
        forecast = model.predict()
    assert len(caught) == 1
    assert "2 of 3 series" in str(caught[0].message)
    for name in ("s1", "s2"):
        assert (forecast.loc[forecast["unique_id"] == name, "Smoothing"] == values[-1]).all()
    assert forecast["Smoothing"].notna().all()


def test_twenty_equal_values_are_taken_at_their_word() -> None:
    forecast = Smoothing(HORIZON, season_length=1).fit(frame([3.0] * 20)).predict(levels=[90])
    np.testing.assert_allclose(forecast.iloc[:, 2:], 3.0)


def test_a_series_without_a_value_is_forecast_as_nan_and_said_so() -> None:
    df = frame(seasonal(np.random.default_rng(8), 30), [np.nan] * 5)
    model = Smoothing(HORIZON, season_length=4).fit(df)
    with pytest.warns(DataWarning, match="'s1'") as caught:
        forecast = model.predict(levels=[90])
    assert len(caught) == 1
    missing = forecast[forecast["unique_id"] == "s1"]
    assert missing.iloc[:, 2:].isna().all(axis=None)
    assert forecast[forecast["unique_id"] == "s0"].notna().all(axis=None)


def test_missing_values_are_left_out_without_a_warning() -> None:
    values = seasonal(np.random.default_rng(9), 60)
    whole = Smoothing(HORIZON, season_length=4).fit(frame(values)).predict()
    values[[20, 33, 34, 59]] = np.nan
    gappy = Smoothing(HORIZON, season_length=4).fit(frame(values)).predict()
    np.testing.assert_allclose(gappy["Smoothing"], whole["Smoothing"], rtol=0.1)


@pytest.mark.parametrize("length", [9, 15, 23])
def test_a_season_longer_than_half_of_the_history_is_none(length: int) -> None:
    """Of fewer than two seasons, no moving average knows all phases."""
    df = frame(seasonal(np.random.default_rng(10), length, season=12))
    with pytest.warns(DataWarning, match=f"season_length is 12.* {length} steps") as caught:
        with_season = Smoothing(HORIZON, season_length=12).fit(df).predict()
    assert len(caught) == 1
    without = Smoothing(HORIZON, season_length=1).fit(df).predict()
    # the weights are judged the same: the only cutoffs that teach lie after two and a half seasons
    np.testing.assert_allclose(with_season["Smoothing"], without["Smoothing"], rtol=1e-9)


def test_two_seasons_of_one_series_are_enough() -> None:
    rng = np.random.default_rng(16)
    df = frame(seasonal(rng, 24, season=12), seasonal(rng, 9, season=12))
    found = Smoothing(12, season_length=12).fit(df).predict()
    swings = found.groupby("unique_id")["Smoothing"].agg(np.ptp)
    assert swings["s0"] > 3 * swings["s1"]


def test_negative_values_have_seasons_that_are_terms() -> None:
    """The forecast moves with the values, as no factor would."""
    values = seasonal(np.random.default_rng(11), 60, level=-20)
    one, other = (
        Smoothing(HORIZON, season_length=4).fit(frame(values + shift)).predict()["Smoothing"]
        for shift in (0, -64)
    )
    np.testing.assert_allclose(one - 64, other, rtol=1e-4)


def test_demand_is_never_forecast_below_zero() -> None:
    rng = np.random.default_rng(12)
    demand = np.where(rng.random((5, 50)) < 0.7, 0.0, rng.gamma(2, size=(5, 50)))
    demand[:, 0] = 5.3  # from which the panel counts
    forecast = Smoothing(HORIZON, season_length=4).fit(frame(*demand)).predict(levels=[95])
    assert (forecast.iloc[:, 2:] >= 0).all(axis=None)


@pytest.mark.parametrize("changed", ["2024-03-31", "2024-10-27"])
def test_a_local_peak_stays_at_its_hour_when_clocks_change(changed: str) -> None:
    end = pd.Timestamp(changed, tz="Europe/Berlin")
    times = pd.date_range(end - pd.Timedelta(days=20), end + pd.Timedelta(hours=1), freq="h")
    peak = np.where(times.hour == 17, 10.0, 1.0) + np.random.default_rng(13).normal(size=len(times)) * 0.05
    df = pd.DataFrame({"ds": times, "y": peak})
    forecast = Smoothing(48, season_length=24).fit(df).predict()
    hours = forecast.loc[forecast["Smoothing"] > 5, "ds"].dt.hour
    assert hours.tolist() == [17, 17]


def test_integer_time_with_a_step() -> None:
    df = frame(seasonal(np.random.default_rng(14), 40)).assign(ds=lambda df: 100 + 5 * df["ds"])
    forecast = Smoothing(3, season_length=4).fit(df).predict()
    assert forecast["ds"].tolist() == [300, 305, 310]


def test_a_bad_parameter_is_refused_by_name() -> None:
    with pytest.raises(ParameterError, match="Smoothing: horizon is 0"):
        Smoothing(0).fit(frame([1.0, 2.0, 3.0]))
