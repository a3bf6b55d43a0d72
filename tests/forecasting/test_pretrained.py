"""Pretrained weights on any series: what goes in, what comes out, and what is refused."""

from __future__ import annotations

import json
import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone

from tsseq2seq import (
    Network,
    Quantiles,
    Seq2SeqEnsemble,
    Seq2SeqForecaster,
    Theta,
    Training,
    backtest,
    leaderboard,
    load,
)
from tsseq2seq.errors import DataWarning, ModelFileError, ParameterError

SHORT = Training(max_steps=3, progress=False)


def waves(steps=60, count=1, freq="MS", seed=0):
    """Series with a season of 12 steps, each at its own level."""
    rng = np.random.default_rng(seed)
    parts = [
        pd.DataFrame(
            {
                "unique_id": f"series {number}",
                "ds": pd.date_range("2015", periods=steps, freq=freq) if freq else np.arange(steps),
                "y": 10 * (number + 1)
                + np.sin(np.arange(steps) * 2 * np.pi / 12)
                + 0.2 * rng.normal(size=steps),
            }
        )
        for number in range(count)
    ]
    return pd.concat(parts, ignore_index=True)


def pretrained(horizon=7, **parameters):
    return Seq2SeqForecaster.pretrained(horizon, **parameters)


def numbers(forecast):
    return forecast.filter(like="Seq2Seq").to_numpy(dtype=float)


def assert_sane(forecast, df):
    """Finite, ordered, and within ten times the range of what was seen."""
    values = numbers(forecast)
    reach = 10 * (np.nanmax(df["y"]) - np.nanmin(df["y"]))
    assert np.isfinite(values).all()
    assert values.min() >= np.nanmin(df["y"]) - reach
    assert values.max() <= np.nanmax(df["y"]) + reach
    assert (forecast["Seq2Seq-lo-80"] <= forecast["Seq2Seq-hi-80"]).all()


@pytest.mark.parametrize("freq", ["YS", "QS", "MS", "W", "D", "B", "h", "30min", "10min", None])
def test_any_frequency_is_forecast(freq):
    df = waves(freq=freq)
    forecast = pretrained().predict(df, levels=[80])
    assert len(forecast) == 7
    assert_sane(forecast, df)


@pytest.mark.parametrize(("steps", "count"), [(2, 1), (3, 1), (9, 2), (200, 1), (5000, 1), (40, 300)])
def test_any_length_and_number_of_series_is_forecast(steps, count):
    df = waves(steps, count, freq="D")
    forecast = pretrained().predict(df, levels=[80])
    assert len(forecast) == 7 * count
    assert_sane(forecast, df)


@pytest.mark.parametrize("horizon", [1, 7, 96])
def test_horizons_of_pretraining_are_forecast(horizon):
    df = waves(freq="D")
    forecast = pretrained().predict(df, horizon=horizon, levels=[80])
    assert len(forecast) == horizon
    assert_sane(forecast, df)


@pytest.mark.parametrize("fitted", [False, True])
def test_longer_horizons_than_in_pretraining_warn_once(fitted):
    df, model = waves(freq="D"), pretrained()
    if fitted:
        model.fit(df)
    with pytest.warns(DataWarning, match="300") as said:
        forecast = model.predict(df, horizon=300, levels=[80])
    assert len(said) == 1
    assert np.isfinite(numbers(forecast)).all()


def test_every_kind_of_frame_has_the_same_forecast():
    df, model = waves(count=2), pretrained()
    long = model.predict(df, levels=[80])
    wide = model.predict(df.pivot_table(index="ds", columns="unique_id", values="y"))
    polars = model.predict(pl.from_pandas(df), levels=[80])
    assert isinstance(polars, pl.DataFrame)
    assert polars["Seq2Seq"].to_list() == long["Seq2Seq"].tolist()
    for name, rows in long.groupby("unique_id"):
        point = wide[name]["Seq2Seq"] if wide.columns.nlevels > 1 else wide[name]
        assert point.to_numpy() == pytest.approx(rows["Seq2Seq"].to_numpy(), rel=1e-6)


