from __future__ import annotations

import dataclasses
import json
import re
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def entries():
    from peers.contestants import Contestant

    return [
        Contestant("a", "tsseq2seq", "a", {"size": 3}),
        Contestant("b", "tsseq2seq", "b", quantiles=False),
        Contestant("c", "tsseq2seq", "c", quantiles=False, timed=False),
    ]


@pytest.fixture
def terms():
    from peers.contest import Terms
    from peers.protocol import Series

    series = Series(["y", "x"], [np.arange(5.0), np.arange(3.0)])
    return Terms(series, horizon=2, quantiles=[0.1, 0.5], threads=1, flush_denormals=True)


@pytest.fixture
def launcher():
    """Return a launcher that notes what it was asked for; contestant ``b`` always fails."""
    from peers.launch import Result

    def launch(entry, interpreter, job, **options):
        folder = Path(job.folder)
        launch.asked.append((entry.label, job, options, list(folder.iterdir()), job.series().ids))
        if entry.label == "b":
            return Result(entry, error="Traceback\nValueError: no | luck")
        record = {"fit_seconds": 2.5, "steps": 7, "versions": {"pandas": "3"}, "batch": 4}
        return Result(entry, np.zeros((2, 2)), record)

    launch.asked = []
    return launch


@pytest.fixture
def run(entries, terms, launcher):
    """Run recorded tasks; return the labels and seeds that really ran."""
    from peers.contest import Task, recorded

    def run(records, seeds=(0,), seconds=3.0, who=entries, terms=terms, **options):
        launcher.asked.clear()
        tasks = [Task(entry, seconds, seed) for seed in seeds for entry in who]
        recorded(tasks, terms, records, lambda task, result: {"OWA": 0.5}, launcher=launcher, **options)
        return [(label, job.seed) for label, job, *_ in launcher.asked]

    return run


def test_each_turn_begins_with_another_one():
    from peers.contest import turned

    assert [turned("abc", turn) for turn in range(4)] == [list("abc"), list("bca"), list("cab"), list("abc")]


def test_what_a_contestant_is_asked_for(run, launcher):
    from peers.contest import LONGEST
    from peers.records import Records

    run(Records(None), seeds=[4])
    for label, job, _, files, ids in launcher.asked:
        assert (job.horizon, job.seconds, job.seed, job.threads) == (2, 3.0, 4, 1), label
        assert files == []
        assert ids == ["y", "x"]
    assert [job.quantiles for _, job, *_ in launcher.asked] == [[0.1, 0.5], [], []]
    assert [job.settings for _, job, *_ in launcher.asked] == [{"size": 3}, {}, {}]
    assert [options for _, _, options, *_ in launcher.asked] == [{}, {}, {"timeout": LONGEST}]
    assert len({job.folder for _, job, *_ in launcher.asked}) == 3
    assert not Path(launcher.asked[0][1].folder).exists()


def test_a_run_is_recorded_as_it_ends_and_not_repeated(run, tmp_path, capsys):
    from peers.records import Records

    file = tmp_path / "folder" / "runs.jsonl"
    assert run(Records(file)) == [("a", 0), ("b", 0), ("c", 0)]
    printed = capsys.readouterr()
    assert "a  3 s  seed 0  OWA 0.5  fit_seconds 2.5" in printed.out
    assert "b  3 s  seed 0  failed" in printed.out
    assert "no | luck" in printed.err
    good, failed, untimed = map(json.loads, file.read_text().splitlines())
    assert good["scores"] == {"OWA": 0.5}
    assert good["measured"] == {"fit_seconds": 2.5, "steps": 7, "batch": 4}
    assert good["versions"] == {"pandas": "3"}
    assert good["package"] == f"tsseq2seq {metadata.version('tsseq2seq')}"
    assert good["date"].startswith("20")
    assert "torch" in good["machine"]
    assert "threads" not in good["machine"]  # those of this process are not those of the run
    assert failed["error"].endswith("no | luck")
    assert failed["scores"] == {}
    assert untimed["seconds"] is None
    assert run(Records(file)) == []
    assert run(Records(file), seeds=[0, 1]) == [("a", 1), ("b", 1), ("c", 1)]
    assert len(Records(file).runs) == 6


def test_another_time_runs_anew_only_those_who_have_one(run):
    from peers.records import Records

    records = Records(None)
    run(records)
    assert run(records, seconds=5.0) == [("a", 0), ("b", 0)]


