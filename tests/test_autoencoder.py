"""Seq2SeqAutoencoder from frame to frame: scores, thresholds, gaps, latent vectors, and what is refused."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from tsseq2seq import Network, Seq2SeqAutoencoder, Training, load
from tsseq2seq.data.scaling.series import WholeSeries
from tsseq2seq.errors import (
    DataError,
    DataWarning,
    FrequencyError,
    ModelFileError,
    ParameterError,
    ParameterTypeError,
)
from tsseq2seq.nn.losses import HorizonLoss
from tsseq2seq.reconstruction.model import WindowModel
from tsseq2seq.reconstruction.reading import read_windows

QUICK = Training(max_steps=20, progress=False)
DAY = 24
SPIKE = 800


def hours(days: int = 60, *, seed: int = 0, start: str = "2024-01-01", **columns: float) -> pd.DataFrame:
    """Return days that repeat themselves, with noise of a twentieth."""
    times = pd.date_range(start, periods=DAY * days, freq="h")
    noise = np.random.default_rng(seed).normal(0, 0.05, len(times))
    return pd.DataFrame({"ds": times, "y": np.sin(2 * np.pi * times.hour / DAY) + noise, **columns})


def panel(count: int = 3, days: int = 30) -> pd.DataFrame:
    """Return series of different levels and sizes."""
    pieces = []
    for number in range(count):
        piece = hours(days, seed=number)
        pieces.append(piece.assign(unique_id=f"s{number}", y=10.0**number * (piece["y"] + 5)))
    return pd.concat(pieces, ignore_index=True)[["unique_id", "ds", "y"]]


def quick(**settings: Any) -> Seq2SeqAutoencoder:
    return Seq2SeqAutoencoder(**{"window_length": DAY, "false_alarms": 0.02, "training": QUICK} | settings)


@pytest.fixture(scope="module")
def learned() -> Seq2SeqAutoencoder:
    """A model that has learned what a day is."""
    return quick(training=Training(max_steps=150, progress=False)).fit(hours())


@pytest.fixture(scope="module")
def of_panel() -> Seq2SeqAutoencoder:
    return quick().fit(panel())


@dataclass(frozen=True)
class LastSteps(HorizonLoss):
    """The error at the last step of a window alone."""

    def windows(self, forecast: torch.Tensor, truth: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
        return ((forecast - truth).abs() * valid)[:, -1, 0]


# --- scores and threshold ------------------------------------------------------------------------


def test_what_is_unusual_has_the_highest_score(learned) -> None:
    df = hours(seed=1)
    df.loc[SPIKE, "y"] += 2
    df.loc[300:311, "y"] = df["y"].mean()  # half a day without its wave
    scores = learned.anomaly_scores(df)
    assert scores.columns.tolist() == ["ds", "y", "reconstruction", "score", "is_anomaly"]
    pd.testing.assert_series_equal(scores["ds"], df["ds"])
    pd.testing.assert_series_equal(scores["y"], df["y"])
    assert scores["score"].idxmax() == SPIKE
    assert scores.loc[SPIKE, "is_anomaly"]
    assert scores.loc[300:311, "is_anomaly"].mean() > 0.5
    assert scores["is_anomaly"].equals(scores["score"] > learned.threshold_)
    usual = scores.drop(range(290, 325)).drop(SPIKE)
    assert (usual["reconstruction"] - usual["y"]).abs().mean() < 0.2


def test_the_reconstruction_is_that_of_the_scores(learned) -> None:
    df = hours(seed=1)
    found = learned.reconstruct(df)
    assert found.columns.tolist() == ["ds", "reconstruction"]
    pd.testing.assert_series_equal(found["reconstruction"], learned.anomaly_scores(df)["reconstruction"])


@pytest.mark.parametrize("seed", [0, 1])
def test_the_rate_of_false_alarms_is_near_what_was_asked_on_fresh_data(seed) -> None:
    model = quick(false_alarms=0.05, seed=seed, training=Training(max_steps=80, progress=False))
    model.fit(hours(250, seed=seed))
    fresh = model.anomaly_scores(hours(250, seed=100 + seed))
    assert 0.035 < fresh["is_anomaly"].mean() < 0.065


def test_a_lower_rate_has_a_higher_threshold_and_the_same_scores() -> None:
    df = hours(100)
    few, many = (quick(false_alarms=rate).fit(df) for rate in (0.01, 0.1))
    assert few.threshold_ > many.threshold_
    assert few.calibration_steps_ == many.calibration_steps_ == DAY * 20
    pd.testing.assert_series_equal(few.anomaly_scores(df)["score"], many.anomaly_scores(df)["score"])


def test_too_few_steps_for_the_rate_are_warned_of() -> None:
    with pytest.warns(DataWarning, match=r"false_alarms is 0\.02.*49 steps.*24"):
        quick().fit(hours(5))
    with pytest.warns(DataWarning, match="fewer than three windows"):
        quick().fit(hours(2))


def test_scores_of_a_score_step_by_step(of_panel) -> None:
    """A second implementation of the score: series by series, by the model's own usual errors."""
    df = panel()
    scores = of_panel.anomaly_scores(df)
    calibration, levels = of_panel.fitted_.calibration, of_panel.fitted_.levels
    for number, (_, rows) in enumerate(scores.groupby("unique_id", sort=False)):
        usual = float(calibration.own[number, 0]) * float(levels.spread[number, 0])
        for y, made, score in rows[["y", "reconstruction", "score"]].itertuples(index=False):
            assert score == pytest.approx(abs(y - made) / usual)


