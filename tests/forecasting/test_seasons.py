"""Seasons that the user gives, that the data show, and that there is too little data to show."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Seq2SeqForecaster, Smoothing, Training, datasets, load
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.errors import DataWarning, ParameterError, ParameterTypeError
from tsseq2seq.forecasting.seasons import check_season_length, exact_seasons


def frame(length: int, freq: str, *, period: float | None = None, seed: int = 0) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=length)
    if period is not None:
        values = 0.2 * values + np.sin(2 * np.pi * np.arange(length) / period)
    return pd.DataFrame({"ds": pd.date_range("2021-01-03", periods=length, freq=freq), "y": 20 + 5 * values})


def fitted(df: pd.DataFrame, horizon: int = 7, **settings: object) -> Seq2SeqForecaster:
    small: dict[str, object] = {"network": Network(hidden_size=4), "training": Training(max_steps=2)}
    return Seq2SeqForecaster(horizon, **(small | settings)).fit(df)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "season", "lags"),
    [
        (7, 7, ()),
        (7.0, 7, ()),
        (np.int64(5), 5, ()),
        ([7, 365.25], 7, (365,)),
        ((365.25, 7), 7, (365,)),
        (np.array([7, 30]), 7, (30,)),
        (1, None, ()),
        ([], None, ()),
    ],
)
def test_what_is_given_is_taken(given: object, season: int | None, lags: tuple[int, ...]) -> None:
    model = fitted(frame(900, "D"), season_length=given)
    assert (model.season_length_, model.lags_) == (season, lags)
    assert model.diagnose(frame(900, "D")).seasons == (() if season is None else (season, *lags))


def test_lags_that_are_given_stay() -> None:
    assert fitted(frame(900, "D"), season_length=[7, 365], lags=[3]).lags_ == (3,)


def test_a_season_longer_than_the_context_is_a_lag() -> None:
    model = fitted(frame(900, "D"), season_length=[7, 30], context_length=20)
    assert (model.season_length_, model.lags_) == (7, (30,))
    assert fitted(frame(900, "D"), season_length=30, context_length=20).lags_ == (30,)


@pytest.mark.parametrize(
    ("given", "error", "shown"),
    [
        (0, ParameterError, "0"),
        (-7, ParameterError, "-7"),
        ([7, 0.5], ParameterError, "0.5"),
        ([7, 7.2], ParameterError, "7.2"),
        (float("nan"), ParameterError, "nan"),
        (float("inf"), ParameterError, "inf"),
    ],
)
def test_what_is_no_season_is_refused(given: object, error: type[Exception], shown: str) -> None:
    with pytest.raises(error, match="season_length") as caught:
        fitted(frame(60, "D"), season_length=given)
    assert shown in str(caught.value)


@pytest.mark.parametrize("given", ["7", ["7"], {7}, [[7]], True])
def test_what_is_no_number_is_refused(given: object) -> None:
    with pytest.raises(ParameterTypeError, match="season_length"):
        check_season_length("Seq2SeqForecaster", given)


def test_a_season_as_long_as_the_series_is_left_out_with_a_word() -> None:
    with pytest.warns(DataWarning, match="season_length has 365") as caught:
        model = fitted(frame(100, "D"), season_length=[7, 365])
    assert (model.season_length_, model.lags_) == (7, ())
    assert [Path(one.filename).name for one in caught] == [Path(__file__).name]


@pytest.mark.parametrize(("length", "freq", "period"), [(80, "W", 52), (500, "D", 365), (40, "h", 24)])
def test_what_is_too_short_to_be_looked_for_is_a_lag(length: int, freq: str, period: int) -> None:
    model = fitted(frame(length, freq))
    assert model.season_length_ is None
    assert period in model.lags_
    assert fitted(frame(length, freq), season_length=1).lags_ == ()


def test_148_weeks_are_forecast_as_well_as_by_the_season_before() -> None:
    df = frame(148, "W", period=52.18)
    model = Seq2SeqForecaster(26, training=Training(max_steps=150)).fit(df[:-26])
    assert model.season_length_ == 52
    truth = df["y"].to_numpy()
    error = np.abs(model.predict()["Seq2Seq"].to_numpy() - truth[-26:]).mean()
    naive = np.abs(truth[-26:] - truth[-78:-52]).mean()
    assert error < 1.2 * naive


def test_a_year_and_a_week_of_days_are_found() -> None:
    df = frame(900, "D", period=365.25)
    df["y"] += np.resize([0, 0, 0, 0, 0, 4, 4], 900)
    model = fitted(df)
    assert (model.season_length_, model.lags_) == (7, (365,))


def test_what_was_chosen_for_known_data_stays() -> None:
    airline = fitted(datasets.load("air_passengers"), 12)
    assert (airline.season_length_, airline.lags_, airline.segment_length_) == (12, (), 12)
    assert airline.context_length_ == 36
    rng = np.random.default_rng(0)
    hours = np.arange(700)
    load = (
        10 + np.sin(2 * np.pi * hours / 24) * (2 - 1.5 * (hours // 24 % 7 >= 5)) + 0.1 * rng.normal(size=700)
    )
    df = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=700, freq="h"), "y": load})
    hourly = fitted(df, 48)
    assert (hourly.season_length_, hourly.lags_, hourly.segment_length_) == (24, (168,), 24)


def test_a_saved_model_and_a_warm_start_keep_it(tmp_path: Path) -> None:
    df = frame(400, "D")
    model = fitted(df, season_length=[7, 91])
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert tuple(again.season_length) == (7, 91)
    again.fit(df, warm_start=True)
    again.season_length = 5
    with pytest.raises(ParameterError, match="season_length"):
        again.fit(df, warm_start=True)


def test_it_is_quiet_otherwise() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted(frame(100, "D"), season_length=7)


@pytest.mark.parametrize(
    ("given", "freq", "periods", "exact"),
    [
        (None, "D", (7, 365), (7, 365.2425)),
        (None, "W", (52,), (52.1775,)),
        (None, "h", (24, 168), (24, 168)),
        (None, "D", (), ()),
        (None, 1, (13,), (13,)),
        ([365.25, 7], "D", (7, 365), (7, 365.25)),
        (365, "D", (365,), (365,)),
        (np.float32(52.5), "W", (52,), (52.5,)),
        (np.array([7, 30]), "D", (7, 30), (7, 30)),
    ],
)
def test_periods_are_as_exact_as_they_are_known(
    given: object, freq: str | int, periods: tuple[int, ...], exact: tuple[float, ...]
) -> None:
    assert exact_seasons(given, Frequency.parse(freq), periods) == exact  # type: ignore[arg-type]


def groups(rng: np.random.Generator) -> pd.DataFrame:
    """Ten series with a season of 7, ten with one of 12."""
    parts = []
    for number in range(20):
        season = np.resize(2 * rng.normal(size=7 if number < 10 else 12), 150)
        y = 20 + season + rng.normal(size=150)
        parts.append(pd.DataFrame({"unique_id": f"s{number:02}", "ds": np.arange(150), "y": y}))
    return pd.concat(parts, ignore_index=True)


def test_groups_of_a_panel_have_seasons_of_their_own(tmp_path: Path) -> None:
    df = groups(np.random.default_rng(0))
    model = fitted(df, 14, network_share=0.5)
    assert model.fitted_.smoothing is not None
    assert (model.season_length_, model.fitted_.smoothing.periods) == (7, (7, 12))
    assert any("A group of the series shows a season of 12 steps" in said for said in model.choices_)
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert loaded.fitted_.resolved.group_periods == (12,)
    pd.testing.assert_frame_equal(loaded.predict(), model.predict())


def test_smoothing_gives_each_series_the_season_that_it_shows() -> None:
    df = groups(np.random.default_rng(1))
    known = df[df["ds"] < 136]
    forecast = Smoothing(14).fit(known).predict()
    wanted = df[df["ds"] >= 136]
    errors = (forecast["Smoothing"].to_numpy() - wanted["y"].to_numpy()).reshape(20, 14)
    # the noise has a mean absolute value of 0.8, the seasons one of 1.6
    assert np.abs(errors[:10]).mean() < 1.1
    assert np.abs(errors[10:]).mean() < 1.1
