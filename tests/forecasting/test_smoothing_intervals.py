"""Intervals of a point forecast come from the errors of smoothing at earlier cutoffs."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pandas as pd
import pytest

from tsseq2seq import Network, Seq2SeqForecaster, Training
from tsseq2seq.errors import ParameterError
from tsseq2seq.evaluation.baselines import Smoothing

H = 6


def panel(count: int = 12, length: int = 60, seed: int = 0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    season = np.tile([3.0, -1.0, 0.5, -2.5], length // 4)
    rows = [
        pd.DataFrame(
            {
                "unique_id": f"s{number:02d}",
                "ds": pd.date_range("2000-01-01", periods=length, freq="QS"),
                "y": 40 + 5 * season + generator.normal(0, 3, length),
            }
        )
        for number in range(count)
    ]
    return pd.concat(rows, ignore_index=True)


@pytest.fixture(scope="module")
def fitted() -> Seq2SeqForecaster:
    df = panel()
    known = df.groupby("unique_id").head(60 - H)
    return Seq2SeqForecaster(H, network_share=0.5, training=Training(max_steps=150, progress=False)).fit(
        known
    )


def test_a_default_forecast_has_the_intervals_asked_for(fitted: Seq2SeqForecaster) -> None:
    forecast = fitted.predict(levels=[80, 95])
    columns = ["Seq2Seq-lo-80", "Seq2Seq-hi-80", "Seq2Seq-lo-95", "Seq2Seq-hi-95"]
    assert forecast.columns.tolist() == ["unique_id", "ds", "Seq2Seq", *columns]
    ordered = forecast[["Seq2Seq-lo-95", "Seq2Seq-lo-80", "Seq2Seq-hi-80", "Seq2Seq-hi-95"]].to_numpy()
    assert (np.diff(ordered, axis=1) > 0).all()
    assert (forecast["Seq2Seq"] == fitted.predict()["Seq2Seq"]).all()
    assert fitted.predict().columns.tolist() == ["unique_id", "ds", "Seq2Seq"]


def test_they_are_as_wide_as_those_of_smoothing_alone(fitted: Seq2SeqForecaster) -> None:
    known = panel().groupby("unique_id").head(60 - H)
    alone = Smoothing(H, season_length=4).fit(known).predict(levels=[90])
    forecast = fitted.predict(levels=[90])
    assert np.allclose(
        forecast["Seq2Seq-hi-90"] - forecast["Seq2Seq-lo-90"],
        alone["Smoothing-hi-90"] - alone["Smoothing-lo-90"],
        rtol=1e-4,
    )


def test_they_hold_what_comes_as_often_as_they_say(fitted: Seq2SeqForecaster) -> None:
    inside = []
    for seed in range(1, 6):
        df = panel(seed=seed)
        forecast = fitted.predict(df.groupby("unique_id").head(60 - H), levels=[90])
        joined = forecast.merge(df, on=["unique_id", "ds"])
        inside += list((joined["y"] >= joined["Seq2Seq-lo-90"]) & (joined["y"] <= joined["Seq2Seq-hi-90"]))
    assert len(inside) == 5 * 12 * H
    assert 0.85 <= np.mean(inside) <= 0.95


def test_a_series_of_which_nothing_is_known_is_as_wide_as_the_others_vary(fitted: Seq2SeqForecaster) -> None:
    short = panel().groupby("unique_id").head(2)
    forecast = fitted.predict(short, levels=[90])
    width = (forecast["Seq2Seq-hi-90"] - forecast["Seq2Seq-lo-90"]).to_numpy()
    usual = panel()["y"].std()
    assert np.isfinite(forecast[["Seq2Seq", "Seq2Seq-lo-90", "Seq2Seq-hi-90"]].to_numpy()).all()
    assert ((usual < width) & (width < 10 * usual)).all()


def test_they_stay_within_the_bounds() -> None:
    df = panel().assign(y=lambda frame: (frame["y"] - 30).clip(lower=0))
    training = Training(max_steps=5, progress=False)
    forecast = Seq2SeqForecaster(H, network_share=0.5, training=training).fit(df).predict(levels=[99])
    assert (forecast["Seq2Seq-lo-99"] >= 0).all()


def test_other_horizons_cutoffs_and_a_saved_model(fitted: Seq2SeqForecaster, tmp_path) -> None:
    from tsseq2seq import load

    forecast = fitted.predict(horizon=2 * H, levels=[90])
    width = (forecast["Seq2Seq-hi-90"] - forecast["Seq2Seq-lo-90"]).to_numpy().reshape(12, 2 * H)
    assert (width[:, -1] > width[:, 0]).all()
    cutoffs = fitted.predict_cutoffs(panel(), windows=2, levels=[90])
    assert (cutoffs["Seq2Seq-hi-90"] > cutoffs["Seq2Seq-lo-90"]).all()
    fitted.save(tmp_path / "model")
    pd.testing.assert_frame_equal(load(tmp_path / "model").predict(levels=[90]), fitted.predict(levels=[90]))


def test_a_network_alone_has_none() -> None:
    alone = Seq2SeqForecaster(
        H, network=Network(hidden_size=4), training=Training(max_steps=2, progress=False)
    )
    with pytest.raises(ParameterError, match="levels holds 90"):
        alone.fit(panel()).predict(levels=[90])


def test_a_network_that_has_the_whole_share_still_has_those_of_smoothing(fitted: Seq2SeqForecaster) -> None:
    whole = copy.copy(fitted)
    whole.fitted_ = dataclasses.replace(fitted.fitted_, network_share=1.0)
    forecast = whole.predict(levels=[90])
    assert (forecast["Seq2Seq-hi-90"] > forecast["Seq2Seq-lo-90"]).all()
