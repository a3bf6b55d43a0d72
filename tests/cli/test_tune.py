"""The command that searches settings."""

from __future__ import annotations

import re
from pathlib import Path

import optuna
import pandas as pd
import pytest

import tsseq2seq
from tsseq2seq.training import members

QUICK = ("--horizon", 3, "--max-steps", 1, "--metric", "mae")


def test_it_prints_the_best_saves_a_model_and_writes_the_trials(run, airline) -> None:
    done = run("tune", airline, *QUICK, "--trials", 3, "--model", "best", "--output", "trials.csv")
    assert done.status == 0, done.err
    lines = done.out.splitlines()
    assert re.fullmatch(r"3 trials: .*\d complete.*", lines[0])
    assert re.fullmatch(r"mae as given: [\d.]+", lines[1])
    assert re.fullmatch(r"mae at best: [\d.]+ \(trial \d\)", lines[2])
    trials = pd.read_csv("trials.csv")
    assert trials["number"].tolist() == [0, 1, 2]
    complete = trials[trials["state"] == "complete"]
    best = complete.loc[complete["mae"].idxmin()]
    assert lines[2] == f"mae at best: {best['mae']:.4g} (trial {best['number']})"
    model = tsseq2seq.load("best")
    assert model.horizon == 3
    assert model.network_.hidden_size == best["network__hidden_size"]
    assert f"  network__hidden_size = {best['network__hidden_size']}" in lines


def test_the_same_command_joins_the_study(run, airline) -> None:
    shared = ("--storage", "journal://study.log", "--study", "mine")
    first = run("tune", airline, *QUICK, "--trials", 2, *shared)
    second = run("tune", airline, *QUICK, "--trials", 1, *shared)
    assert (first.status, second.status) == (0, 0), second.err
    assert first.out.startswith("2 trials")
    assert second.out.startswith("3 trials")
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend("study.log"))
    study = optuna.load_study(study_name="mine", storage=storage)
    assert sum(trial.user_attrs.get("as_given", False) for trial in study.trials) == 1


class TestRefusals:
    @pytest.fixture(autouse=True)
    def no_training(self, monkeypatch) -> None:
        monkeypatch.setattr(members, "train", lambda *_, **__: pytest.fail("training began"))

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--metric", "msae"), "msae"),
            (("--trials", 0), "trials"),
            (("--jobs", 0), "jobs"),
            (("--storage", "study.db"), "storage is 'study.db'; it must be a URL"),
            (("--storage", "sqlite:////nowhere/at/all.db"), "cannot be reached"),
            (("--windows", 50), "50 cutoffs of 3 steps are held out"),
            (("--output", "trials.xls"), "trials.xls"),
        ],
        ids=["metric", "trials", "jobs", "no_url", "folder", "windows", "output"],
    )
    def test_before_anything_is_trained(self, refused, airline, arguments, said) -> None:
        assert said in refused("tune", airline, *QUICK, *arguments)

    def test_a_study_of_other_data(self, run, airline, monkeypatch) -> None:
        monkeypatch.undo()
        shared = ("--storage", "journal://study.log")
        monkeypatch.chdir(airline.parent)
        assert run("tune", airline, *QUICK, "--trials", 1, *shared).status == 0
        other = Path("other.csv")
        other.write_text(airline.read_text().replace("1949-01,100", "1949-01,101"))
        done = run("tune", other, *QUICK, "--trials", 1, *shared)
        assert done.status == 2
        assert "was made for another data" in done.err
