"""Pretraining: it begins as the base, learns, is deterministic, and goes on after an interruption."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from tests.pretraining.small import GENERATOR, SETTINGS
from tsseq2seq.errors import ModelFileError, ParameterError
from tsseq2seq.forecasting.pretrained_design import OUTPUT
from tsseq2seq.forecasting.pretrained_weights import pretrained_model, write_weights
from tsseq2seq.pretraining import __main__ as command
from tsseq2seq.pretraining import pretrain as module
from tsseq2seq.pretraining.chunks import Chunks
from tsseq2seq.pretraining.objective import PretrainingModule
from tsseq2seq.pretraining.pretrain import pretrain
from tsseq2seq.training.training import Training

TRAINING = Training(max_steps=6, device="cpu", progress=False, validation_size=1, validation_every=3)


def weights(training: Training = TRAINING, **options: object) -> dict[str, torch.Tensor]:
    model, _ = pretrain(SETTINGS, training, generator=GENERATOR, processes=0, **options)
    return model.state_dict()


def test_the_same_seed_gives_the_same_weights_whoever_generates() -> None:
    first, second = weights(), weights()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_first_forecast_is_the_base() -> None:
    model, _ = pretrain(
        SETTINGS, Training(max_steps=1, learning_rate=1e-12, device="cpu", progress=False),
        generator=GENERATOR, processes=0,
    )  # fmt: skip
    chunk = Chunks(SETTINGS, GENERATOR)[0].rows(slice(5))
    with torch.no_grad():
        state, memory = model.network.start(model.network.encode(*chunk.inputs))
        output, _, _ = model.network.step(chunk.first, 0, state, memory)
    torch.testing.assert_close(OUTPUT.point(output)[:, 0, :, 0], chunk.bases[:, 0], rtol=1e-4, atol=1e-4)


def test_it_learns_what_is_left() -> None:
    training = Training(
        max_steps=60,
        learning_rate=3e-3,
        device="cpu",
        progress=False,
        validation_size=1,
        validation_every=60,
    )
    settings = dataclasses.replace(SETTINGS, held_back=12)
    _, record = pretrain(settings, training, generator=GENERATOR, processes=0)
    errors = [row["validation_error"] for row in record.history if row["validation_error"] > 0]
    untrained = PretrainingModule(module.build_pretrained(module.PRETRAINED_SIZES["small"]))
    module._begin_as_the_base(untrained.model)
    held_back = Chunks(settings, GENERATOR).held_back()
    with torch.no_grad():
        before = torch.cat([untrained.losses(chunk) for chunk in held_back]).mean().item()
    assert errors[-1] < 0.9 * before


def test_an_interrupted_one_goes_on_with_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = weights()
    kept = Training(
        max_steps=6,
        device="cpu",
        progress=False,
        validation_size=1,
        validation_every=3,
        checkpoint=tmp_path,
        checkpoint_every=1,
    )
    real, calls = module.PretrainingObjective.batch_loss, []

    def dying(self: object, step: int, total: int) -> torch.Tensor:
        calls.append(step)
        if len(calls) == 4:
            raise RuntimeError("the power failed")
        return real(self, step, total)  # type: ignore[arg-type]

    monkeypatch.setattr(module.PretrainingObjective, "batch_loss", dying)
    with pytest.raises(RuntimeError, match="power"):
        weights(kept)
    monkeypatch.undo()
    resumed = weights(kept, resume=tmp_path)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_it_begins_from_given_weights_and_resumes_only_from_them(tmp_path: Path) -> None:
    first, _ = pretrain(SETTINGS, TRAINING, generator=GENERATOR, processes=0)
    write_weights(first, tmp_path / "first.safetensors")
    still = dataclasses.replace(
        TRAINING, max_steps=1, learning_rate=1e-12, checkpoint=tmp_path / "states", checkpoint_every=1
    )
    begun = weights(still, begin=tmp_path / "first.safetensors")
    for name, tensor in first.state_dict().items():
        torch.testing.assert_close(begun[name], tensor, rtol=0, atol=1e-9)
    with pytest.raises(ParameterError, match="the data, or the networks"):
        weights(still, resume=tmp_path / "states")


def test_weights_to_begin_from_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"no\.safetensors"):
        weights(begin=tmp_path / "no.safetensors")


def test_the_command_writes_weights_that_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def small(settings: object, training: Training, **options: object) -> object:
        return pretrain(SETTINGS, training, generator=GENERATOR, processes=0)

    monkeypatch.setattr(command, "pretrain", small)
    output = tmp_path / "folder" / "small.safetensors"
    assert command.main(["--steps", "2", "--device", "cpu", "--output", str(output)]) == 0
    assert "2 steps" in capsys.readouterr().out
    model = pretrained_model("small", output)
    assert not model.training


def test_the_command_names_what_it_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--size", "huge"]) == 2
    assert "huge" in capsys.readouterr().err
