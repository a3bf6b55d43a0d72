"""Any model that the leaderboard names forecasts, and is backtested."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import tsseq2seq
from tsseq2seq.cli.model_names import BASELINES, NETWORK, parse_model, parse_models
from tsseq2seq.errors import ParameterError

QUICK = ("--max-steps", 2)
DATA = Path(__file__).parents[2] / "datasets" / "air_passengers.csv"
NAMES = (NETWORK, *BASELINES)


@pytest.fixture
def short(tmp_path) -> Path:
    """Six years of months: SARIMAX takes its time."""
    path = tmp_path / "short.csv"
    path.write_text("".join(DATA.read_text().splitlines(keepends=True)[:73]))
    return path


@pytest.mark.parametrize("name", NAMES)
def test_names_are_found_however_they_are_written(name) -> None:
    printed = BASELINES.get(name, "Seq2Seq")
    for written in (name, printed, name.upper(), printed.lower(), name.replace("-", "_"), f" {name} "):
        assert parse_model(written, "--model-name") == name


def test_other_names_are_refused() -> None:
    with pytest.raises(ParameterError, match="--model-name has 'thetta'; did you mean theta"):
        parse_model("thetta", "--model-name")
    with pytest.raises(ParameterError, match="--models has 'ets' twice"):
        parse_models("ets,ETS")


def test_every_name_that_the_leaderboard_prints_forecasts_and_is_backtested(run, short) -> None:
    board = run("leaderboard", short, "--horizon", 3, "--models", ",".join(NAMES), *QUICK)
    printed = [line.split()[0] for line in board.out.splitlines()[1 : 1 + len(NAMES)]]
    assert len(set(printed)) == len(NAMES)
    for name in printed:
        options = QUICK if name == "Seq2Seq" else ()
        done = run("forecast", short, "--horizon", 3, "--model-name", name, *options, "--output", "f.csv")
        assert done.status == 0, done.err
        forecast = pd.read_csv("f.csv")
        assert list(forecast) == ["unique_id", "ds", name, f"{name}-lo-90", f"{name}-hi-90"]
        assert forecast[f"{name}-lo-90"].lt(forecast[f"{name}-hi-90"]).all()
        done = run("backtest", short, "--horizon", 3, "--model-name", name, *options, "--windows", 2)
        assert done.status == 0, done.err
        assert "coverage-90" in done.out


def test_the_forecast_is_that_of_the_library(run) -> None:
    done = run("forecast", DATA, "--horizon", 4, "--model-name", "theta", "--levels", 80, "--output", "f.csv")
    assert "theta: frequency MS, season 12" in done.err
    expected = tsseq2seq.Theta(4).fit(tsseq2seq.datasets.load("air_passengers")).predict(levels=[80])
    pd.testing.assert_frame_equal(
        pd.read_csv("f.csv", parse_dates=["ds"]), expected, check_dtype=False, rtol=1e-6
    )


def test_a_season_is_said_and_the_plot_drawn(run) -> None:
    options = ("--season", "7,24", "--plot", "f.png", "--distribution", "point")
    done = run("forecast", DATA, "--horizon", 4, "--model-name", "seasonal-naive", *options)
    assert done.status == 0, done.err
    assert "season 7" in done.err
    assert done.out.splitlines()[0].split() == ["unique_id", "ds", "SeasonalNaive"]
    assert Path("f.png").stat().st_size > 1000


def test_demand_is_not_forecast_below_zero(run) -> None:
    sold = [5, 0, 0, 1, 0, 9, 0, 0, 2, 0] * 6
    days = pd.date_range("2024-01-01", periods=len(sold))
    rows = [f"{day:%Y-%m-%d},{value}" for day, value in zip(days, sold, strict=True)]
    Path("sold.csv").write_text("\n".join(["day,sold", *rows, ""]))
    for options, least, most in (((), 0, 100), (("--floor", 1, "--ceiling", 2), 1, 2)):
        call = ("--model-name", "ets", *options, "--output", "f.csv", "--levels", 99)
        assert run("forecast", "sold.csv", "--horizon", 5, *call).status == 0
        numbers = pd.read_csv("f.csv").drop(columns="day")
        assert numbers.min().min() == least
        assert numbers.max().max() <= most
        assert run("backtest", "sold.csv", "--horizon", 5, *call).status == 0
        assert pd.read_csv("f.csv").filter(like="ETS").min().min() == least


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--max-steps", 5], "--max-steps is given, but theta has no such setting"),
        (["--max-time", 5], "--max-time is given"),
        (["--members", 2], "--members is given"),
        (["--calendar"], "--calendar is given"),
        (["--settings", "best.json"], "--settings is given"),
        (["--distribution", "normal"], "--distribution is given"),
        (["--model-name", "thetta"], "did you mean theta"),
        (["--target-col", "sold,price"], "--target-col has several columns, but theta forecasts one"),
        (["--past-col", "price"], "--past-col is given, but theta reads no covariates"),
        (["--static-col", "price"], "--static-col is given"),
        (["--season", "week"], "--season is 'week'"),
    ],
)
@pytest.mark.parametrize("command", ["forecast", "backtest"])
def test_what_it_has_not_is_refused(refused, command, options, said) -> None:
    rows = [f"2024-01-{day:02},{day % 7},{day % 3}" for day in range(1, 31)]
    Path("data.csv").write_text("\n".join(["day,sold,price", *rows, ""]))
    call = () if "--target-col" in options else ("--target-col", "sold")
    assert said in refused(command, "data.csv", "--horizon", 2, *call, "--model-name", "theta", *options)
