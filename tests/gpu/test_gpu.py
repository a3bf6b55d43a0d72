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
    NegativeBinomial,
    Network,
    Normal,
    Quantiles,
    Seq2SeqForecaster,
    StudentT,
    Training,
    load,
)
from tsseq2seq.data.scaling import SCALINGS
from tsseq2seq.training.devices import resolve_device, resolve_precision

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
}


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
        output=Quantiles(),
        network=Network(hidden_size=8, decoding="parallel"),
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