def test_scores_are_comparable_between_series_of_any_size(of_panel) -> None:
    scores = of_panel.anomaly_scores(panel())
    medians = scores.groupby("unique_id")["score"].median()
    assert medians.max() < 2 * medians.min()


# --- frames --------------------------------------------------------------------------------------


def test_rows_may_be_in_any_order_and_other_series_do_not_matter(of_panel) -> None:
    df = panel()
    scores = of_panel.anomaly_scores(df)
    shuffled = of_panel.anomaly_scores(df.sample(frac=1, random_state=0))
    merged = scores.merge(shuffled, on=["unique_id", "ds"], suffixes=("", "_again"))
    np.testing.assert_array_equal(merged["score"], merged["score_again"])
    alone = of_panel.anomaly_scores(df[df["unique_id"] == "s1"])
    np.testing.assert_allclose(alone["score"], scores.loc[scores["unique_id"] == "s1", "score"], rtol=1e-4)


def test_wide_frames(of_panel) -> None:
    df = panel()
    wide = df.pivot(index="ds", columns="unique_id", values="y")  # noqa: PD010
    long = of_panel.anomaly_scores(df)
    scores = of_panel.anomaly_scores(wide)
    for series in ("s0", "s1", "s2"):
        expected = long[long["unique_id"] == series]
        np.testing.assert_allclose(scores[series, "score"], expected["score"])
        np.testing.assert_array_equal(scores[series, "is_anomaly"], expected["is_anomaly"])
        assert scores[series, "is_anomaly"].dtype == bool
    made = of_panel.reconstruct(wide)
    assert made.columns.equals(wide.columns)
    assert made.index.equals(wide.index)
    pd.testing.assert_frame_equal(of_panel.impute(wide), wide, check_freq=False)


def test_polars_frames(of_panel) -> None:
    df = panel()
    scores = of_panel.anomaly_scores(pl.from_pandas(df))
    assert isinstance(scores, pl.DataFrame)
    assert scores.columns == ["unique_id", "ds", "y", "reconstruction", "score", "is_anomaly"]
    assert scores["is_anomaly"].dtype == pl.Boolean
    np.testing.assert_array_equal(scores["score"], of_panel.anomaly_scores(df)["score"])
    assert isinstance(of_panel.windows(pl.from_pandas(df)), pl.DataFrame)


def test_a_series_an_index_and_an_array(learned) -> None:
    df = hours(seed=1)
    expected = learned.anomaly_scores(df)["score"].to_numpy()
    series = df.set_index("ds")["y"]
    scores = learned.anomaly_scores(series)
    assert scores.index.equals(series.index)
    np.testing.assert_array_equal(scores["score"], expected)
    made = learned.reconstruct(series)
    assert isinstance(made, pd.Series)
    assert made.name == "y"
    of_array = quick().fit(df["y"].to_numpy())
    assert of_array.reconstruct(df["y"].to_numpy()).shape == (len(df),)
    assert of_array.anomaly_scores(df["y"].to_numpy()).shape == (len(df), 4)


def test_ragged_wide_frames_have_no_anomaly_where_there_is_no_step(of_panel) -> None:
    wide = panel().pivot(index="ds", columns="unique_id", values="y")  # noqa: PD010
    wide.iloc[:100, 1] = np.nan
    scores = of_panel.anomaly_scores(wide)
    assert scores["s1", "score"].iloc[:100].isna().all()
    assert not scores["s1", "is_anomaly"].iloc[:100].any()


