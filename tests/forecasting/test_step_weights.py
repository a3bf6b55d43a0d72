"""A column of weights: every output and loss of a forecaster counts time steps by it, or refuses it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import (
    Binned,
    NegativeBinomial,
    Network,
    Normal,
    Point,
    Quantiles,
    Seq2SeqEnsemble,
    Seq2SeqForecaster,
    StudentT,
    Training,
    Tweedie,
    ZeroInflatedNegativeBinomial,
    backtest,
    load,
)
from tsseq2seq.data.frames.frames import read_frame
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.fitting import untrained_series
from tsseq2seq.forecasting.objective import SeriesObjective
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.nn.losses import WINDOW_LOSSES

DAYS = 60
VALUES = {
    "mae": Point("mae"),
    "mse": Point("mse"),
    "huber": Point("huber"),
    "own": Point(lambda forecast, truth: (forecast - truth).abs().sqrt()),
    "quantiles": Quantiles([0.1, 0.5, 0.9]),
    "normal": Normal(),
    "student": StudentT(),
    "counts": NegativeBinomial(),
    "zeros": ZeroInflatedNegativeBinomial(),
    "tweedie": Tweedie(),
    "binned": Binned(bins=9),
}
WINDOWS = {name: Point(name) for name in WINDOW_LOSSES}
OUTPUTS = VALUES | WINDOWS


def sales(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    level = 20 + 8 * np.sin(np.arange(DAYS) * 2 * np.pi / 7)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "unique_id": name,
                    "ds": pd.date_range("2024-01-01", periods=DAYS),
                    "y": rng.poisson(factor * level).astype(float),
                }
            )
            for name, factor in (("a", 1.0), ("b", 3.0))
        ],
        ignore_index=True,
    )


FRAME = sales()
SERIES_WEIGHTS = np.where(FRAME["unique_id"] == "a", 2.0, 1.0)


MAE = Point("mae")


def forecaster(output: Any = MAE, **settings: Any) -> Seq2SeqForecaster:
    training = {"max_steps": 4, "batch_size": 8, "progress": False} | settings.pop("training", {})
    defaults = {"network": Network(hidden_size=6), "season_length": 7, "weight_col": "w", "freq": "D"}
    return Seq2SeqForecaster(7, output=output, training=Training(**training), **defaults | settings)


def objective(output: Any, weights: Any, **settings: Any) -> SeriesObjective:
    model = forecaster(output, **settings)
    frame, _ = read_frame(FRAME.assign(w=weights), model._columns())
    rows = read_long_frame(frame, model._columns())
    untrained = untrained_series(rows, ForecasterSettings.of(model), "D", torch.device("cpu"))
    torch.manual_seed(0)
    found = TrainingTask.of(untrained).objective(seed=0)
    found.model.eval()
    return found


def loss_of(found: SeriesObjective, index: Any = None, poison: Any = None) -> float:
    """Return the training loss of all windows, or of some, free running."""
    index = torch.arange(len(found.windows)) if index is None else index
    scaled = found.model.scaled(found.windows.gather(index))
    if poison is not None:
        scaled = dataclasses.replace(scaled, target=poison(scaled))
    with torch.no_grad():
        return float(found.model(scaled, truth_probability=0.0))


@pytest.fixture(params=list(OUTPUTS))
def output(request: pytest.FixtureRequest) -> Any:
    return OUTPUTS[request.param]


def test_a_weight_of_two_is_the_series_twice(output: Any) -> None:
    weighted, plain = objective(output, SERIES_WEIGHTS), objective(output, 1.0)
    assert plain.windows.panel.weights is None
    series, _ = plain.windows.locate(torch.arange(len(plain.windows)))
    twice = torch.arange(len(series)).repeat_interleave(torch.where(series == 0, 2, 1))
    assert loss_of(weighted) == pytest.approx(loss_of(plain, twice), rel=1e-5)
    assert loss_of(weighted) != pytest.approx(loss_of(plain), rel=1e-4)


def test_steps_without_weight_do_not_count(output: Any) -> None:
    """Whatever their target is, the loss is the same; and it is that of a target that was not observed."""
    weights = np.where(np.arange(len(FRAME)) % 5 == 2, 0.0, 1.0)
    found = objective(output, weights)

    def poison(scaled: Any) -> torch.Tensor:
        return torch.where((scaled.loss_weights == 0)[..., None], scaled.target + 3.0, scaled.target)

    assert loss_of(found) == pytest.approx(loss_of(found, poison=poison), rel=1e-6)
    plain = objective(output, 1.0)
    assert loss_of(found) != pytest.approx(loss_of(plain), rel=1e-4)
    batch = plain.windows.gather(torch.arange(len(plain.windows)))
    counted = found.windows.gather(torch.arange(len(found.windows))).weights[:, batch.context.shape[1] :] > 0
    hidden = dataclasses.replace(batch, target_mask=batch.target_mask & counted[..., None], complete=False)
    with torch.no_grad():
        missing = float(plain.model(plain.model.scaled(hidden), truth_probability=0.0))
    assert loss_of(found) == pytest.approx(missing, rel=1e-5)


@pytest.mark.parametrize("name", VALUES)
def test_the_loss_is_the_weighted_mean(name: str) -> None:
    rng = np.random.default_rng(1)
    weights = rng.uniform(0, 5, len(FRAME)).round()
    found, plain = objective(VALUES[name], weights), objective(VALUES[name], 1.0)
    batch = plain.windows.gather(torch.arange(len(plain.windows)))
    with torch.no_grad():
        losses, valid = plain.model.losses(plain.model.scaled(batch), truth_probability=0.0)
    # which days the targets are: the cutoff and those after it
    series, cutoff = plain.windows.locate(torch.arange(len(plain.windows)))
    rows = (series * DAYS + cutoff)[:, None] + torch.arange(7)
    each = torch.from_numpy(weights)[rows][..., None]
    counts = valid & (each > 0)
    first = int(cutoff.min())
    trained = weights.reshape(2, DAYS)[:, first:]
    unit = trained[trained > 0].mean()
    expected = float((losses * each * counts).sum() / unit / counts.sum())
    assert loss_of(found) == pytest.approx(expected, rel=1e-5)


def test_the_validation_error_is_weighted() -> None:
    weights = np.random.default_rng(2).uniform(0.5, 5, len(FRAME))
    settings = {"training": {"validation_size": 7}}
    found, plain = objective(Point("mae"), weights, **settings), objective(Point("mae"), 1.0, **settings)
    assert found.held_out is not None
    batch = plain.held_out.gather(torch.arange(2))
    with torch.no_grad():
        losses, _ = plain.model.losses(plain.model.scaled(batch), truth_probability=0.0)
        expected = np.average(losses[..., 0].numpy(), weights=weights.reshape(2, DAYS)[:, -7:])
        assert found.validate() == pytest.approx(expected, rel=1e-5)
        assert plain.validate() == pytest.approx(float(losses.mean()), rel=1e-5)


@pytest.mark.parametrize("name", ["mae", "normal", "soft_dtw"])
def test_equal_weights_are_none(name: str) -> None:
    settings = {"training": {"validation_size": 7}, "network_share": 1.0}
    plain = forecaster(OUTPUTS[name], **settings | {"weight_col": None}).fit(FRAME)
    equal = forecaster(OUTPUTS[name], **settings).fit(FRAME.assign(w=0.3))
    pd.testing.assert_frame_equal(
        plain.history_.drop(columns="seconds"), equal.history_.drop(columns="seconds"), check_exact=True
    )
    pd.testing.assert_frame_equal(plain.predict(), equal.predict(), check_exact=True)
    weighted = forecaster(OUTPUTS[name], **settings).fit(FRAME.assign(w=SERIES_WEIGHTS))
    assert not np.allclose(
        weighted.history_["validation_error"], plain.history_["validation_error"], rtol=1e-7
    )


@pytest.mark.parametrize("name", WINDOWS)
def test_losses_of_windows_refuse_weights_that_vary_within_a_series(name: str) -> None:
    weights = SERIES_WEIGHTS.copy()
    weights[DAYS + 30] = 0.0
    assert np.isfinite(loss_of(objective(WINDOWS[name], weights)))
    weights[DAYS + 31] = 3.0
    with pytest.raises(ParameterError, match=rf"weight_col.*{name}|SMAPE|MASE.*series 'b' vary .*2024-02-01"):
        forecaster(WINDOWS[name]).fit(FRAME.assign(w=weights))


@pytest.mark.parametrize(
    ("place", "value", "match"),
    [
        (3, -1.0, r"weight_col 'w' is -1 at 2024-01-04.* of series 'a' \(row 3\)"),
        (DAYS, np.nan, r"weight_col 'w' is nan at 2024-01-01.* of series 'b' \(row 60\)"),
        (0, np.inf, "weight_col 'w' is inf"),
        (slice(None), 0.0, "weight_col 'w' is 0 in every row"),
    ],
)
def test_what_is_no_weight_is_refused(place: Any, value: float, match: str) -> None:
    weights = np.ones(len(FRAME))
    weights[place] = value
    with pytest.raises(DataError, match=match):
        forecaster().fit(FRAME.assign(w=weights))


def test_columns_that_cannot_be_weights() -> None:
    with pytest.raises(DataError, match="no column 'w'"):
        forecaster().fit(FRAME)
    with pytest.raises(DataError, match="weight_col 'w' has the type"):
        forecaster().fit(FRAME.assign(w="heavy"))
    with pytest.raises(ParameterError, match="column 'y' is in target_col and in weight_col"):
        forecaster(weight_col="y").fit(FRAME)
    with pytest.raises(DataError, match=r"array.*\['y', 'w'\]"):
        forecaster(freq=None).fit(FRAME["y"].to_numpy())


def test_a_part_without_weight_is_refused() -> None:
    last = FRAME.groupby("unique_id").cumcount() >= DAYS - 7
    for weights, part in ((last, "to train on"), (~last, "held out")):
        with pytest.raises(DataError, match=f"weight_col is 0 at every step {part}"):
            forecaster(training={"validation_size": 7}).fit(FRAME.assign(w=weights.astype(float)))
    # the first context has no targets before it
    first = (FRAME.groupby("unique_id").cumcount() < 3).astype(float)
    with pytest.raises(DataError, match="weight_col is 0 at every step to train on"):
        forecaster().fit(FRAME.assign(w=first))


def test_rows_without_a_target_need_no_weight() -> None:
    y, weights = FRAME["y"].copy(), SERIES_WEIGHTS.copy()
    y.iloc[5], weights[5] = np.nan, np.nan
    found = objective(Point("mae"), 1.0)
    assert np.isfinite(loss_of(found))
    assert forecaster().fit(FRAME.assign(y=y, w=weights)).n_steps_ == 4


def weighted() -> pd.DataFrame:
    return FRAME.assign(w=SERIES_WEIGHTS * (1 + np.arange(len(FRAME)) % 3))


def test_forecasts_need_no_weights_and_saved_models_keep_the_parameter(tmp_path) -> None:
    model = forecaster(training={"validation_size": 7}).fit(weighted())
    expected = model.predict()
    pd.testing.assert_frame_equal(model.predict(FRAME), expected)
    pd.testing.assert_frame_equal(
        model.predict(weighted().sample(frac=1.0, random_state=0)), expected, check_like=True
    )
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.weight_col == "w"
    pd.testing.assert_frame_equal(again.predict(), expected)
    assert again.fit(weighted(), warm_start=True).n_steps_ == 4
    assert (
        len(model.calibrate(FRAME.replace({"unique_id": {"a": "c", "b": "d"}}), step=2).predict(levels=[80]))
        == 14
    )
    assert np.isfinite(model.score(FRAME.assign(ds=FRAME["ds"] + pd.Timedelta(days=DAYS))))


def test_every_form_of_frame_with_columns() -> None:
    polars = pytest.importorskip("polars")
    long = weighted()
    expected = forecaster().fit(long)
    forms = {
        "polars": polars.from_pandas(long),
        "index": long.set_index(["unique_id", "ds"]),
        "wide": long.pivot_table(index="ds", columns="unique_id", values=["y", "w"]).swaplevel(
            axis="columns"
        ),
        "shuffled": pd.concat([long[:1], long[1:].sample(frac=1.0, random_state=1)]),
    }
    for name, frame in forms.items():
        found = forecaster().fit(frame)
        np.testing.assert_array_equal(found.history_["loss"], expected.history_["loss"], err_msg=name)
    wide = long.pivot_table(index="ds", columns="unique_id", values="y")
    assert forecaster().fit(forms["wide"]).predict(wide).shape == (7, 2)


def test_comparisons_carry_weights_along() -> None:
    polars = pytest.importorskip("polars")
    model = forecaster(network_share=1.0)
    expected = backtest(model, weighted(), windows=2)
    found = backtest(model, polars.from_pandas(weighted()), windows=2).to_pandas()
    np.testing.assert_array_equal(found["Seq2Seq"], expected["Seq2Seq"])
    assert not np.array_equal(backtest(model, FRAME.assign(w=1.0), windows=2)["Seq2Seq"], expected["Seq2Seq"])
    ensemble = Seq2SeqEnsemble([forecaster(), forecaster(seed=1)]).fit(polars.from_pandas(weighted()))
    assert len(ensemble.predict(polars.from_pandas(FRAME))) == 14
    with pytest.raises(ParameterError, match="weight_col"):
        Seq2SeqEnsemble([forecaster(), forecaster(weight_col=None)]).fit(weighted())
