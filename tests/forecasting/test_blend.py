"""Blends against arithmetic on the forecasts of their two parts."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import (
    Network,
    Normal,
    Point,
    Quantiles,
    Seq2SeqEnsemble,
    Seq2SeqForecaster,
    Training,
    backtest,
    load,
)
from tsseq2seq.errors import DataWarning, ParameterError
from tsseq2seq.forecasting.blend import BlendedPaths
from tsseq2seq.nn.outputs import Output

HORIZON, SHARE = 4, 0.3
TRAINING = Training(max_steps=5, progress=False, precision="float32")
OUTPUTS: dict[str, Output] = {"point": Point(), "quantiles": Quantiles([0.1, 0.5, 0.9]), "normal": Normal()}


def frame(ids=("a", "b", "c"), length: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    t = np.arange(length)
    parts = [
        pd.DataFrame(
            {"unique_id": name, "ds": t, "y": 30 + 5 * np.sin(t * np.pi / 2) + rng.normal(size=length)}
        )
        for name in ids
    ]
    return pd.concat(parts, ignore_index=True)


DF = frame()


def forecaster(output: Output, share: float | None = SHARE, **settings) -> Seq2SeqForecaster:
    options = {
        "context_length": 8,
        "season_length": 4,
        "network": Network(hidden_size=8),
        "training": TRAINING,
    }
    return Seq2SeqForecaster(HORIZON, output=output, network_share=share, **options | settings)


@functools.cache
def fitted(kind: str) -> Seq2SeqForecaster:
    return forecaster(OUTPUTS[kind]).fit(DF)


def with_share(model: Seq2SeqForecaster, share: float) -> Seq2SeqForecaster:
    """The same networks and smoothing, in other shares."""
    from copy import copy

    other = copy(model)
    other.fitted_ = dataclasses.replace(model.fitted_, network_share=share)
    return other


def numbers(model: Seq2SeqForecaster, **options) -> np.ndarray:
    return model.predict(**options).iloc[:, 2:].to_numpy()


@pytest.mark.parametrize("kind", ["point", "quantiles"])
def test_point_and_quantiles_are_weighted_means_of_both(kind: str) -> None:
    model, levels = fitted(kind), [80] if kind == "quantiles" else None
    network, smoothing = (numbers(with_share(model, share), levels=levels) for share in (1.0, 0.0))
    assert np.abs(network - smoothing).max() > 0.1
    np.testing.assert_allclose(
        numbers(model, levels=levels), SHARE * network + (1 - SHARE) * smoothing, rtol=1e-6
    )


@pytest.mark.parametrize("kind", OUTPUTS)
def test_without_a_share_the_forecast_is_that_of_smoothing(kind: str) -> None:
    model = with_share(fitted(kind), 0.0)
    base = model.fitted_.smoothing.forecast(model.fitted_.panel, HORIZON)[:, :, 0, 0]
    rtol = 1e-6 if kind != "normal" else 0.02  # the centre of paths
    np.testing.assert_allclose(model.predict()["Seq2Seq"].to_numpy().reshape(base.shape), base, rtol=rtol)


def test_paths_move_to_the_mixed_median_and_width() -> None:
    model = fitted("normal")
    network, smoothing, both = (
        with_share(model, share).sample(num_samples=200) for share in (1.0, 0.0, SHARE)
    )
    columns = [c for c in both.columns if c not in ("unique_id", "ds", "sample")]

    def parts(paths: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        groups = paths.groupby(["unique_id", "ds"])[columns[-1]]
        low, middle, high = (
            groups.quantile(q).to_numpy() for q in (0.15865525393145707, 0.5, 0.8413447460685429)
        )
        return middle, high - low

    for one, other, mixed in zip(parts(network), parts(smoothing), parts(both), strict=True):
        np.testing.assert_allclose(mixed, SHARE * one + (1 - SHARE) * other, rtol=1e-5)


def test_paths_that_smoothing_knows_nothing_of_stay() -> None:
    rng = np.random.default_rng(1)
    paths = rng.normal(size=(2, 9, 3, 1))
    base = np.stack([np.full((3, 1, 3), np.nan), np.tile([5.0, 3.0, 8.0], (3, 1, 1))])
    moved = BlendedPaths(base, 0.25).move(paths, torch.tensor([0, 1]))
    np.testing.assert_array_equal(moved[0], paths[0])
    np.testing.assert_allclose(np.median(moved[1], axis=0), 0.25 * np.median(paths[1], axis=0) + 0.75 * 5)


def test_paths_without_width_keep_none() -> None:
    paths = np.full((1, 5, 2, 1), 3.0)
    base = np.tile([5.0, 4.0, 6.0], (1, 2, 1, 1))
    np.testing.assert_array_equal(BlendedPaths(base, 0.5).move(paths, torch.tensor([0])), 4.0)


def test_each_target_has_smoothing_of_its_own() -> None:
    both = DF.assign(z=lambda df: 1000 - 3 * df["y"])
    model = forecaster(Point(), target_col=["y", "z"]).fit(both)
    found = with_share(model, 0.0).predict()
    base = model.fitted_.smoothing.forecast(model.fitted_.panel, HORIZON)[..., 0].reshape(-1, 2)
    np.testing.assert_allclose(found.iloc[:, 2:].to_numpy(), base, rtol=1e-6)
    assert (found.iloc[:, 3] > 800).all()


def test_a_series_too_short_for_smoothing_is_forecast_by_the_network_alone() -> None:
    model = fitted("point")
    short = pd.DataFrame({"unique_id": "x", "ds": np.arange(4), "y": [3.0, 5.0, 2.0, 4.0]})
    found = model.predict(short)["Seq2Seq"]
    assert found.equals(with_share(model, 1.0).predict(short)["Seq2Seq"])
    assert found.notna().all()


def test_a_series_without_a_value_is_nan_with_one_warning() -> None:
    empty = pd.DataFrame({"unique_id": "x", "ds": np.arange(4), "y": np.nan})
    with pytest.warns(DataWarning, match="'x'") as caught:
        found = fitted("point").predict(pd.concat([DF, empty]))
    assert len(caught) == 1
    assert found.groupby("unique_id")["Seq2Seq"].apply(lambda y: y.isna().all()).to_dict() == {
        "a": False,
        "b": False,
        "c": False,
        "x": True,
    }


@pytest.mark.parametrize("kind", OUTPUTS)
def test_saved_models_forecast_the_same_to_the_bit(kind: str, tmp_path: Path) -> None:
    model = fitted(kind)
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert loaded.network_share_ == SHARE
    levels = None if kind == "point" else [80]
    pd.testing.assert_frame_equal(
        loaded.predict(levels=levels), model.predict(levels=levels), check_exact=True
    )


def test_a_network_that_adds_to_smoothing_is_saved_with_it(tmp_path: Path) -> None:
    model = forecaster(Point(), 1.0, network=Network(hidden_size=8, residual="smoothing")).fit(DF)
    model.save(tmp_path / "model")
    pd.testing.assert_frame_equal(load(tmp_path / "model").predict(), model.predict(), check_exact=True)
    again = copy_and_continue(model)
    torch.testing.assert_close(again.fitted_.smoothing.weights.prior, model.fitted_.smoothing.weights.prior)
    assert not again.predict()["Seq2Seq"].equals(model.predict()["Seq2Seq"])


def copy_and_continue(model: Seq2SeqForecaster) -> Seq2SeqForecaster:
    import copy

    return copy.deepcopy(model).fit(DF, warm_start=True)


@pytest.mark.parametrize("decoding", ["autoregressive", "parallel"])
@pytest.mark.parametrize("segment", [1, 3])
def test_a_network_whose_output_is_nothing_forecasts_what_it_adds_to(decoding: str, segment: int) -> None:
    """Its last layer at 0, the forecast is smoothing; segments may reach beyond the horizon."""
    network = Network(hidden_size=8, residual="smoothing", decoding=decoding)
    model = forecaster(Point(), 1.0, network=network, segment_length=segment).fit(DF)
    head = model.fitted_.members[0].network.decoder.head
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.zero_()
    base = model.fitted_.smoothing.forecast(model.fitted_.panel, HORIZON)[:, :, 0, 0]
    np.testing.assert_allclose(model.predict()["Seq2Seq"].to_numpy().reshape(base.shape), base, rtol=1e-5)
    longer = model.fitted_.smoothing.forecast(model.fitted_.panel, 9)[:, :, 0, 0]
    if decoding == "autoregressive":
        np.testing.assert_allclose(
            model.predict(horizon=9)["Seq2Seq"].to_numpy().reshape(longer.shape), longer, rtol=1e-5
        )


def test_going_on_keeps_a_blend() -> None:
    again = copy_and_continue(fitted("point"))
    assert again.network_share_ == SHARE
    assert again.fitted_.smoothing is not None
    assert again.predict()["Seq2Seq"].notna().all()


def test_an_ensemble_is_the_median_of_its_blends() -> None:
    models = [forecaster(Point(), share) for share in (0.2, 0.9)]
    ensemble = Seq2SeqEnsemble(models).fit(DF)
    found = ensemble.predict().iloc[:, -1]
    single = [numbers(clone_fit(share))[:, 0] for share in (0.2, 0.9)]
    np.testing.assert_allclose(found, np.mean(single, axis=0), rtol=1e-5)


def clone_fit(share: float) -> Seq2SeqForecaster:
    return forecaster(Point(), share).fit(DF)


def test_a_backtest_forecasts_what_a_model_of_the_past_does() -> None:
    table = backtest(forecaster(Point()), DF, windows=2)
    cutoff = table["cutoff"].min()
    before = forecaster(Point()).fit(DF[DF["ds"] <= cutoff]).predict()
    found = table[table["cutoff"] == cutoff].sort_values(["unique_id", "ds"])
    np.testing.assert_allclose(found["Seq2Seq"], before["Seq2Seq"], rtol=1e-5)


@pytest.mark.parametrize("kind", OUTPUTS)
def test_calibrated_intervals_lie_around_the_blend(kind: str) -> None:
    model = forecaster(OUTPUTS[kind]).fit(DF[DF["ds"] < 28])
    model.calibrate(DF, windows=8, step=1)
    found = model.predict(DF, levels=[50])
    points = with_share(model, SHARE).predict(DF)["Seq2Seq"]
    np.testing.assert_allclose(found["Seq2Seq"], points, rtol=0.02)
    low, high = found["Seq2Seq-lo-50"], found["Seq2Seq-hi-50"]
    assert (low <= found["Seq2Seq"]).all()
    assert (found["Seq2Seq"] <= high).all()


@pytest.mark.parametrize("kind", ["point", "normal"])
def test_where_clocks_change_the_network_forecasts_alone_and_says_so(kind: str) -> None:
    """Seasons of equal steps would lie an hour off; in a series without a change there is nothing to say."""
    times = pd.date_range("2024-02-01", periods=40, freq="h", tz="Europe/Berlin")
    df = frame(length=40).assign(ds=lambda df: times[df["ds"]])
    model = forecaster(OUTPUTS[kind]).fit(df)
    model.predict()
    later = df.assign(ds=df["ds"] + (pd.Timestamp("2024-03-30", tz="Europe/Berlin") - times[0]))
    with pytest.warns(DataWarning, match="clocks change") as caught:
        found = model.predict(later)
    assert len(caught) == 1
    assert found["Seq2Seq"].equals(with_share(model, 1.0).predict(later)["Seq2Seq"])


@pytest.mark.parametrize("share", [-0.1, 1.1, "half"])
def test_a_share_is_between_0_and_1(share: object) -> None:
    with pytest.raises((ParameterError, TypeError), match="network_share"):
        forecaster(Point(), share).fit(DF)  # type: ignore[arg-type]
