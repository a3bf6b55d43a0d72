"""Intervals from a few equal values: as wide as the panel, not of no width."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Binned, Network, Normal, Point, Quantiles, Seq2SeqForecaster, StudentT, Training
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.panel import make_panel
from tsseq2seq.errors import DataWarning
from tsseq2seq.forecasting.usual_spread import UsualSpread
from tsseq2seq.nn.outputs import Output

HORIZON = 5


def series(values: list[float] | np.ndarray, name: str = "new") -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=len(values))
    return pd.DataFrame({"unique_id": name, "ds": days, "y": np.asarray(values, dtype=float)})


def wave(name: str, length: int = 60) -> pd.DataFrame:
    noise = np.random.default_rng([*name.encode()]).normal(size=length)
    return series(20 + 5 * np.sin(np.arange(length)) + noise, name)


PANEL = pd.concat([wave(name) for name in "abc"])


def fitted(output: Output) -> Seq2SeqForecaster:
    training = Training(max_steps=20, progress=False)
    return Seq2SeqForecaster(HORIZON, output=output, network=Network(hidden_size=6), training=training).fit(
        PANEL
    )


@pytest.mark.parametrize("output", [Quantiles(), Normal(), StudentT(), Binned(bins=20)], ids=repr)
def test_a_few_equal_values_have_an_interval(output: Output) -> None:
    model = fitted(output)
    usual = model.predict(wave("d"))
    typical = (usual["Seq2Seq-hi-90"] - usual["Seq2Seq-lo-90"]).mean()
    for values in ([21.0], [21.0, 21.0, 21.0], [np.nan, 21.0]):
        forecast = model.predict(series(values))
        width = forecast["Seq2Seq-hi-90"] - forecast["Seq2Seq-lo-90"]
        assert (width > typical / 10).all()
        assert (width < 10 * typical).all()


@pytest.mark.parametrize("output", [Point(), Quantiles(), Normal()], ids=repr)
def test_calibrated_intervals_have_a_width_too(output: Output) -> None:
    model = fitted(output).calibrate(pd.concat([wave(name, 80) for name in "efg"]), step=1)
    forecast = model.predict(series([21.0]), levels=[90])
    assert (forecast["Seq2Seq-hi-90"] - forecast["Seq2Seq-lo-90"] > 0.5).all()


def test_the_point_stays_where_the_values_are() -> None:
    assert fitted(Point()).predict(series([7.7]))["Seq2Seq"].tolist() == [7.7] * HORIZON
    np.testing.assert_allclose(fitted(Quantiles()).predict(series([7.7]))["Seq2Seq"], 7.7)


def test_a_context_full_of_equal_values_is_taken_at_its_word() -> None:
    forecast = fitted(Quantiles()).predict(series([4.0] * 60))
    assert (forecast[["Seq2Seq", "Seq2Seq-lo-90", "Seq2Seq-hi-90"]] == 4.0).all(axis=None)


def test_a_series_without_any_value_is_named() -> None:
    model = fitted(Normal())
    df = pd.concat([series([np.nan] * 4, "empty"), wave("d")])
    for forecast in (model.predict, model.sample):
        with pytest.warns(DataWarning, match="1 of 2 forecasts.*'empty'") as told:
            found = forecast(df)
        assert len(told) == 1
        assert found.loc[found["unique_id"] == "empty", "Seq2Seq"].isna().all()


def test_intervals_of_a_panel_that_never_varied_are_said_to_tell_nothing() -> None:
    training = Training(max_steps=2, progress=False)
    df = pd.concat([series([3.0] * 30, "a"), series([8.0] * 30, "b")])
    model = Seq2SeqForecaster(HORIZON, output=Quantiles(), training=training).fit(df)
    with pytest.warns(DataWarning, match="width 0"):
        model.predict()


def test_the_medians_are_those_of_numpy() -> None:
    df = pd.concat(
        [wave("a", 50), series([9.0] * 10, "flat"), wave("b"), wave("c").assign(y=lambda d: d.y * 3)],
        ignore_index=True,
    )
    df.loc[(df["unique_id"] == "b") & (df.index % 7 == 0), "y"] = np.nan
    frame = read_long_frame(df, Columns())
    found = UsualSpread.of(make_panel(frame, Frequency.of(None, frame)))
    varying = df[df["unique_id"] != "flat"].groupby("unique_id")["y"]
    assert found.spread[0] == pytest.approx(varying.std(ddof=0).median(), rel=1e-5)
    assert found.level[0] == pytest.approx(varying.mean().median(), rel=1e-5)
    levels = torch.tensor([[[0.0]], [[found.level[0]]], [[-2 * found.level[0]]]], dtype=torch.float64)
    np.testing.assert_allclose(found.at(levels).flatten(), np.array([1, 1, 2]) * found.spread[0])