def test_periods_and_series_in_the_index(of_panel) -> None:
    df = panel()
    expected = of_panel.anomaly_scores(df)["score"].to_numpy()
    indexed = df.set_index(["unique_id", "ds"])
    scores = of_panel.anomaly_scores(indexed)
    assert scores.index.equals(indexed.index)
    np.testing.assert_array_equal(scores["score"], expected)
    periods = df.assign(ds=df["ds"].dt.to_period("h"))
    scores = of_panel.anomaly_scores(periods)
    assert scores["ds"].dtype == periods["ds"].dtype
    np.testing.assert_array_equal(scores["score"], expected)


def test_other_names_of_columns() -> None:
    df = panel(2).rename(columns={"unique_id": "shop", "ds": "hour", "y": "sales"})
    model = quick(id_col="shop", time_col="hour", target_col="sales").fit(df)
    scores = model.anomaly_scores(df)
    assert scores.columns.tolist() == ["shop", "hour", "sales", "reconstruction", "score", "is_anomaly"]
    assert model.windows(df).columns.tolist() == ["shop", "start", "end"]


def test_time_with_a_zone_passes_hour_by_hour() -> None:
    df = hours(40, start="2024-03-10")
    zoned = df.assign(ds=df["ds"].dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin"))
    plain = quick(calendar=None).fit(df)
    with_zone = quick(calendar=None).fit(zoned)
    scores = with_zone.anomaly_scores(zoned)
    pd.testing.assert_series_equal(scores["ds"], zoned["ds"])
    np.testing.assert_allclose(scores["score"], plain.anomaly_scores(df)["score"], rtol=1e-3, atol=1e-4)


def test_several_targets_have_one_score() -> None:
    df = hours(40)
    df["load"] = np.random.default_rng(3).normal(size=len(df)).cumsum()
    model = quick(target_col=["y", "load"]).fit(df)
    later = df.copy()
    later.loc[10, "load"] = np.nan
    later.loc[[11, 12], ["y", "load"]] = np.nan
    scores = model.anomaly_scores(later)
    assert scores.columns.tolist() == [
        "ds", "y", "load", "reconstruction-y", "reconstruction-load", "score", "is_anomaly",
    ]  # fmt: skip
    usual = model.fitted_.calibration.own[0] * model.fitted_.levels.spread[0].numpy()
    errors = [(scores[name] - scores[f"reconstruction-{name}"]).abs() for name in ("y", "load")]
    shares = np.stack(errors, axis=1) / usual
    np.testing.assert_allclose(
        scores["score"].drop([10, 11, 12]), np.sqrt((shares**2).mean(1))[[*range(10), *range(13, len(df))]]
    )
    assert scores.loc[10, "score"] == pytest.approx(shares[10, 0])
    assert scores.loc[11:12, "score"].isna().all()
    assert not scores.loc[11:12, "is_anomaly"].any()
    assert model.transform(df).shape == (40, model.latent_size_)
    starts = model.windows(df)["start"]
    assert model.inverse_transform(model.transform(df), starts=starts).shape == (40, DAY, 2)
    filled = model.impute(later)
    assert filled.columns.tolist() == ["ds", "y", "load"]
    assert filled.notna().all(axis=None)


# --- invariance ----------------------------------------------------------------------------------


def test_scores_do_not_depend_on_unit_and_level() -> None:
    df = hours(40)
    expected = quick().fit(df).anomaly_scores(df)
    for factor, shift, tolerance in ((4.0, 0.0, 1e-9), (1e-6, 0.0, 1e-2), (250.0, 1e5, 1e-2)):
        moved = df.assign(y=factor * df["y"] + shift)
        scores = quick().fit(moved).anomaly_scores(moved)
        np.testing.assert_allclose(scores["score"], expected["score"], rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(
            scores["reconstruction"],
            factor * expected["reconstruction"] + shift,
            atol=10 * tolerance * factor + 1e-6 * abs(shift),
        )


@pytest.mark.parametrize("scaling", ["window", "robust", "last", "mean", "log1p", "none", "series"])
def test_every_scaling_runs(scaling) -> None:
    df = hours(20).assign(y=lambda frame: frame["y"] + 3)
    model = quick(scaling=scaling, false_alarms=0.1).fit(df)
    assert model.scaling_ == scaling
    scores = model.anomaly_scores(df)
    assert scores["score"].notna().all()
    assert (scores["reconstruction"] - 3).abs().mean() < 3


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    df = hours(20)
    first, again, other = (
        quick(seed=seed, noise=0.2, false_alarms=0.1).fit(df).anomaly_scores(df)["score"]
        for seed in (3, 3, 4)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_values_held_back_are_not_trained_on() -> None:
    """Poison in the steps held back changes no weight, but the threshold."""
    df = hours(20)
    model = quick(false_alarms=0.1, scaling="none").fit(df)
    poisoned = df.copy()
    poisoned.loc[19 * DAY :, "y"] *= -1  # of 20 days four are held back, the last among them
    again = quick(false_alarms=0.1, scaling="none").fit(poisoned)
    for one, other in zip(model.fitted_.members, again.fitted_.members, strict=True):
        for name, weight in one.state_dict().items():
            assert torch.equal(weight, other.state_dict()[name]), name
    assert again.threshold_ > model.threshold_


# --- missing values ------------------------------------------------------------------------------


def test_missing_values_and_rows_are_filled_and_others_left(learned) -> None:
    df = hours(seed=2)
    gaps = df.copy()
    gaps.loc[[50, 51, 52, 400], "y"] = np.nan
    gaps = gaps.drop(index=range(700, 706))
    filled = learned.impute(gaps)
    pd.testing.assert_series_equal(filled["ds"], df["ds"])
    kept = gaps.dropna().index
    assert filled.loc[kept, "y"].equals(df.loc[kept, "y"]), "bit for bit"
    missing = filled.index.difference(kept)
    assert (filled.loc[missing, "y"] - df.loc[missing, "y"]).abs().mean() < 0.25
    made = learned.reconstruct(gaps)
    assert filled.loc[missing, "y"].equals(made.loc[missing, "reconstruction"].rename("y"))
    scores = learned.anomaly_scores(gaps)
    assert scores["score"].isna().equals(scores["y"].isna())


@given(
    values=st.lists(
        st.one_of(st.none(), st.floats(-1e6, 1e6, allow_subnormal=False)), min_size=DAY, max_size=80
    ).filter(lambda values: sum(value is not None for value in values) > 1)
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_imputing_leaves_what_was_observed_bit_for_bit(learned, values) -> None:
    y = [np.nan if value is None else value for value in values]
    df = pd.DataFrame({"ds": pd.date_range("2025-01-01", periods=len(y), freq="h"), "y": y})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        filled = learned.impute(df)["y"].to_numpy()
    seen = ~np.isnan(y)
    assert filled[seen].tobytes() == np.array(y)[seen].tobytes()
    for step in range(len(y)):
        if seen[max(0, step - DAY // 2) : step + DAY // 2].any():
            assert np.isfinite(filled[step]), "a window holds it and an observed value"
    again = df.assign(y=filled)
    if not np.isnan(filled).any():
        assert learned.impute(again)["y"].to_numpy().tobytes() == filled.tobytes()


def test_what_stands_where_nothing_was_observed_does_not_matter(learned) -> None:
    df = hours(seed=2)
    df.loc[100:110, "y"] = np.nan
    reading = read_windows(learned.fitted_, df)
    before = learned.fitted_.reconstruction(reading.panel, reading.levels)
    reading.panel.values[~reading.panel.observed] = 1e9
    assert torch.equal(before, learned.fitted_.reconstruction(reading.panel, reading.levels))


def test_a_gap_longer_than_a_window_stays_and_is_told(learned) -> None:
    df = hours(20)
    df.loc[100:199, "y"] = np.nan
    with pytest.warns(DataWarning, match="of 100 missing values stay missing"):
        filled = learned.impute(df)
    left = filled.index[filled["y"].isna()]
    assert len(left)
    assert left.min() >= 100 + 1
    assert left.max() <= 199 - 1


def test_missing_values_in_training() -> None:
    df = hours(40)
    df.loc[np.random.default_rng(0).random(len(df)) < 0.3, "y"] = np.nan
    scores = quick().fit(df).anomaly_scores(df)
    assert np.isfinite(scores["reconstruction"]).all()
    assert scores["score"].isna().equals(df["y"].isna())


def test_nothing_to_fill_trains_and_computes_nothing(learned) -> None:
    df = hours(seed=2)
    pd.testing.assert_frame_equal(learned.impute(df), df)


# --- latent vectors ------------------------------------------------------------------------------


def test_latent_vectors_lie_where_windows_says(of_panel) -> None:
    df = panel()
    df = df[(df["unique_id"] != "s1") | (df["ds"] >= "2024-01-03 05:00")]
    latent, windows = of_panel.transform(df), of_panel.windows(df)
    assert latent.shape == (len(windows), of_panel.latent_size_)
    assert latent.dtype == np.float32
    assert windows["unique_id"].value_counts().to_dict() == {"s0": 30, "s1": 27, "s2": 30}
    assert (windows["end"] - windows["start"]).eq(pd.Timedelta(hours=DAY - 1)).all()
    last = windows.groupby("unique_id")["end"].max()
    assert (last == df["ds"].max()).all()
    # a window alone has the same latent vector
    row = 40
    series, start, end = windows.iloc[row]
    alone = df[(df["unique_id"] == series) & df["ds"].between(start, end)]
    np.testing.assert_allclose(of_panel.transform(alone)[0], latent[row], atol=1e-5)


def test_inverse_transform_undoes_transform_as_reconstruct_does(of_panel) -> None:
    df = panel()
    windows = of_panel.windows(df)
    back = of_panel.inverse_transform(
        of_panel.transform(df), starts=windows["start"], series=windows["unique_id"]
    )
    assert back.shape == (len(windows), DAY)
    for row in (0, 35, 80):
        series, start, end = windows.iloc[row]
        alone = df[(df["unique_id"] == series) & df["ds"].between(start, end)]
        np.testing.assert_allclose(back[row], of_panel.reconstruct(alone)["reconstruction"], rtol=1e-4)


def test_a_window_scale_is_told_by_no_latent_vector() -> None:
    rows = hours(40)["y"].to_numpy().reshape(-1, DAY)
    model = quick(scaling="window").fit(rows)
    back = model.inverse_transform(model.transform(rows))
    assert abs(back.mean()) < 0.5
    with pytest.raises(ParameterError, match="series is given, but scaling is 'window'"):
        model.inverse_transform(model.transform(rows), series=["a"] * len(rows))


@pytest.mark.parametrize("scaling", ["none", "series", WholeSeries()], ids=str)
def test_one_scale_for_all_windows_gives_original_units(scaling) -> None:
    df = hours(20).assign(y=lambda frame: 2 * frame["y"] + 3)
    model = quick(scaling=scaling, false_alarms=0.1).fit(df)
    back = model.inverse_transform(model.transform(df), starts=model.windows(df)["start"])
    np.testing.assert_allclose(
        back[3], model.reconstruct(df[3 * DAY : 4 * DAY])["reconstruction"], rtol=1e-3, atol=1e-3
    )


def test_windows_in_the_rows_of_an_array() -> None:
    rows = hours(60)["y"].to_numpy().reshape(-1, DAY)
    model = quick(window_length=None).fit(rows)
    assert model.window_length_ == DAY
    assert model.transform(rows).shape == (60, model.latent_size_)
    assert model.reconstruct(rows).shape == rows.shape
    np.testing.assert_allclose(
        model.inverse_transform(model.transform(rows)), model.reconstruct(rows), rtol=1e-4, atol=1e-5
    )
    scores = model.anomaly_scores(rows)
    assert scores.shape == (60, DAY, 4)
    np.testing.assert_array_equal(scores[..., 0], rows)
    missing = rows.copy()
    missing[3, 5] = np.nan
    filled = model.impute(missing)
    assert np.isfinite(filled[3, 5])
    filled[3, 5] = np.nan
    np.testing.assert_array_equal(filled, missing)
    np.testing.assert_array_equal(model.transform(rows.tolist()), model.transform(rows))
    # rows are windows of their own: none reaches into the next
    np.testing.assert_allclose(model.transform(rows[7:8]), model.transform(rows)[7:8], atol=1e-5)
    np.testing.assert_allclose(
        model.reconstruct(rows[7:8]), model.reconstruct(rows)[7:8], rtol=1e-4, atol=1e-5
    )


def test_in_a_pipeline() -> None:
    rows = hours(60)["y"].to_numpy(copy=True).reshape(-1, DAY)
    rows[::2] *= -1
    autoencoder = quick(window_length=None, training=Training(max_steps=100, progress=False))
    pipeline = make_pipeline(autoencoder, KMeans(2, random_state=0, n_init=3))
    labels = pipeline.fit_predict(rows)
    assert len(set(labels[::2])) == len(set(labels[1::2])) == 1
    assert labels[0] != labels[1]
    np.testing.assert_array_equal(pipeline.predict(rows), labels)
    named = make_pipeline(quick(window_length=None)).set_output(transform="pandas")
    latent = named.fit_transform(rows)
    assert latent.columns.tolist() == named.get_feature_names_out().tolist()
    assert latent.columns.tolist()[:2] == ["latent0", "latent1"]


def test_set_output_and_the_configuration(of_panel) -> None:
    df, model = panel(), clone(of_panel)
    model.fitted_, model.history_ = of_panel.fitted_, of_panel.history_
    expected = of_panel.transform(df)
    frame = model.set_output(transform="pandas").transform(df)
    np.testing.assert_array_equal(frame, expected)
    assert frame.index.names == ["unique_id", "start"]
    assert frame.index[0] == ("s0", pd.Timestamp("2024-01-01"))
    assert isinstance(model.set_output(transform="polars").transform(df), pl.DataFrame)
    assert isinstance(model.set_output(transform="default").transform(df), np.ndarray)
    assert clone(model.set_output(transform="pandas"))._sklearn_output_config == {"transform": "pandas"}
    with sklearn.config_context(transform_output="polars"):
        assert isinstance(of_panel.transform(df), pl.DataFrame)
    with pytest.raises(ParameterError, match="transform is 'arrow'"):
        model.set_output(transform="arrow")


@pytest.mark.parametrize(
    ("latent", "options", "error", "match"),
    [
        (np.zeros((2, 3)), {}, ParameterError, r"shape \(2, 3\); it must be \(windows, 4\)"),
        (np.zeros(4), {}, ParameterError, r"shape \(4,\)"),
        ([["a"] * 4], {}, ParameterTypeError, "latent is a list"),
        (np.full((1, 4), np.inf), {}, ParameterError, "not finite in row 0"),
        (np.zeros((2, 4)), {}, ParameterError, "starts must hold"),
        (np.zeros((2, 4)), {"starts": ["2024-01-01"]}, ParameterError, "1 time stamps for 2 windows"),
        (np.zeros((1, 4)), {"starts": ["soon"]}, ParameterTypeError, "starts is"),
        (np.zeros((1, 4)), {"starts": ["2024-01-01"]}, ParameterError, "fitted on 3 series"),
        (np.zeros((1, 4)), {"starts": ["2024-01-01"], "series": ["x"]}, DataError, "no series 'x'"),
        (np.zeros((1, 4)), {"starts": ["2024-01-01"], "series": ["s0"] * 2}, ParameterError, "2 names for 1"),
    ],
)
def test_latent_vectors_that_cannot_be_decoded_are_refused(of_panel, latent, options, error, match) -> None:
    with pytest.raises(error, match=match):
        of_panel.inverse_transform(latent, **options)


# --- the network ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"order": "reversed"},
        {"noise": 0.3},
        {"loss": "huber"},
        {"segment_length": 1},
        {"segment_length": 24},
        {"calendar": ["hour"]},
        {"calendar": None},
        {"network": Network(hidden_size=8, cell="gru")},
        {"network": Network(hidden_size=8), "order": "reversed"},
        {"network": Network(hidden_size=8, decoding="parallel", bidirectional=True)},
        {"network": Network(hidden_size=8, feed_context=True, context="mean", num_layers=2, dropout=0.1)},
        {"network": Network(hidden_size=8), "training": Training(max_steps=6, teacher_forcing=1.0)},
        {"network": Network(hidden_size=8), "training": Training(max_steps=6, teacher_forcing=0.6)},
        {"network": Network(hidden_size=8), "training": Training(max_steps=6, teacher_forcing=0.3)},
        {"training": Training(max_steps=6, members=2)},
        {"training": Training(max_steps=6, validation_size=48, validation_every=2)},
        {"training": Training(max_steps=6, optimizer="sgd", ema=0.5)},
        {"training": Training(max_steps=6, precision="bf16")},
        {"loss": LastSteps()},
        {"network": Network(hidden_size=8, encoder="attention", positions="learned", context="mean")},
        {"network": Network(hidden_size=8, encoder="convolutional", num_layers=3, context="mean")},
        {"training": Training(epochs=0.5)},
        {"training": Training(max_steps=6, freeze=["encoder"])},
        {"training": Training(max_steps=6, validation_size=0.2)},
    ],
    ids=str,
)
def test_every_setting_trains_is_saved_and_gives_the_same_again(given, tmp_path) -> None:
    df = hours(20)
    model = quick(false_alarms=0.1, **given).fit(df)
    scores = model.anomaly_scores(df)
    assert np.isfinite(scores["score"]).all()
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert isinstance(again, Seq2SeqAutoencoder)
    assert again.get_params() == model.get_params()
    pd.testing.assert_frame_equal(again.anomaly_scores(df), scores)
    np.testing.assert_array_equal(again.transform(df), model.transform(df))
    for name in ("window_length_", "threshold_", "calibration_steps_", "calendar_", "n_steps_", "scaling_"):
        assert getattr(again, name) == getattr(model, name), name
    pd.testing.assert_frame_equal(again.history_, model.history_)
    assert repr(again) == repr(model)


def test_one_pass_gives_what_the_loop_gives_where_no_output_is_read(learned, monkeypatch) -> None:
    df = hours(20)
    expected = learned.reconstruct(df)
    monkeypatch.setattr(WindowModel, "_reads_its_output", True)  # so that outputs are fed back, step by step
    np.testing.assert_allclose(
        learned.reconstruct(df)["reconstruction"], expected["reconstruction"], rtol=1e-4, atol=1e-5
    )


def test_validation_is_on_steps_at_the_end() -> None:
    df = hours(30)
    training = Training(max_steps=20, validation_size=72, validation_every=5, progress=False)
    model = quick(training=training, false_alarms=0.1).fit(df)
    assert model.history_["validation_error"].notna().any()
    with pytest.raises(ParameterError, match="validation_size is 10, less than window_length 24"):
        quick(training=Training(validation_size=10)).fit(df)


def test_more_members_stand_side_by_side() -> None:
    df = hours(20)
    model = quick(false_alarms=0.1, training=Training(max_steps=4, members=2, progress=False)).fit(df)
    latent = model.transform(df)
    assert latent.shape == (20, 2 * model.latent_size_)
    assert model.get_feature_names_out().shape == (2 * model.latent_size_,)
    back = model.inverse_transform(latent, starts=model.windows(df)["start"])
    np.testing.assert_allclose(
        back[3], model.reconstruct(df[3 * DAY : 4 * DAY])["reconstruction"], rtol=1e-3, atol=1e-4
    )
    assert set(model.history_["member"]) == {0, 1}


def test_a_time_limit_is_kept() -> None:
    training = Training(max_time=2.0, max_steps=100_000, progress=False)
    begun = time.monotonic()
    model = quick(training=training).fit(hours(40))
    assert time.monotonic() - begun < 6
    assert model.stopped_ == "time"


def test_time_for_the_scores_is_kept_back(monkeypatch) -> None:
    from tsseq2seq.reconstruction.fitted import FittedWindows

    monkeypatch.setattr(FittedWindows, "seconds_of_scores", lambda self: 1000.0)
    begun = time.monotonic()
    model = quick(training=Training(max_time=8.0, max_steps=100_000, progress=False)).fit(hours(40))
    assert time.monotonic() - begun < 6.5, "half of it at the most"
    assert model.training_.max_time == 8.0


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (lambda df: df.assign(y=np.nan), DataError, "'y' is missing in all 240 steps"),
        (lambda df: df.assign(y=5.0), DataError, "'y' never varies: it is 5"),
        (lambda df: df.assign(y=df["y"].where(df.index != 7, np.inf)), DataError, r"'y' is inf .*row 7"),
        (lambda df: df.rename(columns={"y": "sales"}), DataError, "no column 'y'"),
        (lambda df: df.head(20), DataError, "window_length is 24, but the longest series has 20 steps"),
        (lambda df: df.head(0), DataError, "no rows"),
        (lambda df: df.assign(y="a lot"), DataError, "'y'"),
        (lambda df: pd.concat([df, df.tail(1)]), DataError, "twice|several|2 rows"),
        (lambda df: df.to_numpy()[:, 1:].astype(float)[:, [0] * 30], DataError, "windows of 30 steps"),
        (lambda df: [[1.0, 2.0], [3.0]], DataError, r"different lengths, \[1, 2\]"),
        (lambda df: np.ones((5, 1)), DataError, "windows of 1 steps"),
        (lambda df: np.zeros((2, 3, 4)), DataError, r"shape \(2, 3, 4\)"),
        (lambda df: "taxi.csv", ParameterTypeError, "df is"),
    ],
)
def test_frames_that_cannot_be_learned_are_refused(change, error, match) -> None:
    model = quick()
    with pytest.raises(error, match=match):
        model.fit(change(hours(10)))
    assert not hasattr(model, "fitted_")


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (lambda df: df.head(23), DataError, "has 23 steps, fewer than the 24 of a window"),
        (lambda df: df.drop(columns="y"), DataError, "no column 'y'"),
        (lambda df: df.assign(ds=df["ds"] + pd.to_timedelta(range(len(df)), "min")), FrequencyError, "grid"),
        (lambda df: df.iloc[::24], FrequencyError, "coarser|24"),
        (lambda df: np.zeros((3, 5)), DataError, "windows of 5 steps, but window_length is 24"),
        (lambda df: df.assign(y=-np.inf), DataError, "'y' is -inf"),
    ],
)
def test_frames_that_do_not_fit_a_model_are_refused(learned, change, error, match) -> None:
    for method in (learned.anomaly_scores, learned.reconstruct, learned.impute, learned.transform):
        with pytest.raises(error, match=match):
            method(change(hours(10)))


