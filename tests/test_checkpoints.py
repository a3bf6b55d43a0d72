"""Checkpoints: a fit that is killed and continued has the same result, bit for bit, as one never interrupted."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.every_estimator import CASES, Case
from tsseq2seq import Training, load
from tsseq2seq.errors import ModelFileError, ParameterError, TrainingWarning
from tsseq2seq.training import folder_checkpoint

STEPS = Training(max_steps=12, members=2, batch_size=4, progress=False, precision="float32")
PROCESSES = multiprocessing.get_context("fork")


def fit(case: Case, training: Training, resume: Any = None, seed: int | None = 0) -> Any:
    return case.make(training, seed).fit(*case.data, resume=resume)


def tensors(model: Any) -> dict[str, torch.Tensor]:
    return model.learned()[1]


def assert_same(ours: Any, expected: Any) -> None:
    mine, theirs = tensors(ours), tensors(expected)
    assert mine.keys() == theirs.keys()
    for name in mine:
        assert torch.equal(mine[name], theirs[name]), name
    assert ours.n_steps_ == expected.n_steps_
    assert ours.history_["loss"].tolist() == expected.history_["loss"].tolist()


def in_another_process(case: Case, training: Training, folder: Path, model_folder: Path) -> Any:
    """Begin or continue a fit in another process, which saves the model at its end."""

    def work() -> None:
        torch.set_num_threads(1)
        os.setpgrp()
        there = any(folder.glob("**/checkpoint.json"))
        model = fit(case, training, folder if there else None)
        model.save(model_folder)
        os._exit(0)

    process = PROCESSES.Process(target=work)
    process.start()
    return process


@pytest.mark.parametrize("name", CASES)
def test_every_estimator_killed_at_random(name: str, tmp_path: Path) -> None:
    case, folder, saved = CASES[name], tmp_path / "checkpoint", tmp_path / "model"
    begun = time.monotonic()
    expected = fit(case, STEPS)
    seconds = time.monotonic() - begun
    training = dataclasses.replace(STEPS, checkpoint=folder, checkpoint_every=1)
    dice = random.Random(name)
    for kills in range(4):
        process = in_another_process(case, training, folder, saved)
        # the last ones are left in peace
        process.join(dice.uniform(0.0, 2.5 * seconds) if kills < 3 else 300)
        if process.exitcode is not None:
            assert process.exitcode == 0
            break
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert_same(load(saved), expected)
    # a finished fit that is continued is there at once
    assert_same(fit(case, training, folder), expected)


def test_sigterm_stores_a_state_and_ends(tmp_path: Path) -> None:
    case, folder, saved = CASES["forecaster"], tmp_path / "checkpoint", tmp_path / "model"
    training = Training(max_steps=150, batch_size=4, progress=False, checkpoint=folder, checkpoint_every="1h")
    process = in_another_process(case, training, folder, saved)
    while not (folder / "checkpoint.json").exists():
        time.sleep(0.01)
    time.sleep(0.3)
    process.terminate()
    process.join(60)
    assert process.exitcode == -signal.SIGTERM
    assert (folder / "training.safetensors").exists()
    assert not json.loads((folder / "checkpoint.json").read_text())["finished"]
    expected = fit(case, dataclasses.replace(training, checkpoint=None, checkpoint_every=None))
    assert_same(fit(case, training, folder), expected)


def test_a_handler_of_the_program_is_called_and_left(tmp_path: Path) -> None:
    case, seen = CASES["classifier"], []
    before = signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
    try:
        training = dataclasses.replace(STEPS, checkpoint=tmp_path / "c", checkpoint_every=1)
        model = fit(case, training)
        assert model.n_steps_ == STEPS.max_steps
        os.kill(os.getpid(), signal.SIGTERM)
        assert seen == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


class Killed(Exception):
    pass


@pytest.fixture
def unfinished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Case, Training, Path]:
    """Return a case whose fit ended after six steps, its training and the folder of its checkpoint."""
    case, folder = CASES["classifier"], tmp_path / "checkpoint"
    training = dataclasses.replace(STEPS, members=1, checkpoint=folder, checkpoint_every=5)
    keep = folder_checkpoint._FolderKeeper.keep

    def keep_and_die(self: Any, state: Any) -> None:
        keep(self, state)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(folder_checkpoint._FolderKeeper, "keep", keep_and_die)
        with pytest.raises(Killed):
            fit(case, training)
    return case, training, folder


def test_states_of_an_unfinished_fit_are_not_replaced(unfinished: tuple[Case, Training, Path]) -> None:
    case, training, folder = unfinished
    before = (folder / "training.safetensors").read_bytes()
    with pytest.raises(ParameterError, match="resume"):
        fit(case, training)
    assert (folder / "training.safetensors").read_bytes() == before


def test_a_finished_fit_makes_room_for_another(tmp_path: Path) -> None:
    case = CASES["classifier"]
    training = dataclasses.replace(STEPS, checkpoint=tmp_path / "c", checkpoint_every=5)
    fit(case, training)
    again = fit(case, dataclasses.replace(training, max_steps=3))
    assert again.n_steps_ == 3
    assert_same(fit(case, dataclasses.replace(training, max_steps=3), tmp_path / "c"), again)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"max_steps": 13}, "training.max_steps"),
        ({"learning_rate": 0.5}, "training.learning_rate"),
        ({"members": 2}, "training.members"),
    ],
)
def test_other_settings_are_refused_by_name(
    unfinished: tuple[Case, Training, Path], change: dict, named: str
) -> None:
    case, training, folder = unfinished
    with pytest.raises(ParameterError, match=named):
        fit(case, dataclasses.replace(training, **change), folder)


def test_settings_of_the_estimator_are_compared(unfinished: tuple[Case, Training, Path]) -> None:
    case, training, folder = unfinished
    with pytest.raises(ParameterError, match="seed is 1"):
        fit(case, training, folder, seed=1)
    with pytest.raises(ParameterError, match="Seq2SeqTagger"):
        fit(CASES["tagger"], training, folder)


def test_what_has_no_effect_may_change(unfinished: tuple[Case, Training, Path]) -> None:
    case, training, folder = unfinished
    free = dataclasses.replace(training, checkpoint=None, checkpoint_every=None, max_time=1000.0)
    assert_same(fit(case, free, folder), fit(case, dataclasses.replace(STEPS, members=1)))


def test_other_data_are_refused(unfinished: tuple[Case, Training, Path]) -> None:
    case, training, folder = unfinished
    texts, labels = case.data
    for data in ((texts, labels[::-1]), ([*texts[:-1], "bb"], labels)):
        with pytest.raises(ParameterError, match="data"):
            case.make(training, 0).fit(*data, resume=folder)


@pytest.mark.parametrize("name", [name for name in CASES if name != "ensemble"])
def test_a_warm_start_is_not_continued_by_a_new_fit(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    training = dataclasses.replace(STEPS, members=1, checkpoint=tmp_path / "c", checkpoint_every=5)
    model = case.make(training, 0).fit(*case.data)
    model.fit(*case.data, warm_start=True)
    with pytest.raises(ParameterError, match="data"):
        fit(case, training, tmp_path / "c")


def test_a_folder_without_a_checkpoint(tmp_path: Path) -> None:
    case, empty = CASES["classifier"], tmp_path / "empty"
    with pytest.raises(ModelFileError, match="empty"):
        fit(case, STEPS, empty)
    training = dataclasses.replace(STEPS, checkpoint=empty)
    with pytest.warns(TrainingWarning, match="anew"):
        fit(case, training, empty)


def test_an_ensemble_in_a_folder_without_a_checkpoint(tmp_path: Path) -> None:
    case, empty = CASES["ensemble"], tmp_path / "empty"
    with pytest.raises(ModelFileError, match="empty"):
        fit(case, STEPS, empty)
    with pytest.warns(TrainingWarning, match="anew"):
        fit(case, dataclasses.replace(STEPS, checkpoint=empty), empty)
    assert (empty / "forecaster-1" / "training.safetensors").exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"format": 99, "settings": {}}', b"[]"])
def test_a_broken_manifest(unfinished: tuple[Case, Training, Path], content: bytes) -> None:
    case, training, folder = unfinished
    (folder / "checkpoint.json").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"checkpoint\.json"):
        fit(case, training, folder)


def test_a_broken_state(unfinished: tuple[Case, Training, Path]) -> None:
    case, training, folder = unfinished
    file = folder / "training.safetensors"
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(ModelFileError, match=r"training\.safetensors"):
        fit(case, training, folder)


@pytest.mark.parametrize("when", [1, 2])  # at the begin, and at the end
def test_a_folder_that_cannot_be_written(when: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, writes, replacing = CASES["classifier"], [], folder_checkpoint.replacing

    def full(path: Path) -> Any:
        writes.append(path)
        if len(writes) == when:
            raise OSError(28, "No space left on device")
        return replacing(path)

    monkeypatch.setattr(folder_checkpoint, "replacing", full)
    model = case.make(dataclasses.replace(STEPS, checkpoint=tmp_path / "c", checkpoint_every=5), 0)
    with pytest.raises(ModelFileError, match="No space left"):
        model.fit(*case.data)
    assert hasattr(model, "fitted_") is (when == 2), "what was trained is not lost"


def test_settings(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for wrong in ("soon", "0s", 0, -3, "2.5", "10 days"):
        with pytest.raises(ParameterError, match="checkpoint_every"):
            Training(checkpoint="x", checkpoint_every=wrong)
    with pytest.raises(ParameterError, match="file"):
        Training(checkpoint=tmp_path / "file")
    with pytest.raises(ParameterError, match="checkpoint is None"):
        Training(checkpoint_every=5)
