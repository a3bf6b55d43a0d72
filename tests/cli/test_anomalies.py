"""The command anomalies: what it prints, writes, draws, keeps and refuses."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

import tsseq2seq
from tsseq2seq.cli.anomalies import stretches
from tsseq2seq.data.frames.columns import Columns

QUICK = ("--max-steps", 10, "--false-alarms", 0.05)


def write(path: Path, *, series: int = 1, days: int = 40) -> Path:
    times = pd.date_range("2024-01-01", periods=24 * days, freq="h")
    pieces = []
    for number in range(series):
        noise = np.random.default_rng(number).normal(0, 0.1, len(times))
        y = np.sin(2 * np.pi * times.hour.to_numpy() / 24) + noise
        y[500:503] += 8
        pieces.append(pd.DataFrame({"shop": f"shop {number}", "hour": times, "sales": y.round(4)}))
    frame = pd.concat(pieces)
    frame.drop(columns=["shop"] if series == 1 else []).to_csv(path, index=False)
    return path


@pytest.fixture
def sales(tmp_path) -> Path:
    return write(tmp_path / "data.csv")


@pytest.fixture
def shops(tmp_path) -> Path:
    return write(tmp_path / "data.csv", series=3, days=20)


def test_stretches_of_anomalies_are_printed_and_all_scores_written(run, sales) -> None:
    done = run("anomalies", sales, "--output", "scores.csv", "--plot", "sales.png", *QUICK)
    assert done.status == 0, done.err
    header, first, *_ = [line.split() for line in done.out.splitlines()]
    assert header == ["from", "to", "steps", "score"]
    assert first[:5] == ["2024-01-21", "20:00:00", "2024-01-21", "22:00:00", "3"]
    written = pd.read_csv("scores.csv")
    assert written.columns.tolist() == ["hour", "sales", "reconstruction", "score", "is_anomaly"]
    assert len(written) == 960
    assert written["sales"].equals(pd.read_csv(sales)["sales"])
    assert written.loc[500:502, "is_anomaly"].all()
    assert float(first[-1]) == pytest.approx(written["score"].max(), rel=1e-3)
    assert imread("sales.png").ndim == 3
    lines = done.err.splitlines()
    assert lines[0] == "data.csv: 960 rows, 1 series; time 'hour' (guessed), target 'sales' (guessed)"
    assert lines[1].startswith(
        "frequency h, window 24, segment 4, latent size 4, scaling series; 10 training"
    )
    count = int(written["is_anomaly"].sum())
    assert lines[-1].startswith(f"{count:,} of 960 time steps have a score above ")
    assert lines[-1].endswith("above which 5 % of usual ones lie")


def test_several_series_and_the_ones_chosen(run, shops) -> None:
    chosen = ("--series", "shop 1,shop 2", "--title", "Shops")
    done = run("anomalies", shops, "--plot", "shops.png", *QUICK, *chosen)
    assert done.status == 0, done.err
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["shop", "from", "to", "steps", "score"]
    assert {line[1] for line in lines[1:] if line[0] == "shop"} == {"1", "2"}
    every = run("anomalies", shops, *QUICK)
    assert {line.split()[1] for line in every.out.splitlines()[1:] if line.strip().startswith("shop")} == set(
        "012"
    )


def test_several_targets_have_one_score(run, sales) -> None:
    frame = pd.read_csv(sales)
    frame.assign(visits=frame["sales"] * 3 + 1).to_csv(sales, index=False)
    done = run(
        "anomalies", sales, "--target-col", "sales,visits", "--output", "s.csv", "--plot", "s.png", *QUICK
    )
    assert done.status == 0, done.err
    assert "s.png shows the first of 2 targets" in done.err
    assert pd.read_csv("s.csv").columns.tolist()[:5] == [
        "hour", "sales", "visits", "reconstruction-sales", "reconstruction-visits",
    ]  # fmt: skip


def test_a_model_is_kept_and_scores_newer_data(run, sales) -> None:
    first = run("anomalies", sales, "--model", "kept", "--output", "first.csv", *QUICK)
    assert first.status == 0, first.err
    assert "saved in kept" in first.err
    assert isinstance(tsseq2seq.load("kept"), tsseq2seq.Seq2SeqAutoencoder)
    again = run("anomalies", sales, "--model", "kept", "--output", "again.csv")
    assert again.status == 0, again.err
    assert again.out == first.out
    assert "scored by the model in kept" in again.err
    assert "training steps" not in again.err
    assert Path("again.csv").read_bytes() == Path("first.csv").read_bytes()
    pd.read_csv(sales).tail(200).to_csv("newer.csv", index=False)
    newer = run("anomalies", "newer.csv", "--model", "kept")
    assert newer.status == 0, newer.err
    assert "of 200 time steps" in newer.err


def test_options_reach_the_model(run, sales) -> None:
    done = run(
        "anomalies", sales, "--window-length", 48, "--latent-size", 3, "--noise", 0.2, "--members", 2,
        "--max-time", 30, "--seed", 5, "--device", "cpu", "--freq", "h", "--model", "kept", *QUICK,
    )  # fmt: skip
    assert done.status == 0, done.err
    model = tsseq2seq.load("kept")
    assert (model.window_length, model.latent_size, model.noise, model.seed) == (48, 3, 0.2, 5)
    assert (model.false_alarms, model.freq) == (0.05, "h")
    assert (model.training.members, model.training.max_steps, model.training.max_time) == (2, 10, 30)


def test_gaps_are_scored_as_missing_and_nothing_is_said_of_a_forecast(run, sales) -> None:
    frame = pd.read_csv(sales)
    frame.loc[[100, 959], "sales"] = np.nan
    frame.drop(index=[200, 201]).to_csv(sales, index=False)
    done = run("anomalies", sales, "--output", "s.csv", *QUICK)
    assert done.status == 0, done.err
    assert "forecast" not in done.err
    written = pd.read_csv("s.csv")
    assert len(written) == 960
    assert written["score"].isna().sum() == 4


def test_where_nothing_is_unusual_it_says_so(run, sales) -> None:
    pd.read_csv(sales).head(480).to_csv("calm.csv", index=False)
    assert run("anomalies", "calm.csv", "--model", "kept", *QUICK).status == 0
    model = tsseq2seq.load("kept")
    calibration = dataclasses.replace(model.fitted_.calibration, threshold=1e9)
    model.fitted_ = dataclasses.replace(model.fitted_, calibration=calibration)
    model.save("kept")
    done = run("anomalies", "calm.csv", "--model", "kept")
    assert done.status == 0, done.err
    assert done.out == "no anomalies\n"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--false-alarms", 0), ("--false-alarms is 0.0", "above 0")),
        (("--window-length", 1), ("--window-length", "2")),
        (("--window-length", 5000), ("--window-length is 5000", "has 960 steps", "take a --window-length")),
        (("--noise", 1), ("--noise is 1.0",)),
        (("--target-col", "visits"), ("--target-col is 'visits'",)),
        (("--title", "x"), ("--title", "--plot")),
        (("--series", "x"), ("--series is 'x'",)),
        (("--output", "s.txt"), ("--output", ".csv")),
        (("--plot", "s.doc"), ("--plot", ".png")),
        (("--max-time", 0), ("--max-time is 0.0",)),
    ],
)
def test_what_cannot_be_is_refused_in_the_commands_words(refused, sales, options, words) -> None:
    message = refused("anomalies", sales, *options)
    for word in words:
        assert word in message, message
    assert "Seq2Seq" not in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("1", ("never varies", "it is 1")),
        ("", ("'sales' is missing in all",)),
        ("inf", ("inf",)),
    ],
)
def test_data_that_teach_nothing_are_refused(refused, sales, content, words) -> None:
    frame = pd.read_csv(sales, dtype=str).assign(sales=content)
    frame.to_csv(sales, index=False)
    message = refused("anomalies", sales, "--target-col", "sales")
    for word in words:
        assert word in message, message


def test_settings_of_a_model_that_is_fitted_are_refused(run, refused, sales) -> None:
    assert run("anomalies", sales, "--model", "kept", *QUICK).status == 0
    message = refused("anomalies", sales, "--model", "kept", "--window-length", 12)
    assert "--window-length is given, but kept holds a model" in message
    assert "--freq is given" in refused("anomalies", sales, "--model", "kept", "--freq", "h")


def test_folders_of_another_model_and_of_none_are_refused(run, refused, airline) -> None:
    assert run("fit", airline, "--horizon", 6, "--model", "airline", "--max-steps", 2).status == 0
    assert "airline is a Seq2SeqForecaster, which does not find anomalies" in refused(
        "anomalies", airline, "--model", "airline"
    )
    Path("other").mkdir()
    Path("other/file").touch()
    assert "not a saved model" in refused("anomalies", airline, "--model", "other")


def test_an_autoencoder_does_not_forecast(run, refused, sales) -> None:
    assert run("anomalies", sales, "--model", "kept", *QUICK).status == 0
    assert "which does not forecast" in refused("predict", "--model", "kept")


def test_stretches_end_with_their_series() -> None:
    frame = pd.DataFrame(
        {
            "unique_id": ["a"] * 3 + ["b"] * 3,
            "ds": [1, 2, 3] * 2,
            "score": [1.0, 9.0, 7.0, 8.0, 0.0, 5.0],
            "is_anomaly": [False, True, True, True, False, True],
        }
    )
    found = stretches(frame, Columns())
    assert found.to_numpy().tolist() == [["a", 2, 3, 2, 9.0], ["b", 1, 1, 1, 8.0], ["b", 3, 3, 1, 5.0]]
    assert stretches(frame.assign(is_anomaly=False), Columns()).empty
    assert stretches(frame.head(0), Columns()).empty
    everywhere = stretches(frame.assign(is_anomaly=True), Columns())
    assert everywhere["steps"].tolist() == [3, 3]