@pytest.mark.parametrize("change", ["settings", "threads", "denormals", "version"])
def test_what_makes_a_run_another_one(run, entries, terms, monkeypatch, change):
    from peers import contest
    from peers.records import Records

    records, own = Records(None), entries[:1]
    run(records, who=own)
    if change == "settings":
        own = [dataclasses.replace(own[0], settings={"size": 4})]
    elif change == "version":
        monkeypatch.setattr(contest, "packages", lambda names: dict.fromkeys(names, "tsseq2seq 99"))
    else:
        changed = {"threads": 2} if change == "threads" else {"flush_denormals": False}
        terms = dataclasses.replace(terms, **changed)
    assert run(records, who=own, terms=terms) == [("a", 0)]
    assert run(records, who=own, terms=terms) == []


def test_again_and_whole_turns(run, entries):
    from peers.records import Records

    records = Records(None)
    run(records, seeds=[0, 1])
    assert run(records, seeds=[0, 1], again=["a"]) == [("a", 0), ("a", 1)]
    assert run(records, seeds=[0, 1], again=["a"], whole=True) == [(w, s) for s in (0, 1) for w in "abc"]
    other = [*entries[:2], dataclasses.replace(entries[2], settings={"new": 1})]
    run(records, seeds=[0], who=other)
    assert run(records, seeds=[0, 1], who=other, whole=True) == [("a", 1), ("b", 1), ("c", 1)]
    assert run(records, who=[]) == []


def test_packages_of_environments(monkeypatch):
    from peers.contest import packages

    monkeypatch.setenv("TSSEQ2SEQ_PEERS", f"numpy={sys.executable},no-such-package={sys.executable}")
    found = packages({"numpy", "no-such-package"})
    assert found == {"numpy": f"numpy {np.__version__}", "no-such-package": "no-such-package not installed"}


def made(label="a", **changed):
    from peers.records import Run

    known = {
        "settings": {}, "package": "p 1", "seconds": 10.0, "seed": 0, "threads": 2, "flush_denormals": True,
        "versions": {"p": "1"}, "date": "2026-01-02T03:04", "machine": "a machine",
    }  # fmt: skip
    return Run(label, **(known | changed))


def test_a_record_comes_back_as_it_was(tmp_path):
    from peers.records import Records

    run = made(settings={"model": "µ", "n": [1, 2]}, measured={"steps": 3}, error="a\nb")
    Records(tmp_path / "r.jsonl").add(run)
    (back,) = Records(tmp_path / "r.jsonl").runs
    assert back == run
    assert back.key == run.key
    assert Records(tmp_path / "r.jsonl").has(dataclasses.replace(run, date="", machine="", error=None))


@pytest.mark.parametrize("line", ["{", '{"label": "a"}', '{"nobody": 1}'], ids=["cut", "short", "unknown"])
def test_a_line_that_is_no_record(tmp_path, line):
    from peers.records import Records

    file = tmp_path / "r.jsonl"
    Records(file).add(made())
    file.write_text(file.read_text() + line)
    with pytest.raises(SystemExit, match=r"r\.jsonl, line 2 is not the record of a run"):
        Records(file)


def test_the_newest_runs_in_order():
    from peers.records import Records

    records = Records(None)
    runs = [
        made("a", seconds=25.0), made("b"), made("a", scores={"OWA": 2.0}), made("a", threads=1),
        made("a", flush_denormals=False), made("unknown"), made("b", seconds=None),
        made("a", scores={"OWA": 1.0}, settings={"new": 1}),
    ]  # fmt: skip
    for run in runs:
        records.add(run)
    newest = records.newest(["b", "a"], threads=2, flush_denormals=True)
    assert newest == [runs[6], runs[1], runs[7], runs[0]]


def test_notes_name_settings_by_time_and_failures_and_machines():
    from peers.records import notes

    runs = [
        made(seconds=10.0), made(seconds=300.0, settings={"k": 2}, seed=1), made(seconds=25.0),
        made("b", error="Traceback\nKeyError: 'a|b'", versions={}, date="2026-01-05", seconds=None),
        made("c", machine="another", threads=2),
    ]  # fmt: skip
    assert notes(runs).splitlines() == [
        "- a (10 s, 25 s): none; all else default. p 1.",
        "- a (300 s): k=2; all else default. p 1.",
        "- b: none; all else default. Versions unknown.",
        "- c: none; all else default. p 1.",
        "- b, seed 0 failed: KeyError: 'a/b'",
        "- Seeds 0, 1; 2 threads each; denormals of the peers flushed.",
        "- Measured on a machine; 2026-01-02 … 2026-01-05.",
        "- Measured on another; 2026-01-02.",
    ]


