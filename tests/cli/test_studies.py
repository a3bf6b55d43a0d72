"""Backtest, leaderboard and diagnosis, on shipped data and on what people have."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.image import imread

import tsseq2seq

# What the library warns of is to be printed; elsewhere in the tests warnings are errors.
pytestmark = pytest.mark.filterwarnings("always::tsseq2seq.errors.DataWarning")

QUICK = ("--max-steps", 2)
DATA = Path(__file__).parents[2] / "datasets"


@pytest.fixture
def shops(tmp_path) -> Path:
    """Two shops and a third, which is younger; a decimal and a missing value."""
    rows = ["Filiale;Tag;Umsatz;Preis"]
    for shop, days in (("Süd", 40), ("Nord", 40), ("neu", 12)):
        for n, day in enumerate(pd.date_range("2024-01-01", periods=days)):
            sales = "NA" if n == 7 else f"{n % 7 + n * n % 5 + 10.5}"
            rows.append(f"{shop};{day:%d.%m.%Y};{sales};{1 + n % 3}")
    path = tmp_path / "data.csv"
    path.write_text("\n".join([*rows, ""]), encoding="utf-8")
    return path


def test_backtest_prints_errors_and_writes_windows(run):
    done = run("backtest", DATA / "air_passengers.csv", "--horizon", 6, *QUICK, "--output", "w.csv")
    assert done.status == 0
    head, row = (line.split() for line in done.out.splitlines())
    assert head == ["target", "mae", "rmse", "smape", "mase", "coverage-90"]
    windows = pd.read_csv("w.csv")
    assert list(windows) == ["unique_id", "ds", "cutoff", "y", "Seq2Seq", "Seq2Seq-lo-90", "Seq2Seq-hi-90"]
    assert windows["cutoff"].unique().tolist() == ["1958-12-01", "1959-06-01", "1959-12-01", "1960-06-01"]
    errors = (windows["y"] - windows["Seq2Seq"]).abs()
    inside = windows["y"].between(windows["Seq2Seq-lo-90"], windows["Seq2Seq-hi-90"])
    assert float(row[1]) == pytest.approx(errors.mean(), rel=1e-3)
    assert float(row[5]) == pytest.approx(inside.mean(), abs=1e-4)
    # against the seasonal naive method in what lies before the first cutoff
    known = tsseq2seq.datasets.load("air_passengers")["y"][:120]
    assert float(row[4]) == pytest.approx(errors.mean() / known.diff(12).abs().mean(), rel=1e-3)
    assert done.err.splitlines()[-1] == (
        "4 forecasts, after 1958-12-01 to 1960-06-01; MASE by a season of 12"
    )


def test_backtest_is_that_of_the_library(run):
    path = DATA / "nile.csv"
    options = ("--windows", 3, "--step", 2, "--refit-every", 2, "--distribution", "normal", "--levels", "80")
    done = run("backtest", path, "--horizon", 4, *options, *QUICK, "--output", "w.parquet")
    assert done.out.splitlines()[0].split()[-1] == "coverage-80"
    model = tsseq2seq.Seq2SeqForecaster(
        4, output=tsseq2seq.Normal(), training=tsseq2seq.Training(max_steps=2)
    )
    expected = tsseq2seq.backtest(
        model, tsseq2seq.datasets.load("nile"), windows=3, step=2, refit=2, levels=[80]
    )
    pd.testing.assert_frame_equal(pd.read_parquet("w.parquet"), expected, check_dtype=False)


def test_backtest_of_several_series_and_targets(run, shops):
    done = run(
        "backtest", shops, "--id-col", "Filiale", "--target-col", "Umsatz", "--target-col", "Preis",
        "--horizon", 5, "--windows", 2, "--distribution", "point", *QUICK, "--output", "w.csv",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert [line.split()[0] for line in done.out.splitlines()] == ["target", "Umsatz", "Preis"]
    assert "coverage" not in done.out
    windows = pd.read_csv("w.csv")
    assert windows["Filiale"].unique().tolist() == ["Süd", "Nord", "neu"]
    assert windows["cutoff"].iloc[0] == "30.01.2024"
    assert "6 forecasts, after 02.01.2024 to 04.02.2024" in done.err


def test_backtest_takes_the_future_from_the_data(run, shops):
    roles = ("--id-col", "Filiale", "--target-col", "Umsatz", "--future-col", "Preis")
    done = run("backtest", shops, *roles, "--horizon", 5, "--windows", 2, *QUICK)
    assert done.status == 0, done.err
    assert "future 'Preis'" in done.err


def test_series_that_are_too_short_for_a_cutoff_are_told(run, shops):
    roles = ("--id-col", "Filiale", "--target-col", "Umsatz")
    done = run("backtest", shops, *roles, "--horizon", 5, "--windows", 4, *QUICK)
    assert done.status == 0
    warnings = [line for line in done.err.splitlines() if line.startswith("warning")]
    assert any("too short" in line and "'neu'" in line for line in warnings)


def test_backtest_of_integer_time(run):
    Path("data.csv").write_text("t,y\n" + "".join(f"{n},{n % 4 + n // 20}\n" for n in range(60)))
    done = run("backtest", "data.csv", "--horizon", 4, "--windows", 2, *QUICK)
    assert "2 forecasts, after 51 to 55; MASE by a season of 4" in done.err


def test_leaderboard_ranks_and_judges(run):
    done = run(
        "leaderboard", DATA / "air_passengers.csv", "--horizon", 6, "--windows", 2, *QUICK,
        "--models", "seq2seq, ETS,theta,seasonal-naive,naive2", "--levels", "80",
        "--output", "scores.csv", "--plot", "board.png",
    )  # fmt: skip
    assert done.status == 0, done.err
    *table, verdict = done.out.splitlines()
    scores = pd.read_csv("scores.csv")
    assert list(scores) == [
        "model", "mase", "smape", "rmse", "coverage-80", "interval_score-80", "seconds", "baseline",
    ]  # fmt: skip
    assert set(scores["model"]) == {"Seq2Seq", "ETS", "Theta", "SeasonalNaive", "Naive2"}
    assert scores["mase"].is_monotonic_increasing
    assert [line.split()[0] for line in table[1:]] == scores["model"].tolist()
    assert re.match(r"Seq2Seq has \d+% (more|less) MASE than the best baseline, \w+", verdict)
    assert imread("board.png").shape[1] == 1200


def test_leaderboard_is_that_of_the_library(run, shops):
    options = ("--horizon", 5, "--windows", 2, "--step", 3, "--models", "seasonal-naive,sarimax")
    roles = ("--id-col", "Filiale", "--target-col", "Umsatz")
    shops.write_text("\n".join(shops.read_text().splitlines()[:81]) + "\n")
    done = run("leaderboard", shops, *roles, *options, "--output", "scores.csv")
    assert done.status == 0, done.err
    assert len(done.out.splitlines()) == 3  # without a network there is nothing to judge
    frame = pd.read_csv(shops, sep=";")
    frame["Tag"] = pd.to_datetime(frame["Tag"], format="%d.%m.%Y")
    columns = {"id_col": "Filiale", "time_col": "Tag", "target_col": "Umsatz"}
    models = [tsseq2seq.SeasonalNaive(5, **columns), tsseq2seq.SARIMAX(5, **columns)]
    expected = tsseq2seq.leaderboard(frame, models, windows=2, step=3).scores
    scores = pd.read_csv("scores.csv")
    pd.testing.assert_frame_equal(scores.drop(columns="seconds"), expected.drop(columns="seconds"))


def test_diagnose_says_what_is_in_the_data(run, shops):
    done = run("diagnose", shops, "--id-col", "Filiale", "--target-col", "Umsatz", "--horizon", 5, *QUICK)
    assert done.status == 0
    assert done.out.splitlines()[0] == "series      3 of 12 to 40 steps (median 40), 92 in all"
    assert "missing     3 values, 0 of them in gaps of time" in done.out
    assert "training    2 steps" in done.out
    assert "the first is 'neu' with 12" in done.out


@pytest.mark.parametrize("name", ["co2", "el_nino", "sunspots", "us_macro"])
def test_diagnose_reads_the_shipped_data(run, name):
    done = run("diagnose", DATA / f"{name}.csv", "--horizon", 4, "--context-length", 12)
    assert done.status == 0
    assert "12 → 4" in done.out
