"""A model that was saved with a device that this machine lacks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.persistence.signing import name_device
from tsseq2seq import load
from tsseq2seq.errors import DeviceError, ModelFileError

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")

KINDS = [
    "forecaster", "ensemble", "autoencoder", "translator", "transcriber", "language_model",
    "synthesizer", "classifier", "tagger",
]  # fmt: skip


def trained_on(saved: Path, folder: Path, device: Any) -> Path:
    """Copy a saved model as if its training had named a device."""
    shutil.copytree(saved, folder)
    name_device(folder, device)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_how_to_load_it_and_loads_so(kind: str, tiny: dict[str, Path], tmp_path: Path) -> None:
    folder = trained_on(tiny[kind], tmp_path / "model", "cuda:1")
    with pytest.raises(ModelFileError, match=r"(?s)device is 'cuda:1'.*load\(path, device='cpu'\)") as told:
        load(folder)
    assert isinstance(told.value.__cause__, DeviceError)
    here, usual = load(folder, device="cpu").learned(), load(tiny[kind]).learned()
    assert here[1].keys() == usual[1].keys()
    assert all(torch.equal(here[1][name], usual[1][name]) for name in usual[1])


def test_afterwards_its_training_names_the_device_asked_for(tiny: dict[str, Path], tmp_path: Path) -> None:
    folder = trained_on(tiny["forecaster"], tmp_path / "model", "cuda")
    model = load(folder, device="cpu")
    assert model.training.device == model.training_.device == "cpu"
    model.save(tmp_path / "again")
    assert load(tmp_path / "again").training.device == "cpu"
    ensemble = load(trained_on(tiny["ensemble"], tmp_path / "ensemble", "cuda"), device="cpu")
    assert {one.training.device for one in [*ensemble.forecasters, *ensemble.forecasters_]} == {"cpu"}


def test_auto_loads_onto_what_there_is(tiny: dict[str, Path], tmp_path: Path) -> None:
    model = load(trained_on(tiny["forecaster"], tmp_path / "model", "auto"))
    assert next(model.fitted_.members[0].parameters()).device.type == "cpu"


@pytest.mark.parametrize("device", ["cuda", "abacus", "cuda:7"])
def test_a_device_that_is_not_here_is_refused(device: str, tiny: dict[str, Path]) -> None:
    with pytest.raises(DeviceError, match=f"device is {device!r}"):
        load(tiny["forecaster"], device=device)


@pytest.mark.parametrize("device", [7, None, ["cpu"], {"a": 1}, "abacus", ""])
def test_whatever_a_file_names_ends_in_a_model_or_its_error(
    device: Any, tiny: dict[str, Path], tmp_path: Path
) -> None:
    folder = trained_on(tiny["forecaster"], tmp_path / "model", device)
    with pytest.raises(ModelFileError):
        load(folder)
    assert load(folder, device="cpu").training.device == "cpu"