def test_series_shorter_than_a_window_are_told_and_have_no_score(of_panel) -> None:
    df = panel()
    short = df[(df["unique_id"] != "s1") | (df["ds"] < "2024-01-01 20:00")]
    with pytest.warns(DataWarning, match="series 's1' has 20 steps"):
        scores = of_panel.anomaly_scores(short)
    assert scores.loc[scores["unique_id"] == "s1", "score"].isna().all()
    assert scores.loc[scores["unique_id"] != "s1", "score"].notna().all()


def test_a_constant_series_among_others_is_scored_as_what_never_varied() -> None:
    df = panel(3)
    df.loc[df["unique_id"] == "s2", "y"] = 7.0
    model = quick().fit(df)
    later = df.copy()
    place = later.index[later["unique_id"] == "s2"][5]
    later.loc[place, "y"] = 7.5
    scores = model.anomaly_scores(later)
    own = scores[scores["unique_id"] == "s2"]
    assert own.loc[place, "score"] == np.inf
    assert own.loc[place, "is_anomaly"]
    assert (own.drop(place)["score"] == 0).all()


def test_series_that_were_not_trained_on_are_scored_by_their_own_level(of_panel) -> None:
    df = panel()
    other = df[df["unique_id"] == "s1"].assign(unique_id="new", y=lambda frame: 1e4 * frame["y"] - 3)
    known = of_panel.anomaly_scores(df[df["unique_id"] == "s1"])["score"]
    assert of_panel.anomaly_scores(other)["score"].median() == pytest.approx(known.median(), rel=0.5)


