"""Remedies in the command's words."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

import tsseq2seq
from tsseq2seq.cli.wording import as_options

QUICK = ("--max-steps", "2")
CASES = [
    ("season_length=7", "--season 7"),
    ("pass freq='D' or freq=1", "give --freq D or --freq 1"),
    ("set context_length=3.", "set --context-length 3."),
    ("nothing to say", "nothing to say"),
    ("refit=True compares like with like.", "--refit-every 1 compares like with like."),
    ("Network: hidden_size is 0", "network__hidden_size is 0"),
    ("column 'max_time' is text", "column 'max_time' is text"),
]


def test_settings_become_options() -> None:
    for python, command in CASES:
        assert as_options(python) == command


def test_two_options_of_which_one_would_be_ignored_are_named_as_options(run, tmp_path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("a b\tc d\nb a\td c\n")
    done = run("translate", "fit", pairs, "--model", "M", "--truncate-side", "front", *QUICK)
    assert done.status == 2
    assert "--truncate-side is front but there is no --truncate" in done.err
    assert run("translate", "fit", pairs, "--model", "M", *QUICK).status == 0
    (tmp_path / "texts.txt").write_text("a b\n")
    done = run("translate", "predict", tmp_path / "texts.txt", "--model", "M", "--diversity", 0.5)
    assert done.status == 2
    assert "--diversity is 0.5 but --groups is 1" in done.err


def noise(path: Path) -> Path:
    values = np.random.default_rng(0).normal(size=60)
    frame = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=60), "y": values})
    frame.to_csv(path, index=False)
    return path


def test_diagnose_says_the_remedy_as_an_option(run, tmp_path) -> None:
    path = noise(tmp_path / "noise.csv")
    done = run("diagnose", path, "--horizon", 4, *QUICK)
    assert "--season 7" in done.out
    assert "season_length" not in done.out
    model = tsseq2seq.Seq2SeqForecaster(4, training=tsseq2seq.Training(max_steps=2))
    assert any(
        "season_length=7" in remark
        for remark in model.diagnose(pd.read_csv(path, parse_dates=["ds"])).remarks
    )


def test_a_season_can_be_said(run, tmp_path) -> None:
    path = noise(tmp_path / "noise.csv")
    done = run("diagnose", path, "--horizon", 4, "--season", 7, "--season", 30.4, *QUICK)
    assert re.search(r"seasonal periods: 7, 30$", done.out, re.MULTILINE)
    done = run("forecast", path, "--horizon", 4, "--season", 7, "--season", 30.4, *QUICK)
    assert "season 7" in done.err
    assert "lags 30" in done.err
    done = run("forecast", path, "--horizon", 4, "--season", 1, *QUICK)
    assert "season none" in done.err


def test_predict_refuses_weeks_for_days(run, tmp_path) -> None:
    run("fit", noise(tmp_path / "noise.csv"), "--horizon", 4, *QUICK, "--model", "M")
    weekly = pd.DataFrame({"ds": pd.date_range("2024-01-07", periods=20, freq="W"), "y": np.arange(20.0)})
    weekly.to_csv("weekly.csv", index=False)
    for command in (("predict", "--model", "M", "weekly.csv"), ("calibrate", "--model", "M", "weekly.csv")):
        done = run(*command)
        assert done.status == 2
        assert "coarser" in done.err
