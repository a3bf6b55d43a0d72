"""Losses of whole windows by name: each goes all the way, and sees what it says it sees."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Network, Point, Seq2SeqForecaster, Training, load
from tsseq2seq.errors import ParameterError
from tsseq2seq.evaluation.metrics import mase_scale
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.nn.losses import MASE, SMAPE, WINDOW_LOSSES, SoftDTW


def weeks(name: str, days: int, level: float, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    y = level * (1 + 0.4 * np.sin(np.arange(days) * 2 * np.pi / 7) + 0.05 * rng.normal(size=days))
    y[days // 2] = np.nan
    return pd.DataFrame({"unique_id": name, "ds": pd.date_range("2024-01-01", periods=days), "y": y})


FRAME = pd.concat([weeks("small", 90, 3.0), weeks("large", 70, 4000.0, seed=1)], ignore_index=True)


def forecaster(loss, **settings) -> Seq2SeqForecaster:
    training = Training(max_steps=20, batch_size=16, progress=False, validation_size=7)
    return Seq2SeqForecaster(
        7, network=Network(hidden_size=8), output=Point(loss), training=training, season_length=7, seed=0,
        network_share=1.0, **settings,
    )  # fmt: skip


@pytest.mark.parametrize("scaling", [None, "log1p", "series"])
@pytest.mark.parametrize("loss", [*WINDOW_LOSSES, SoftDTW(0.5, divergence=True)])
def test_fit_save_load_and_go_on(loss, scaling: str | None, tmp_path) -> None:
    model = forecaster(loss, scaling=scaling).fit(FRAME)
    assert model.output_.loss == (MASE(7) if loss == "mase" else loss)
    assert np.isfinite(model.history_["validation_error"].dropna()).all()
    forecast = model.predict()
    assert np.isfinite(forecast["Seq2Seq"]).all()
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    pd.testing.assert_frame_equal(loaded.predict(), forecast, check_exact=True)
    assert loaded.fit(FRAME, warm_start=True).output_ == model.output_


@pytest.mark.parametrize("scaling", ["window", "log1p", "mean"])
def test_losses_in_original_units_are_the_metrics_of_the_forecasts(scaling: str) -> None:
    """The validation error is computed once more, from forecasts and rows, without the library's windows."""
    for loss, name in ((SMAPE(), "smape"), (MASE(), "mase")):
        model = forecaster(loss, scaling=scaling, context_length=21).fit(FRAME)
        task = TrainingTask.of(model.fitted_)
        with torch.no_grad():
            found = task.objective(model.fitted_.members[0], seed=0).validate()
        known = FRAME.groupby("unique_id").head(-7)
        errors = []
        for series, rows in FRAME.groupby("unique_id"):
            history = known[known["unique_id"] == series]
            truth = rows["y"].to_numpy()[-7:]
            forecast = model.predict(history)["Seq2Seq"].to_numpy()
            error = np.abs(forecast - truth)
            if name == "smape":
                errors.append(np.mean(200 * error / (np.abs(forecast) + np.abs(truth))))
            else:
                errors.append(np.mean(error) / mase_scale(history["y"].to_numpy()[-21:], 7))
        assert found == pytest.approx(np.mean(errors), rel=2e-4)


def test_a_loss_by_name_and_as_a_class_is_one() -> None:
    parameters, truth = torch.randn(2, 5, 1, 1), torch.randn(2, 5, 1)
    valid = torch.ones(2, 5, 1, dtype=torch.bool)
    by_name, _ = Point("soft_dtw").losses(parameters, truth, valid)
    by_class, _ = Point(SoftDTW()).losses(parameters, truth, valid)
    assert torch.equal(by_name, by_class)


@pytest.mark.parametrize("loss", list(WINDOW_LOSSES))
def test_a_loss_of_windows_is_no_loss_of_single_values(loss: str) -> None:
    with pytest.raises(TypeError, match="the loss of a whole horizon"):
        Point(loss).elementwise_loss(torch.zeros(2, 3, 1, 1), torch.zeros(2, 3, 1))


def test_an_unknown_name_is_refused_with_all_that_there_are() -> None:
    with pytest.raises(ParameterError, match=r"loss is 'dtw'.*'mae'.*'soft_dtw'.*'mase'"):
        Point("dtw")
