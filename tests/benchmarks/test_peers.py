from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

RUNNER = """
import numpy as np
from peers.protocol import serve

def run(job, record):
    record.versions("numpy")
    with record.measured("fit"):
        series = job.series()
    {body}

serve(run)
"""


@pytest.fixture
def job(tmp_path):
    from peers.protocol import Job, Series

    data = tmp_path / "series.npz"
    Series(["b", "a"], [np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0])]).save(data)
    folder = tmp_path / "run"
    folder.mkdir()
    return Job(str(data), str(folder), horizon=2, seconds=1.0, quantiles=[0.1, 0.5, 0.9], threads=1)


@pytest.fixture
def launched(job):
    """Run a runner with this body, and return its result."""
    from peers.contestants import Contestant
    from peers.launch import launch

    def run(body, timeout=None):
        Path(job.folder, "runner.py").write_text(RUNNER.format(body=body))
        return launch(Contestant("somebody", "some", "runner"), sys.executable, job, timeout)

    return run


def test_series_and_job_come_back_as_they_were(job):
    from peers.protocol import Job

    assert Job.read(job.write()) == job
    series = job.series()
    assert series.ids == ["b", "a"]
    assert [y.tolist() for y in series.values] == [[1, 2, 3], [4, 5]]


def test_a_run_brings_back_its_forecast_and_what_is_known_of_it(launched):
    result = launched("return np.arange(12.0).reshape(2, 2, 3) + series.values[1][0]")
    assert result.error is None
    np.testing.assert_array_equal(result.forecast, np.arange(12.0).reshape(2, 2, 3) + 4)
    assert result.record["versions"]["numpy"] == np.__version__
    assert result.record["fit_seconds"] > 0
    assert 5 < result.record["fit_peak_mib"] < 5_000


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise KeyError('no such column')", "no such column"),
        ("import no_such_library", "No module named 'no_such_library'"),
        ("return np.zeros((2, 2))", r"shape \(2, 2\); it must be \(2, 2, 3\)"),
        ("return np.full((2, 2, 3), np.nan)", "12 forecast values are not finite"),
        ("import os; os._exit(3)", "exit status 3"),
    ],
    ids=["raises", "not installed", "shape", "not finite", "dies"],
)
def test_a_failed_run_says_why(launched, body, message):
    result = launched(body)
    assert result.forecast is None
    assert pd.Series([result.error]).str.contains(message).all()


def test_a_run_that_never_ends_is_ended(launched):
    result = launched("import time; time.sleep(60)", timeout=1)
    assert result.error == "ended after 1 s"


def test_interpreters_from_the_environment(monkeypatch):
    from peers.launch import interpreters

    monkeypatch.setenv("TSSEQ2SEQ_PEERS", sys.executable)
    assert interpreters({"tsseq2seq", "darts"}) == {"tsseq2seq": sys.executable, "darts": sys.executable}
    monkeypatch.setenv("TSSEQ2SEQ_PEERS", f"darts={sys.executable}, gluonts=/no/such/python")
    assert interpreters({"darts"}) == {"darts": sys.executable}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "TSSEQ2SEQ_PEERS is not set: it must name the Python interpreter that has darts, gluonts"),
        ("darts=/no/such/python,gluonts=/none", "interpreter for darts is /no/such/python; there is none"),
        (f"darts={sys.executable}", "names no interpreter for gluonts"),
    ],
    ids=["unset", "no such file", "one missing"],
)
def test_interpreters_that_are_not_there(monkeypatch, value, message):
    from peers.launch import interpreters

    monkeypatch.setenv("TSSEQ2SEQ_PEERS", value)
    with pytest.raises(SystemExit, match=message):
        interpreters({"darts", "gluonts", "tsseq2seq"})


def test_without_peers_no_variable_is_needed(monkeypatch):
    from peers.launch import interpreters

    monkeypatch.delenv("TSSEQ2SEQ_PEERS", raising=False)
    assert interpreters({"tsseq2seq"}) == {"tsseq2seq": sys.executable}


def test_columns_of_quantiles():
    from peers.frames import interval_columns, interval_levels

    assert interval_levels([0.1, 0.3, 0.5, 0.7, 0.9]) == [40, 80]
    assert interval_levels([0.025, 0.5, 0.975]) == [95]
    assert interval_levels([0.0125, 0.9875]) == [97.5]
    assert interval_columns("M", [0.1, 0.5, 0.7], "M-median") == ["M-lo-80", "M-median", "M-hi-40"]


