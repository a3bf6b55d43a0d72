"""The commands from end to end, with a few steps of training."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.image import imread

import tsseq2seq
from tsseq2seq.cli import jobs
from tsseq2seq.errors import TsSeq2SeqWarning
from tsseq2seq.training.step import GradientSteps

QUICK = ("--max-steps", 2)
COLUMNS = ["Month", "Seq2Seq", "Seq2Seq-lo-90", "Seq2Seq-hi-90"]
COMMAND = [sys.executable, "-c", "import sys; from tsseq2seq.cli import main; sys.exit(main())"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def panel(tmp_path) -> Path:
    days = pd.date_range("2024-01-01", periods=40)
    rows = [f"{shop},{day:%d/%m/%Y},{n % 7 + n}" for shop in "ab" for n, day in enumerate(days)]
    path = tmp_path / "shops.csv"
    path.write_text("\n".join(["shop,day,sales", *rows, ""]))
    return path


@pytest.fixture
def model(run, airline) -> Path:
    assert run("fit", airline, "--horizon", 6, "--model", "airline", *QUICK).status == 0
    return Path("airline")


def test_forecast_prints_a_table_and_what_was_found(run, airline):
    done = run("forecast", airline, "--horizon", 3, *QUICK)
    assert done.status == 0
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == COLUMNS
    assert [line[0] for line in lines[1:]] == ["1954-01", "1954-02", "1954-03"]
    for _, point, low, high in lines[1:]:
        assert float(low) < float(point) < float(high)
    assert done.err.splitlines()[0] == (
        "data.csv: 60 rows, 1 series; time 'Month' (guessed), target '#Passengers' (guessed)"
    )
    assert re.fullmatch(
        r"frequency MS, season \w+, context \d+, segment \d+, width \d+; 2 training steps in [\d.]+ s",
        done.err.splitlines()[1],
    )


def test_forecast_writes_the_table(run, airline):
    done = run("forecast", airline, "--horizon", 3, *QUICK, "--output", "forecast.csv")
    written = pd.read_csv("forecast.csv")
    assert list(written) == COLUMNS
    assert written["Month"].tolist() == ["1954-01", "1954-02", "1954-03"]
    shown = [float(line.split()[1]) for line in done.out.splitlines()[1:]]
    np.testing.assert_allclose(shown, written["Seq2Seq"], rtol=1e-3)
    assert sorted(os.listdir()) == ["data.csv", "forecast.csv"]


def test_forecast_is_that_of_the_library(run, airline):
    assert run("forecast", airline, "--horizon", 3, *QUICK, "--seed", 5, "--output", "f.parquet").status == 0
    frame = pd.read_csv(airline)
    frame["Month"] = pd.to_datetime(frame["Month"])
    model = tsseq2seq.Seq2SeqForecaster(
        horizon=3,
        output=tsseq2seq.Quantiles((0.05, 0.5, 0.95)),
        training=tsseq2seq.Training(max_steps=2),
        time_col="Month",
        target_col="#Passengers",
        seed=5,
    )
    pd.testing.assert_frame_equal(pd.read_parquet("f.parquet"), model.fit(frame).predict(), check_dtype=False)


@pytest.mark.parametrize("name", ["forecast.png", "forecast.svg", "forecast.PDF"])
def test_forecast_draws_a_picture(run, airline, name):
    assert run("forecast", airline, "--horizon", 3, *QUICK, "--plot", name).status == 0
    if name.endswith("png"):
        assert imread(name).shape[:2] == (630, 1350)
    assert sorted(os.listdir()) == ["data.csv", name]


def test_what_is_drawn_has_gaps_where_rows_are_missing(run, airline, monkeypatch):
    lines = airline.read_text().splitlines(keepends=True)
    airline.write_text("".join(lines[:40] + lines[43:]))
    drawn = {}
    import tsseq2seq.cli.picture as picture

    monkeypatch.setattr(picture, "plot_forecast", lambda history, *_, **__: drawn.update(history=history))
    done = run("forecast", airline, "--horizon", 3, *QUICK, "--plot", "f.png")
    assert done.status == 0
    assert done.err.startswith("data.csv: 57 rows")
    values = drawn["history"]["#Passengers"]
    assert len(values) == 60
    assert np.flatnonzero(values.isna()).tolist() == [39, 40, 41]


def test_options_reach_the_model(run, airline):
    done = run(
        "forecast", airline, "--horizon", 4, "--context-length", 24, "--segment-length", 2, "--freq", "MS",
        "--device", "cpu", "--max-time", 60, "--distribution", "point", *QUICK,
    )  # fmt: skip
    assert "context 24, segment 2" in done.err
    assert done.out.splitlines()[0].split() == ["Month", "Seq2Seq"]


def test_max_time_is_kept(run, airline):
    begun = time.monotonic()
    assert run("forecast", airline, "--horizon", 4, "--max-time", 2).status == 0
    assert time.monotonic() - begun < 20


def test_the_share_of_smoothing_is_said(run, airline):
    assert (
        "50 % the network's, and 50 % exponential smoothing's" in run("forecast", airline, "--horizon", 4).err
    )
    assert "exponential smoothing" not in run("forecast", airline, "--horizon", 4, *QUICK).err


def test_columns_can_be_named(run):
    Path("d.csv").write_text("a,b,c\n" + "".join(f"{n},{n * n},{n % 5}\n" for n in range(40)))
    done = run("forecast", "d.csv", "--horizon", 2, "--time-col", "a", "--target-col", "c", *QUICK)
    assert [line.split()[0] for line in done.out.splitlines()] == ["a", "40", "41"]
    assert "time 'a', target 'c'" in done.err


def test_panels(run, panel):
    done = run("forecast", panel, "--horizon", 2, *QUICK, "--output", "f.csv", "--plot", "f.png")
    assert [line.split()[:2] for line in done.out.splitlines()[1:3]] == [
        ["a", "10/02/2024"],
        ["a", "11/02/2024"],
    ]
    assert done.out.splitlines()[3] == "… and 1 more series; --output writes them all"
    assert "2 series; id 'shop' (guessed)" in done.err
    written = pd.read_csv("f.csv")
    assert written["shop"].tolist() == ["a", "a", "b", "b"]
    assert written["day"].tolist() == ["10/02/2024", "11/02/2024"] * 2
    assert Path("f.png").stat().st_size > 1000


@pytest.mark.parametrize("dialect", ["semicolons", "crlf", "bom", "newest first", "gzip", "parquet"])
def test_the_dialect_of_the_file_makes_no_difference(run, airline, dialect):
    run("forecast", airline, "--horizon", 2, *QUICK, "--output", "expected.csv")
    text = airline.read_text()
    if dialect == "semicolons":
        airline.write_text(text.replace(",", ";"))
    elif dialect == "crlf":
        airline.write_bytes(text.replace("\n", "\r\n").encode())
    elif dialect == "bom":
        airline.write_text("\ufeff" + text)
    elif dialect == "newest first":
        header, *rows = text.splitlines()
        airline.write_text("\n".join([header, *reversed(rows)]))
    elif dialect == "gzip":
        pd.read_csv(airline).to_csv("data.csv.gz", index=False)
        airline = airline.with_name("data.csv.gz")
    else:
        frame = pd.read_csv(airline)
        frame.assign(Month=pd.to_datetime(frame["Month"])).to_parquet("data.parquet")
        airline = airline.with_name("data.parquet")
    assert run("forecast", airline, "--horizon", 2, *QUICK, "--output", "again.csv").status == 0
    again, expected = pd.read_csv("again.csv"), pd.read_csv("expected.csv")
    if dialect == "parquet":
        again["Month"] = again["Month"].str.removesuffix("-01")
    pd.testing.assert_frame_equal(again, expected)


def test_fit_then_predict_is_forecast(run, airline, model):
    done = run("predict", "--model", model, "--output", "two.csv", "--plot", "two.png")
    assert done.status == 0
    assert done.out.splitlines()[0].split() == COLUMNS
    run("forecast", airline, "--horizon", 6, *QUICK, "--output", "one.csv")
    two = pd.read_csv("two.csv")
    assert two["Month"].tolist()[0] == "1954-01-01"
    pd.testing.assert_frame_equal(
        two.drop(columns="Month"), pd.read_csv("one.csv").drop(columns="Month"), rtol=1e-6
    )
    assert Path("two.png").exists()


def test_fit_says_where_the_model_is(run, airline):
    done = run("fit", airline, "--horizon", 3, "--model", "deep/folder", *QUICK)
    assert done.out == ""
    assert done.err.splitlines()[-1] == "saved in deep/folder"
    assert isinstance(tsseq2seq.load("deep/folder"), tsseq2seq.Seq2SeqForecaster)


def test_fit_replaces_a_model(run, airline, model):
    assert run("fit", airline, "--horizon", 4, "--model", model, *QUICK).status == 0
    assert tsseq2seq.load(model).horizon == 4


def test_predict_from_newer_data(run, airline, model):
    airline.write_text(airline.read_text() + "1954-01,150\n1954-02,160\n")
    done = run("predict", "--model", model, airline, "--horizon", 2, "--plot", "f.png")
    assert [line.split()[0] for line in done.out.splitlines()] == ["Month", "1954-03", "1954-04"]
    assert done.err == ""


def test_a_calibrated_model_has_any_level(run, airline, model):
    more = [f"{1954 + month // 12}-{month % 12 + 1:02},{100 + month % 12 * 10}\n" for month in range(24)]
    Path("newer.csv").write_text(airline.read_text() + "".join(more))
    done = run("calibrate", "--model", model, "newer.csv", "--step", 1)
    assert (done.status, done.out) == (0, "")
    # 24 months hold 19 windows of 6; 90 % is the most that the 20 gaps between their errors tell
    assert done.err == "saved in airline, with intervals from 19 windows; --levels can be up to 90\n"
    assert run("predict", "--model", model, "newer.csv").status == 0
    assert "needs at least" in run("predict", "--model", model, "newer.csv", "--levels", "91").err
    done = run("predict", "--model", model, "newer.csv", "--levels", "60", "--output", "f.csv")
    assert list(pd.read_csv("f.csv")) == ["Month", "Seq2Seq", "Seq2Seq-lo-60", "Seq2Seq-hi-60"]


def test_an_ensemble_is_fitted_and_saved(run, airline):
    options = ("--horizon", 2, "--members", 2, *QUICK, "--model", "m")
    assert run("fit", airline, *options).status == 0
    assert len(tsseq2seq.load("m").fitted_.members) == 2


def test_predict_a_panel(run, panel):
    run("fit", panel, "--horizon", 2, "--model", "shops", *QUICK)
    for data in ([], [panel]):
        done = run("predict", "--model", "shops", *data, "--output", "f.csv", "--plot", "f.png")
        assert done.status == 0
        assert pd.read_csv("f.csv")["shop"].tolist() == ["a", "a", "b", "b"]


def test_an_interrupt_ends_training_with_what_there_is(run, airline, monkeypatch):
    step = GradientSteps.__call__
    made = []

    def interrupted(*arguments):
        if len(made) == 3:
            raise KeyboardInterrupt
        made.append(1)
        return step(*arguments)

    monkeypatch.setattr(GradientSteps, "__call__", interrupted)
    done = run("forecast", airline, "--horizon", 2, "--max-steps", 100, "--output", "f.csv")
    assert done.status == 0
    assert "3 of 100 training steps" in done.err
    assert len(pd.read_csv("f.csv")) == 2


def test_an_interrupt_without_a_result_ends_in_one_line(run, airline, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tsseq2seq.Seq2SeqForecaster, "predict", interrupted)
    done = run("forecast", airline, "--horizon", 2, *QUICK, "--output", "f.csv")
    assert done.status == 130
    assert done.err.splitlines()[-1] == "error: interrupted"
    assert os.listdir() == ["data.csv"]


def test_warnings_are_one_line(run, airline, monkeypatch):
    import warnings

    def warn(**_: object) -> None:
        warnings.warn("mind\nthis", TsSeq2SeqWarning, stacklevel=1)

    monkeypatch.setattr(jobs, "forecast", warn)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert run("forecast", airline, "--horizon", 2) == (0, "", "warning: mind this\n")


EVERY = ("forecast", "fit", "predict", "calibrate", "backtest", "leaderboard", "diagnose")


def test_help_shows_an_example_of_each_command(run):
    assert run().out == run("--help").out
    for command in EVERY:
        assert re.search(rf"^  {command} ", run("--help").out, re.MULTILINE)
        done = run(command, "--help")
        assert done.status == 0
        assert re.search(rf"Examples?:\n\n +tsseq2seq {command} ", done.out)


def test_each_option_is_in_the_help_of_the_commands_that_take_it(run):
    helps = {command: run(command, "--help").out for command in EVERY}
    for option, commands in {
        "--target-col": {"forecast", "fit", "backtest", "leaderboard", "diagnose"},
        "--calendar": {"forecast", "fit", "backtest", "leaderboard", "diagnose"},
        "--levels": {"forecast", "fit", "predict", "backtest", "leaderboard", "diagnose"},
        "--future-template": {"forecast", "predict"},
        "--refit-every": {"backtest", "leaderboard"},
        "--output": {"forecast", "predict", "backtest", "leaderboard"},
        "--plot": {"forecast", "predict", "backtest", "leaderboard"},
        "--series": {"forecast", "predict", "backtest"},
        "--title": {"forecast", "predict", "backtest"},
        "--model-name": {"forecast", "backtest"},
        "--hold-out": {"fit"},
        "--settings": {"forecast", "fit", "backtest", "leaderboard", "diagnose"},
        "--models": {"leaderboard"},
    }.items():
        found = {
            command for command, text in helps.items() if re.search(rf"^  {option} ", text, re.MULTILINE)
        }
        assert found == commands, option


@pytest.mark.filterwarnings("always::tsseq2seq.errors.DataWarning")
def test_the_examples_of_the_help_are_commands(run, monkeypatch):
    """Each line is run, with the files it names and little training."""
    lines = (ROOT / "datasets" / "air_passengers.csv").read_text().splitlines(keepends=True)
    for name, count in (("passengers.csv", 121), ("newer.csv", 145)):
        Path(name).write_text("".join(lines[:count]))
    rows = [f"2024-{day // 28 + 1:02}-{day % 28 + 1:02},{day % 7},{day % 3}" for day in range(28)]
    Path("sales.csv").write_text("\n".join(["day,sold,price", *rows, ""]))
    default = tsseq2seq.Training
    monkeypatch.setattr(tsseq2seq, "Training", lambda max_steps, **options: default(max_steps=2, **options))
    for command in EVERY:
        lines = [line.split() for line in run(command, "--help").out.splitlines()]
        examples = [words[1:] for words in lines if words[:1] == ["tsseq2seq"]]
        assert examples
        for example in examples:
            done = run(*example)
            assert done.status == 0, (example, done.err)


def test_version_is_printed(run, monkeypatch):
    monkeypatch.setattr("importlib.metadata.version", lambda name: {"tsseq2seq": "1.2.3"}[name])
    assert run("--version") == (0, "tsseq2seq 1.2.3\n", "")


def process(*arguments: str, **options: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([*COMMAND, *arguments], env=environment, text=True, **options)


def test_help_loads_neither_torch_nor_pandas():
    code = (
        "import sys; from tsseq2seq.cli import main; main(['--help']);"
        "print(sorted({'torch', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", ["forecast", "leaderboard"])
def test_a_refused_file_costs_no_torch(command):
    code = (
        f"import sys; from tsseq2seq.cli import main; main(['{command}', 'none.csv', '--horizon', '1']);"
        "print('torch' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "False\n"
    assert done.stderr == "error: none.csv: No such file or directory\n"


def test_a_reader_that_leaves_is_no_error(airline):
    with process(
        "forecast",
        str(airline),
        "--horizon",
        "2",
        "--max-steps",
        "2",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        running.stdout.close()
        errors = running.stderr.read()
        assert running.wait(timeout=120) == 1
    assert len(errors.splitlines()) == 5  # what was found and chosen, and nothing else


@pytest.mark.slow
def test_ctrl_c_at_a_terminal(airline):
    """A real signal, once the progress bar shows that training is under way."""
    mine, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))  # on a terminal without columns there is no bar
    running = process(
        "forecast",
        str(airline),
        "--horizon",
        "2",
        "--max-steps",
        "20000",
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        seen = read_until(mine, rb"[1-9]\d*/20000")
        running.send_signal(signal.SIGINT)
        seen += read_until(mine, rb"training steps")
        output = running.communicate(timeout=120)[0]
    finally:
        running.kill()
        running.communicate()
        os.close(mine)
    assert running.returncode == 0
    assert len(output.splitlines()) == 3
    assert re.search(rb"\d+ of 20,000 training steps", seen)


def read_until(terminal: int, pattern: bytes) -> bytes:
    seen, deadline = b"", time.monotonic() + 240
    while not re.search(pattern, seen):
        assert time.monotonic() < deadline, seen
        if select.select([terminal], [], [], 1)[0]:
            seen += os.read(terminal, 4096)
    return seen


def test_the_seed_decides(run, airline):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run("forecast", airline, "--horizon", 2, *QUICK, "--seed", seed, "--output", f"{name}.csv")
        torch.rand(1)
    first, again, other = (Path(f"{name}.csv").read_text() for name in "abc")
    assert first == again != other
