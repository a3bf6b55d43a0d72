"""The same on a GPU: forecasts agree with the CPU's, models move between the two."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import (
    Binned,
    Linear,
    NegativeBinomial,
    Network,
    Normal,
    Point,
    Quantiles,
    Seq2SeqForecaster,
    StudentT,
    Training,
    load,
)
from tsseq2seq.data.scaling.registry import SCALINGS
from tsseq2seq.errors import ParameterError, TrainingError
from tsseq2seq.forecasting.objective import SeriesObjective
from tsseq2seq.forecasting.training_task import TrainingTask
from tsseq2seq.hardware.devices import resolve_device, resolve_precision
from tsseq2seq.training.captured_steps import captured_steps
from tsseq2seq.training.step import make_optimizer

pytestmark = pytest.mark.gpu


def panel(count: int = 5, length: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    steps = np.arange(length)
    parts = [
        pd.DataFrame({
            "unique_id": f"s{place}",
            "ds": pd.date_range("2024-01-01", periods=length, freq="D"),
            "y": 10.0**place + np.sin(2 * np.pi * steps / 7) + 0.1 * rng.normal(size=length),
        })
        for place in range(count)
    ]  # fmt: skip
    df = pd.concat(parts, ignore_index=True)
    return df.drop(index=[3, 4, 200])


DF = panel()


def forecaster(device: str = "cuda", *, steps: int = 10, **settings) -> Seq2SeqForecaster:
    options = {"max_steps": steps, "device": device, "precision": "float32", "progress": False}
    training = Training(**(options | settings.pop("training", {})))
    return Seq2SeqForecaster(7, **({"network": Network(hidden_size=16)} | settings), training=training)


def close(one: pd.DataFrame, other: pd.DataFrame, atol: float) -> None:
    pd.testing.assert_frame_equal(
        one.drop(columns="Seq2Seq"), other.drop(columns="Seq2Seq"), atol=atol, rtol=1e-4
    )
    np.testing.assert_allclose(one["Seq2Seq"], other["Seq2Seq"], atol=atol, rtol=1e-4)


def test_auto_chooses_the_gpu_and_bf16() -> None:
    device = resolve_device("auto")
    assert device.type == "cuda"
    assert resolve_precision("auto", device) == torch.bfloat16


def test_all_of_a_fitted_model_lies_on_the_gpu() -> None:
    model = forecaster().fit(DF)
    assert {parameter.device.type for parameter in model.fitted_.members[0].parameters()} == {"cuda"}
    assert model.fitted_.panel.values.device.type == "cuda"


NETWORKS = {
    "plain": {},
    "attention": {"attention": "additive", "bidirectional": True},
    "before": {"attention": "dot", "attention_position": "before", "cell": "gru"},
    "parallel": {"decoding": "parallel", "residual": "segment"},
    "convolutional": {"encoder": "convolutional", "context": "max", "output_reads": "previous+context"},
    "self-attention": {"encoder": "attention", "attention": "dot", "attention_alignment": "predicted"},
    "learned": {"encoder": "attention", "positions": "learned", "causal": True, "reversed_source": True},
    "both": {"encoder": "convolutional+recurrent", "context": "attention", "initial_state": "learned", "feed_context": True},
}  # fmt: skip


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS.keys())
@pytest.mark.parametrize("scaling", SCALINGS)
def test_a_model_forecasts_on_the_gpu_what_it_forecasts_on_the_cpu(
    network: dict, scaling: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = forecaster("auto", network=Network(hidden_size=16, **network), scaling=scaling).fit(DF)
    model.save(tmp_path / "model")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    loaded = load(tmp_path / "model")
    assert {parameter.device.type for parameter in loaded.fitted_.members[0].parameters()} == {"cpu"}
    close(loaded.predict(), model.predict(), atol=2e-2)
    close(loaded.predict(DF), model.predict(DF), atol=2e-2)


def test_the_same_seed_gives_the_same_model() -> None:
    losses = [forecaster().fit(DF).history_["loss"].to_numpy() for _ in range(2)]
    np.testing.assert_allclose(*losses, rtol=1e-4)


def test_the_first_weights_are_the_cpus() -> None:
    """Weights are drawn on the CPU; windows and coins are not, so that whole trainings differ."""
    weights = []
    for device in ("cuda", "cpu"):
        model = forecaster(device, steps=1, training={"learning_rate": 1e-12}).fit(DF).fitted_.members[0]
        weights.append(torch.cat([parameter.detach().cpu().flatten() for parameter in model.parameters()]))
    torch.testing.assert_close(*weights, atol=1e-6, rtol=0)


@pytest.mark.parametrize("precision", ["bf16", "auto"])
def test_bf16_training_learns_and_predicts_in_float32(precision: str) -> None:
    model = forecaster(steps=60, training={"precision": precision, "learning_rate": 0.01}).fit(DF)
    assert model.history_["loss"][-5:].mean() < model.history_["loss"][:5].mean()
    together = model.predict().set_index("unique_id")["Seq2Seq"]
    alone = model.predict(DF[DF["unique_id"] == "s0"])["Seq2Seq"]
    np.testing.assert_allclose(alone, together.loc["s0"], atol=1e-2)  # TF32


def test_teacher_forcing_with_coins() -> None:
    model = forecaster(
        training={"teacher_forcing": 0.5},
        network=Network(hidden_size=8),
    )
    assert np.isfinite(model.fit(DF).predict()["Seq2Seq"]).all()


OUTPUTS = {
    "normal": {"output": Normal(), "segment_length": 7},
    "student": {"output": StudentT(), "network": Network(hidden_size=8, decoding="parallel")},
    "counts": {"output": NegativeBinomial()},
    "bins": {"output": Binned(bins=20), "calendar": "auto"},
}


@pytest.mark.parametrize("settings", OUTPUTS.values(), ids=OUTPUTS.keys())
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_distributions_train_and_draw_on_the_gpu(settings: dict, precision: str, tmp_path: Path) -> None:
    df = DF.assign(y=DF["y"].round())
    model = forecaster(training={"precision": precision, "members": 2}, **settings).fit(df)
    assert {member.coupling.device.type for member in model.fitted_.members} == {"cuda"}
    assert np.isfinite(model.history_["loss"]).all()
    paths = [model.sample(num_samples=5) for _ in range(2)]
    pd.testing.assert_frame_equal(*paths)
    assert np.isfinite(paths[0]["Seq2Seq"]).all()
    forecast = model.predict(levels=[80])
    assert (forecast["Seq2Seq-lo-80"] <= forecast["Seq2Seq-hi-80"]).all()
    model.save(tmp_path / "model")
    pd.testing.assert_frame_equal(load(tmp_path / "model").sample(num_samples=5), paths[0])


def test_a_warm_start_goes_on_with_the_state_of_the_gpus_optimiser(tmp_path: Path) -> None:
    model = forecaster(calendar="auto").fit(DF)
    model.save(tmp_path / "model", optimizer_state=True)
    loaded = load(tmp_path / "model").fit(DF, warm_start=True, optimizer_state=True)
    model.fit(DF, warm_start=True, optimizer_state=True)
    (state,) = loaded.optimizer_states_
    assert {float(entry["step"]) for entry in state["state"].values()} == {20.0}
    np.testing.assert_allclose(loaded.history_["loss"], model.history_["loss"], rtol=1e-3)


def test_a_model_is_calibrated_on_the_gpu() -> None:
    model = (
        forecaster().fit(DF).calibrate(panel(8, 60).assign(unique_id=lambda df: "other " + df["unique_id"]))
    )
    assert np.isfinite(model.predict(levels=[50])["Seq2Seq-lo-50"]).all()


def test_validation_runs_on_the_gpu() -> None:
    model = forecaster(training={"validation_size": 7, "patience": 3}).fit(DF)
    assert np.isfinite(model.history_["validation_error"].dropna()).all()


def test_random_states_of_the_caller_are_untouched() -> None:
    before = torch.get_rng_state(), torch.cuda.get_rng_state()
    forecaster(network=Network(hidden_size=8, num_layers=2, dropout=0.3)).fit(DF).predict()
    assert torch.equal(torch.get_rng_state(), before[0])
    assert torch.equal(torch.cuda.get_rng_state(), before[1])


def test_max_time_counts_what_the_gpu_does() -> None:
    forecaster(steps=2).fit(DF)  # the first use of the GPU takes seconds
    begun = time.monotonic()
    forecaster(training={"max_steps": None, "max_time": 3.0}).fit(DF)
    torch.cuda.synchronize()
    assert 1.0 <= time.monotonic() - begun <= 4.5


# 2 series without gaps, so that nothing is padded; with a price that matters and a shop's name
WHOLE = panel(4, 120).ffill()
WHOLE["price"] = np.arange(len(WHOLE)) % 5.0
WHOLE["shop"] = WHOLE["unique_id"].str.replace("s", "shop ")
CAPTURED = {
    "own outputs": {"training": {"teacher_forcing": 0.0}},
    "truth": {"training": {"teacher_forcing": 1.0}},
    "all forms": {"training": {"teacher_forcing": Linear(), "max_steps": 40}, "segment_length": 1},
    "average": {"training": {"ema": 0.9, "validation_size": 7}},
    "adam, no clipping": {"training": {"optimizer": "adam", "clip_norm": None}},
    "dropout": {"network": Network(hidden_size=16, num_layers=2, dropout=0.3)},
    "bf16": {"training": {"precision": "bf16"}},
    "quantiles": {"output": Quantiles()},
    "normal": {"output": Normal(), "segment_length": 7},
    "bins": {"output": Binned(bins=20)},
    "covariates": {"calendar": "auto", "future_covariates": ["price"], "static_covariates": ["shop"], "lags": [14]},
    "logarithms": {"scaling": "log1p"},
    "series": {"scaling": "series"},
    "last": {"scaling": "last"},
    "mean": {"scaling": "mean"},
    "additive": {"network": Network(hidden_size=16, attention="additive")},
    "before": {"network": Network(hidden_size=16, attention="dot", attention_position="before")},
    "bidirectional": {"network": Network(hidden_size=16, bidirectional=True, attention="multihead")},
    "parallel": {"network": Network(hidden_size=16, decoding="parallel", residual_seasons=2)},
    "convolutional": {"network": Network(hidden_size=16, encoder="convolutional", context="max")},
    "self-attention": {"network": Network(hidden_size=16, encoder="attention", positions="learned", attention="dot")},
    "convolutional+recurrent": {"network": Network(hidden_size=16, encoder="convolutional+recurrent")},
    "local": {"network": Network(hidden_size=16, attention="dot", attention_alignment="predicted")},
    "monotonic": {"network": Network(hidden_size=16, attention="dot", attention_alignment="monotonic")},
    "readout": {"network": Network(hidden_size=16, output_reads="previous+context", context="attention")},
    "learned state": {"network": Network(hidden_size=16, initial_state="learned", feed_context=True)},
    "reversed": {"network": Network(hidden_size=16, reversed_source=True)},
    "learned": {"network": Network(hidden_size=16, residual_weights="learned")},
    "learned, parallel": {
        "network": Network(hidden_size=16, residual_weights="learned", decoding="parallel"),
        "training": {"precision": "bf16"},
    },
}  # fmt: skip


@pytest.mark.parametrize("settings", CAPTURED.values(), ids=CAPTURED.keys())
def test_captured_steps_train_as_those_that_are_made_kernel_by_kernel(settings: dict) -> None:
    losses = []
    for captured in (True, False):
        training = {"max_steps": 15} | settings.get("training", {}) | {"cuda_graphs": captured}
        model = forecaster(**(settings | {"training": training})).fit(WHOLE)
        losses.append(model.history_["loss"].to_numpy())
    assert len(losses[0]) >= 15
    # dropout's random numbers are not the same
    rtol = 0.2 if settings.get("network", Network()).dropout else 2e-2 if "bf16" in str(settings) else 2e-3
    np.testing.assert_allclose(*losses, rtol=rtol)


def test_each_form_of_step_has_a_graph_of_its_own() -> None:
    model = forecaster(
        segment_length=1, training={"teacher_forcing": Linear(start=0.8), "cuda_graphs": True}
    ).fit(WHOLE)
    fitted = model.fitted_
    objective = TrainingTask.of(fitted).objective(fitted.members[0].train(), seed=0)
    steps = captured_steps(objective, make_optimizer(objective, model.training_), model.training_)
    assert steps is not None
    losses = [steps(step, 30) for step in range(30)]
    assert list(steps.graphs) == ["two_passes", "sampling_loop"]
    assert torch.stack(losses).isfinite().all()
    assert len(torch.stack(losses).unique()) == 30  # each replay draws windows of its own


def test_what_cannot_be_captured_is_refused_or_trained_kernel_by_kernel() -> None:
    settings = {"scaling": "robust"}
    with pytest.raises(ParameterError, match="cuda_graphs is True, but scaling is 'robust'"):
        forecaster(training={"cuda_graphs": True}, **settings).fit(WHOLE)
    assert np.isfinite(forecaster(**settings).fit(WHOLE).history_["loss"]).all()


def test_a_loss_that_looks_at_numbers_says_how_to_do_without_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    def loss(forecast: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        return (forecast - truth).abs() * float(truth.abs().max() > 0)

    assert np.isfinite(forecaster(output=Point(loss)).fit(WHOLE).history_["loss"]).all()
    monkeypatch.setattr(SeriesObjective, "reason_not_capturable", None)
    with pytest.raises(TrainingError, match="cuda_graphs=False"):
        forecaster(output=Point(loss)).fit(WHOLE)


def test_max_time_plans_with_the_speed_of_graphs() -> None:
    training = {"max_steps": None, "max_time": 4.0}
    planned = [
        forecaster(segment_length=1, training=training | {"cuda_graphs": captured}).fit(WHOLE)
        for captured in (True, False)
    ]
    steps = [model.history_["step"].iloc[-1] for model in planned]
    assert steps[0] > 2 * steps[1]
    assert planned[0].history_["seconds"].iloc[-1] > 2.0