@pytest.mark.parametrize("method", ["anomaly_scores", "reconstruct", "impute", "transform", "windows"])
def test_before_the_fit(method) -> None:
    with pytest.raises(NotFittedError, match="Seq2SeqAutoencoder"):
        getattr(Seq2SeqAutoencoder(), method)(hours(3))


@pytest.mark.parametrize("name", ["score", "is_anomaly", "reconstruction", "reconstruction-x", "Seq2Seq"])
def test_names_of_results_are_refused(name) -> None:
    df = hours(10).rename(columns={"y": name})
    with pytest.raises(ParameterError, match=f"target_col is '{name}'"):
        quick(target_col=name).fit(df)


def test_the_contract_of_scikit_learn() -> None:
    model = quick(latent_size=3)
    assert clone(model).get_params() == model.get_params()
    model.set_params(training__max_steps=7, network__hidden_size=5)
    assert (model.training.max_steps, model.network.hidden_size) == (7, 5)
    with pytest.raises(ParameterError, match="no parameter 'window'"):
        model.set_params(window=3)
    with pytest.raises(ParameterTypeError, match=r"no parameter 'window_len'; did you mean .*window_length"):
        Seq2SeqAutoencoder(window_len=3)
    with pytest.raises(ModelFileError):
        load("nowhere")