def test_an_array_and_a_series_are_forecast():
    df = waves()
    assert len(pretrained().predict(df["y"].to_numpy())) == 7
    assert len(pretrained().predict(df.set_index("ds")["y"])) == 7


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_constant_series_stay_where_they_are(value):
    with pytest.warns(DataWarning, match="width 0"):
        forecast = pretrained().predict(waves().assign(y=value), levels=[80])
    assert numbers(forecast) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("scale", [1e9, 1e-6, 3.0])
def test_forecasts_follow_the_unit(scale):
    df, model = waves(count=3), pretrained()
    plain = numbers(model.predict(df))
    scaled = numbers(model.predict(df.assign(y=scale * df["y"])))
    assert scaled / scale == pytest.approx(plain, rel=1e-4)


def test_forecasts_follow_the_origin_where_values_are_negative():
    """Where all are above 0, smoothing has multiplicative methods too, which know an origin."""
    df, model = waves(count=3), pretrained()
    df["y"] -= 40
    low, lower = (numbers(model.predict(df.assign(y=df["y"] - shift))) for shift in (0, 500))
    assert lower + 500 == pytest.approx(low, abs=1e-3 * df["y"].std())


def test_missing_values_inside_and_at_the_end_are_masked():
    df = waves(count=2)
    df.loc[[5, 6, 7, 57, 58, 59], "y"] = np.nan
    assert_sane(pretrained().predict(df, levels=[80]), df)


def test_the_order_of_series_changes_nothing():
    df = waves(count=3)
    model = pretrained().fit(df)
    turned = pd.concat([df[df["unique_id"] == f"series {number}"] for number in (2, 0, 1)])
    forecast, other = (model.predict(frame).set_index(["unique_id", "ds"]) for frame in (df, turned))
    assert other.loc[forecast.index].to_numpy() == pytest.approx(forecast.to_numpy(), rel=1e-4)


def test_nothing_after_the_cutoff_is_seen():
    df = waves(count=2)
    changed = df.copy()
    changed.loc[df.groupby("unique_id").cumcount() >= 53, "y"] *= 5
    forecast, other = (backtest(pretrained(), frame).filter(like="Seq2Seq") for frame in (df, changed))
    pd.testing.assert_frame_equal(forecast, other)


def test_levels_of_any_number():
    df = waves()
    forecast = pretrained().predict(df, levels=[80, 97.5, 99])
    lows = [forecast[f"Seq2Seq-lo-{level}"] for level in ("99", "97.5", "80")]
    highs = [forecast[f"Seq2Seq-hi-{level}"] for level in ("80", "97.5", "99")]
    assert (np.diff([*lows, forecast["Seq2Seq"], *highs], axis=0) >= 0).all()


def test_without_levels_there_are_those_of_80_and_90():
    columns = pretrained().predict(waves()).columns.tolist()
    ends = [f"Seq2Seq-{side}-{level}" for level in (80, 90) for side in ("lo", "hi")]
    assert sorted(columns[2:]) == sorted(["Seq2Seq", *ends])


def test_floors_and_ceilings_hold():
    values = numbers(pretrained(floor=9.8, ceiling=10.1).predict(waves()))
    assert values.min() >= 9.8
    assert values.max() <= 10.1


def test_fit_takes_no_steps_and_other_frames_are_forecast():
    model = pretrained().fit(waves())
    assert model.n_steps_ == 0
    assert len(model.predict(waves(40, 2, seed=1))) == 14


@pytest.mark.parametrize("history", [True, False])
def test_saved_and_loaded_it_forecasts_the_same(tmp_path, history):
    df = waves()
    model = pretrained().fit(df)
    model.save(tmp_path / "model", history=history)
    loaded = load(tmp_path / "model")
    pd.testing.assert_frame_equal(loaded.predict(df), model.predict(df), check_exact=True)
    assert loaded.choices_ == model.choices_


def test_clones_and_pickles_are_the_same():
    df = waves()
    model = pretrained(season_length=12)
    assert clone(model).get_params() == model.get_params()
    fitted = pickle.loads(pickle.dumps(model.fit(df)))
    pd.testing.assert_frame_equal(fitted.predict(), model.predict(), check_exact=True)


