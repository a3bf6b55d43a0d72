"""--checkpoint, --checkpoint-every and --resume."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import load
from tsseq2seq.training import folder_checkpoint

FIT = ("--horizon", 3, "--max-steps", 12, "--model", "m")


@pytest.fixture
def interrupted(run, airline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a fit end by SIGTERM after five steps."""
    keep = folder_checkpoint._FolderKeeper.keep

    def keep_at_a_signal(self, state) -> None:
        if state["run"] is not None and state["run"]["reached"] == 5:
            os.kill(os.getpid(), signal.SIGTERM)
        keep(self, state)

    with monkeypatch.context() as patch:
        patch.setattr(folder_checkpoint._FolderKeeper, "keep", keep_at_a_signal)
        done = run("fit", airline, *FIT, "--checkpoint", "states", "--checkpoint-every", 5)
    assert done.status == 130
    assert "--resume" in done.err
    assert not Path("m").exists()


def test_an_interrupted_fit_goes_on(interrupted, run, airline: Path) -> None:
    done = run("fit", airline, *FIT, "--checkpoint", "states", "--resume")
    assert done.status == 0
    assert run("fit", airline, *FIT[:-1], "whole").status == 0
    resumed, whole = (load(name).learned()[1] for name in ("m", "whole"))
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)


def test_it_is_not_lost_by_a_new_fit(interrupted, refused, airline: Path) -> None:
    message = refused("fit", airline, *FIT, "--checkpoint", "states")
    assert "--resume" in message
    assert "fit(" not in message


def test_other_options_are_refused(interrupted, refused, airline: Path) -> None:
    other = ("--horizon", 3, "--max-steps", 13, "--model", "m")
    message = refused("fit", airline, *other, "--checkpoint", "states", "--resume")
    assert message.startswith("--max-steps is 13")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--resume",), "--checkpoint"),
        (("--checkpoint-every", 5), "--checkpoint DIR"),
        (("--checkpoint", "states", "--checkpoint-every", "soon"), "--checkpoint-every is 'soon'"),
        (("--checkpoint", "data.csv"), "--checkpoint is 'data.csv'"),
    ],
)
def test_bad_options(refused, airline: Path, options: tuple, named: str) -> None:
    assert named in refused("fit", airline, *FIT, *options)


@pytest.mark.filterwarnings("default:resume")
def test_nothing_to_resume_yet(run, airline: Path) -> None:
    done = run("fit", airline, *FIT, "--checkpoint", "states", "--resume")
    assert done.status == 0
    assert "no checkpoint in states yet" in done.err
    assert "resume:" not in done.err


def test_translators_too(run, tmp_path: Path) -> None:
    (tmp_path / "pairs.txt").write_text("ab\tba\nbc\tcb\nca\tac\nabc\tcba\n", encoding="utf-8")
    fit = ("translate", "fit", "pairs.txt", "--model", "m", "--max-steps", 4, "--hidden-size", 8)
    options = ("--checkpoint", "states", "--checkpoint-every", 2)
    # a tenth of four pairs cannot be held out
    fit = (*fit, "--validation-size", 0)
    assert run(*fit, *options).status == 0
    assert run(*fit, *options, "--resume").status == 0


def hourly(folder: Path) -> Path:
    hours = pd.date_range("2024-01-01", periods=240, freq="h")
    y = np.sin(2 * np.pi * hours.hour.to_numpy() / 24)
    y = (y + np.random.default_rng(0).normal(0, 0.1, len(y))).round(4)
    pd.DataFrame({"hour": hours, "y": y}).to_csv(folder / "hourly.csv", index=False)
    return folder / "hourly.csv"


def test_anomalies_too(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = hourly(tmp_path)
    command = ("anomalies", data, "--max-steps", 12, "--false-alarms", 0.1)
    stored = ("--checkpoint", "states", "--checkpoint-every", 5)
    keep = folder_checkpoint._FolderKeeper.keep

    def keep_at_a_signal(self, state) -> None:
        if state["run"] is not None and state["run"]["reached"] == 5:
            os.kill(os.getpid(), signal.SIGTERM)
        keep(self, state)

    with monkeypatch.context() as patch:
        patch.setattr(folder_checkpoint._FolderKeeper, "keep", keep_at_a_signal)
        done = run(*command, *stored, "--model", "m")
    assert done.status == 130
    assert "--resume" in done.err
    assert not Path("m").exists()
    resumed = run(*command, *stored, "--resume", "--model", "m")
    whole = run(*command, "--model", "whole")
    assert (resumed.status, whole.status) == (0, 0)
    assert resumed.out == whole.out
    one, other = (load(name).learned()[1] for name in ("m", "whole"))
    assert all(torch.equal(one[name], other[name]) for name in other)


@pytest.mark.parametrize("options", [("--checkpoint", "states"), ("--resume",), ("--checkpoint-every", "5")])
def test_a_model_that_is_fitted_takes_no_checkpoints(run, refused, tmp_path: Path, options: tuple) -> None:
    data = hourly(tmp_path)
    assert run("anomalies", data, "--max-steps", 2, "--false-alarms", 0.1, "--model", "m").status == 0
    assert f"{options[0]} is given" in refused("anomalies", data, "--model", "m", *options)