@pytest.mark.slow
def test_a_hundred_thousand_steps_are_scored_in_seconds(learned) -> None:
    df = hours(100_000 // DAY)
    begun = time.monotonic()
    assert learned.anomaly_scores(df)["score"].notna().all()
    assert time.monotonic() - begun < 20


# --- pictures ------------------------------------------------------------------------------------


def test_plot_marks_the_anomalies(learned) -> None:
    from matplotlib.figure import Figure

    df = hours(seed=1)
    df.loc[SPIKE, "y"] += 2
    scores = learned.anomaly_scores(df)
    ax = learned.plot(scores, title="days", ax=Figure().subplots())
    observed, made, marked = ax.get_lines()
    np.testing.assert_array_equal(observed.get_ydata(), scores["y"])
    np.testing.assert_array_equal(made.get_ydata(), scores["reconstruction"])
    np.testing.assert_array_equal(marked.get_ydata(), scores.loc[scores["is_anomaly"], "y"])
    assert ax.get_title(loc="left") == "days"


def test_plot_of_one_of_several_series(of_panel) -> None:
    from matplotlib.figure import Figure

    scores = of_panel.anomaly_scores(panel())
    ax = of_panel.plot(scores, series="s1", ax=Figure().subplots())
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), scores.loc[scores["unique_id"] == "s1", "y"])
    assert of_panel.plot(scores, ax=Figure().subplots()).get_title(loc="left") == "s0 (the first of 3 series)"
    with pytest.raises(DataError, match="no rows of series 'x'"):
        of_panel.plot(scores, series="x")
    with pytest.raises(DataError, match="no column 'is_anomaly'"):
        of_panel.plot(scores.drop(columns="is_anomaly"))
