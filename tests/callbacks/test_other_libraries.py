"""TensorBoard and MLflow, the real packages; without them, an error that names the extra."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.callbacks.test_callbacks import AIR, forecaster
from tsseq2seq.callbacks import Callback, MLflow, TensorBoard
from tsseq2seq.errors import MissingDependencyError


@pytest.mark.filterwarnings("ignore")  # tensorboard's own
def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="tensorboard is not installed; the extra tensorboard has it")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    model = forecaster(TensorBoard(tmp_path, every=2), validation_size=12, validation_every=8).fit(AIR)
    events = EventAccumulator(str(tmp_path / "training")).Reload()
    assert [event.step for event in events.Scalars("loss")] == [2, 4, 6, 8]
    (error,) = events.Scalars("validation_error")
    assert error.value == pytest.approx(model.history_["validation_error"].dropna().item(), rel=1e-5)


@pytest.mark.filterwarnings("ignore")  # mlflow's own
def test_mlflow_has_the_run(tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow", reason="mlflow is not installed; the extra mlflow has it")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/runs.db")
    model = forecaster(MLflow(every=4), validation_size=12, validation_every=8).fit(AIR)
    assert mlflow.active_run() is None
    (run,) = mlflow.search_runs(output_format="list")
    assert run.data.params["max_steps"] == "8"
    assert run.data.tags["stopped"] == "steps"
    wanted = model.history_["validation_error"].dropna().item()
    assert run.data.metrics["validation_error"] == pytest.approx(wanted, rel=1e-6)
    with mlflow.start_run() as outer:
        for steps in (3, 4):  # other settings: each training has a run of its own inside
            forecaster(MLflow(every=2), max_steps=steps).fit(AIR)
        assert mlflow.active_run().info.run_id == outer.info.run_id
    inside = [
        run for run in mlflow.search_runs(output_format="list")
        if run.data.tags.get("mlflow.parentRunId") == outer.info.run_id
    ]  # fmt: skip
    assert sorted(run.data.params["max_steps"] for run in inside) == ["3", "4"]


@pytest.mark.parametrize(
    ("callback", "package"), [(TensorBoard("runs"), "tensorboard"), (MLflow(), "mlflow")]
)
def test_a_package_that_is_not_installed_is_named(
    callback: Callback, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match=package):
        forecaster(callback).fit(AIR)