def test_load_gives_it_where_no_folder_has_the_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load("pretrained").weights == "pretrained"
    Seq2SeqForecaster(7, training=SHORT).fit(waves()).save("pretrained")
    assert load("pretrained").weights is None


def test_a_leaderboard_names_it():
    models = [pretrained(), Seq2SeqForecaster(7, training=SHORT), Theta(7)]
    models.append(Seq2SeqForecaster(7, weights="fine_tuned", training=SHORT))
    board = leaderboard(waves(), models)
    assert set(board.scores["model"]) == {"Pretrained", "FineTuned", "Seq2Seq", "Theta"}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("output", [{}, {"output": Quantiles([0.1, 0.5, 0.9])}], ids=["point", "quantiles"])
def test_an_ensemble_takes_it(first, output):
    members = [pretrained(), Seq2SeqForecaster(7, training=SHORT, **output)]
    ensemble = Seq2SeqEnsemble(members if first else members[::-1]).fit(waves())
    forecast = ensemble.predict()
    middle = np.median([model.predict()["Seq2Seq"] for model in ensemble.forecasters_], axis=0)
    assert forecast["Seq2Seq"].to_numpy() == pytest.approx(middle)
    both = ["Seq2Seq-lo-80", "Seq2Seq-hi-80"] if output else []
    assert [name for name in ensemble.predict() if "Seq2Seq-" in name] == both


def test_it_is_calibrated_on_rows_after_those_fitted():
    df = waves(120, 3)
    model = pretrained().fit(df.groupby("unique_id").head(60))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # few windows
        model.calibrate(df, step=1)
    assert model.conformal_ is not None
    assert "Seq2Seq-lo-50" in model.predict(df, levels=[50])


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("calibrate", lambda model, df: model.calibrate(df)),
        ("Binned", lambda model, df: model.scenarios(df)),
        ("diagnose", lambda model, df: model.diagnose(df)),
        ("tune", lambda model, df: model.tuning_problem(df)),
    ],
)
def test_what_it_cannot_do_is_refused_unfitted(argument, call):
    with pytest.raises(ParameterError, match=argument):
        call(pretrained(), waves())


@pytest.mark.parametrize("weights", ["pretrained", "fine_tuned"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("past_covariates", ["a"]),
        ("future_covariates", ["a"]),
        ("static_covariates", ["a"]),
        ("target_col", ["y", "a"]),
        ("network", Network(hidden_size=4)),
        ("output", Quantiles()),
        ("lags", [1]),
        ("calendar", "auto"),
        ("context_length", 4),
        ("segment_length", 3),
        ("scaling", "window"),
        ("training", Training(members=3)),
        ("training", Training(teacher_forcing=0.5)),
    ],
)
def test_what_is_of_new_networks_is_refused(name, value, weights):
    model = Seq2SeqForecaster(7, **{"weights": weights, name: value})
    with pytest.raises(ParameterError, match=name):
        model.fit(waves().assign(a=1.0))


@pytest.mark.parametrize(("name", "value"), [("stride", 2), ("weight_col", "a")])
def test_what_only_a_training_reads_is_refused_without_one(name, value):
    frame = waves()
    frame["a"] = 1.0 + np.arange(len(frame)) % 3
    with pytest.raises(ParameterError, match=name):
        Seq2SeqForecaster(7, **{"weights": "pretrained", name: value}).fit(frame)
    further = Seq2SeqForecaster(7, **{"weights": "fine_tuned", name: value}, training=Training(max_steps=2))
    assert further.fit(frame).n_steps_ == 2


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan"), "all", None])
def test_a_correction_whose_share_was_changed_is_refused(tmp_path, share):
    model = Seq2SeqForecaster(7, training=Training(progress=False)).fit(waves())
    assert model.fitted_.correction is not None
    model.save(tmp_path / "model")
    file = tmp_path / "model" / "model.json"
    content = json.loads(file.read_text())
    content["learned"]["correction"]["share"] = share
    file.write_text(json.dumps(content))
    with pytest.raises(ModelFileError, match="correction"):
        load(tmp_path / "model")