@pytest.mark.parametrize(
    ("changed", "dry", "kept"),
    [
        ({}, False, True),
        ({"dry_run": True}, True, False),
        ({"series": 3}, True, False),
        ({"validation": True}, True, False),
        ({"redraw": True, "dry_run": True}, True, True),
    ],
    ids=["plain", "dry run", "few series", "validation", "dry redraw"],
)
def test_what_is_kept(changed, dry, kept):
    from peers.contest import is_dry, open_records

    arguments = SimpleNamespace(**({"dry_run": False, "series": None, "redraw": False} | changed))
    assert is_dry(arguments) == dry
    assert (open_records("no_such_script", arguments).path is not None) == kept


def test_the_clock_times_the_steps_after_the_first_ones(monkeypatch):
    from peers import clock

    now = [0.0]
    monkeypatch.setattr(clock.time, "perf_counter", lambda: now[0])
    watch = clock.Clock(100.0)
    for step, at in enumerate((9.0, 10.0, 11.0, 11.5, 13.0), 1):
        now[0] = at
        watch.count()
        expected = {"steps": step} | (
            {"train_steps": step - 3, "train_seconds": at - 11.0} if step > 3 else {}
        )
        assert watch.counted() == expected


def test_our_steps_are_timed_from_the_history():
    from peers.ours import counted

    history = pd.DataFrame({"step": [1, 2, 3, 4, 7], "seconds": [5.0, 6.0, 6.5, 7.0, 8.5]})
    assert counted(history) == {"steps": 7, "train_steps": 4, "train_seconds": 2.0}
    assert counted(history.iloc[:3]) == {"steps": 3}
    both = pd.concat([history.assign(member=0), history.assign(member=1)])
    assert counted(both) == {"steps": 14, "train_steps": 8, "train_seconds": 4.0}


def test_series_of_is_the_inverse_of_long_frame():
    from peers.frames import long_frame, series_of
    from peers.protocol import Series

    series = Series(["b", "a"], [np.array([3.0, 1.0, 2.0]), np.array([4.0, 5.0])])
    back = series_of(long_frame(series))
    assert back.ids == series.ids
    for one, other in zip(back.values, series.values, strict=True):
        np.testing.assert_array_equal(one, other)


def runner_job(tmp_path, values, horizon):
    from peers.protocol import Job, Record, Series

    data = tmp_path / "series.npz"
    Series([str(n) for n in range(len(values))], values).save(data)
    return Job(str(data), "", horizon, 1.0, threads=1, settings={"season": 4}), Record()


def test_seasonal_naive_is_that_of_the_library(tmp_path):
    from peers.frames import long_frame
    from peers.seasonal_naive import run

    from tsseq2seq.evaluation.baselines import SeasonalNaive

    rng = np.random.default_rng(0)
    job, record = runner_job(tmp_path, [rng.normal(size=9), rng.normal(size=6)], 10)
    expected = SeasonalNaive(horizon=10, season_length=4).fit(long_frame(job.series())).predict()
    # the library keeps its series in float32
    np.testing.assert_allclose(run(job, record).reshape(-1), expected["SeasonalNaive"], rtol=1e-6)
    assert record["fit_seconds"] >= 0


def test_ets_follows_trend_and_season_and_keeps_a_constant(tmp_path):
    from peers.statsmodels_models import run

    steps = np.arange(60.0)
    rng = np.random.default_rng(0)
    season = np.array([0.0, 5.0, -3.0, 1.0])
    values = 1e5 * (50 + 0.5 * steps + np.tile(season, 15) + 0.01 * rng.normal(size=60))
    job, record = runner_job(tmp_path, [values, np.full(30, 7.0)], 8)
    forecast = run(job, record)
    future = 1e5 * (50 + 0.5 * np.arange(60, 68) + np.tile(season, 2))
    np.testing.assert_allclose(forecast[0], future, rtol=0.01)
    np.testing.assert_array_equal(forecast[1], 7.0)


def test_ets_in_processes_is_ets():
    from peers.statsmodels_models import forecast_all

    values = [np.random.default_rng(seed).normal(10, 1, 40) for seed in range(3)]
    one, two = (forecast_all(values, 4, 5, processes) for processes in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_make_bench_runs_scripts_that_are_there():
    text = (ROOT / "Makefile").read_text()
    names = re.search(r"^BENCHMARKS := (.*?[^\\])$", text, re.MULTILINE | re.DOTALL).group(1)
    scripts = names.replace("\\", " ").split()
    assert {"m4_seconds", "throughput"} <= set(scripts)
    assert [name for name in scripts if not (ROOT / "benchmarks" / f"{name}.py").is_file()] == []
