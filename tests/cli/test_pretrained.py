"""The pretrained network on the command line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import tsseq2seq
from tsseq2seq.cli.model_names import parse_model

DATA = Path(__file__).parents[2] / "datasets" / "air_passengers.csv"


def test_its_forecast_is_that_of_the_library(run) -> None:
    done = run(
        "forecast", DATA, "--horizon", 4, "--model-name", "pretrained", "--levels", 75, "--output", "f.csv"
    )
    assert done.status == 0, done.err
    assert "weights come with the package" in done.err
    expected = tsseq2seq.Seq2SeqForecaster.pretrained(4).predict(
        tsseq2seq.datasets.load("air_passengers"), levels=[75]
    )
    written = pd.read_csv("f.csv", parse_dates=["ds"])
    pd.testing.assert_frame_equal(written, expected, check_dtype=False, rtol=1e-5)


def test_it_is_trained_further_for_as_many_steps_as_asked(run) -> None:
    call = ("--horizon", 4, "--model-name", "fine-tuned", "--max-steps", 2)
    done = run("forecast", DATA, *call, "--output", "f.csv")
    assert done.status == 0, done.err
    assert "trained further" in done.err
    assert pd.read_csv("f.csv")["Seq2Seq"].between(300, 700).all()


@pytest.mark.parametrize(
    "option", [("--lag", 3), ("--context-length", 24), ("--max-steps", 5), ("--distribution", "normal")]
)
def test_what_only_new_networks_have_is_refused(run, option) -> None:
    done = run("forecast", DATA, "--horizon", 4, "--model-name", "pretrained", *option)
    assert done.status == 2
    assert option[0] in done.err
    assert "--model-name seq2seq" in done.err


def test_it_stands_in_a_backtest_and_a_leaderboard(run) -> None:
    done = run("backtest", DATA, "--horizon", 4, "--model-name", "pretrained", "--windows", 2)
    assert done.status == 0, done.err
    assert "coverage-90" in done.out
    done = run("leaderboard", DATA, "--horizon", 4, "--models", "pretrained,seasonal-naive", "--windows", 2)
    assert done.status == 0, done.err
    assert {line.split()[0] for line in done.out.splitlines()[1:3]} == {"Pretrained", "SeasonalNaive"}


@pytest.mark.parametrize(("written", "name"), [("FineTuned", "fine-tuned"), ("Pretrained", "pretrained")])
def test_names_that_the_leaderboard_prints_are_understood(written: str, name: str) -> None:
    assert parse_model(written, "--models") == name