def test_forecasts_are_put_into_the_order_of_the_series():
    from peers.frames import forecast_array

    frame = pd.DataFrame({"unique_id": ["a", "a", "b", "b"], "ds": [4, 3, 3, 4], "x": [1, 2, 3, 4], "y": 0})
    np.testing.assert_array_equal(forecast_array(frame, ["b", "a"], ["x"])[..., 0], [[3, 4], [2, 1]])


def test_long_frame(job):
    from peers.frames import long_frame

    frame = long_frame(job.series())
    assert frame["unique_id"].tolist() == ["b", "b", "b", "a", "a"]
    assert frame["ds"].tolist() == [1, 2, 3, 1, 2]
    assert frame["y"].tolist() == [1, 2, 3, 4, 5]


def test_the_clock_stops_the_trainer_and_halves_the_learning_rate(monkeypatch):
    from peers import clock

    now = [100.0]
    monkeypatch.setattr(clock.time, "perf_counter", lambda: now[0])
    watch = clock.Clock(12.0)
    factor = watch.halvings(3)
    lightning = SimpleNamespace(Callback=object)
    stopper, trainer = clock.stopper(lightning, watch), SimpleNamespace(should_stop=False)
    seen = []
    for seconds in (0, 3.9, 4, 8, 11.9, 12, 30):
        now[0] = 100.0 + seconds
        stopper.on_train_batch_end(trainer, "outputs", "batch", 0)
        seen.append((factor(0), trainer.should_stop))
    expected = [
        (1, False),
        (1, False),
        (0.5, False),
        (0.25, False),
        (0.25, False),
        (0.125, True),
        (0.125, True),
    ]
    assert seen == expected
    assert watch.steps == 7


def test_every_contestant_has_a_runner_and_a_label_of_its_own():
    from peers.contestants import PEERS, ours
    from peers.launch import BENCHMARKS

    everyone = [*PEERS.values(), ours("Quantiles"), ours("StudentT")]
    assert all((BENCHMARKS / f"{entry.module.replace('.', '/')}.py").is_file() for entry in everyone)
    assert len({entry.label for entry in everyone}) == len(everyone)


def test_our_runner_forecasts_by_the_median_of_unlike_ones(tmp_path, monkeypatch):
    from peers import ours
    from peers.protocol import Job, Record, Series

    monkeypatch.setattr("peers.ours.set_up_threads", lambda job: None)
    steps = np.arange(120.0)
    data = tmp_path / "series.npz"
    Series(["b"], [100 + 5 * np.sin(steps / 4)]).save(data)
    steps_alone = {"output": "Point", "training__max_time": None, "training__max_steps": 3}
    found = {}
    for name, settings, seed in (
        ("both", {"unlike": [{}, {"network__residual": None}]}, 5),
        ("first", {}, 5),
        ("second", {"network__residual": None}, 6),
    ):
        record = Record()
        job = Job(str(data), "", 4, 30.0, [], seed=seed, threads=1, settings=steps_alone | settings)
        found[name] = ours.run(job, record)
        assert record["steps"] == (6 if name == "both" else 3)
    np.testing.assert_allclose(found["both"], (found["first"] + found["second"]) / 2, rtol=1e-6)


@pytest.mark.parametrize("output", ["Quantiles", "StudentT", "Point"])
def test_our_runner_forecasts_quantiles_in_order(tmp_path, monkeypatch, output):
    from peers import ours
    from peers.protocol import Job, Record, Series

    monkeypatch.setattr("peers.ours.set_up_threads", lambda job: None)  # the test process keeps its own
    steps = np.arange(120.0)
    data = tmp_path / "series.npz"
    Series(["b", "a"], [100 + 5 * np.sin(steps / 4), 3 + np.cos(steps / 4)]).save(data)
    quantiles = [] if output == "Point" else [0.1, 0.5, 0.9]
    settings = {"output": output, "training__max_time": None, "training__max_steps": 3}
    record = Record()
    forecast = ours.run(Job(str(data), "", 4, 1.0, quantiles, settings=settings), record)
    assert record["steps"] == 3
    assert forecast.shape == ((2, 4) if output == "Point" else (2, 4, 3))
    assert forecast[0].min() > 50 > forecast[1].max()
    if quantiles:
        assert (np.diff(forecast, axis=-1) >= 0).all()
