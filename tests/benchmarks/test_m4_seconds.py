from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

OURS, LSTM, ETS, NAIVE = "tsseq2seq", "NeuralForecast LSTM", "statsmodels ETS", "seasonal naive"


def made(label, seconds, owa, *, seed=0, fit=None, error=None, **changed):
    from peers.records import Run

    scores = {} if error else {"OWA": owa, "sMAPE": 10.0, "MASE": 1.0}
    measured = {} if error else {"fit_seconds": fit or seconds or 0.0, "steps": 40, "batch": 256}
    return Run(
        label, {}, "p 1", seconds, seed, 2, True,
        scores=scores, measured=measured, error=error, date="2026-01-02", machine="a machine", **changed,
    )  # fmt: skip


@pytest.fixture
def peers_labels():
    from m4_seconds import PEERS, RIVALS

    return [PEERS[name].label for name in RIVALS if PEERS[name].timed]


@pytest.fixture
def everyone(peers_labels):
    """Return the cells of a contest in which ours has these errors, and all others 0.7."""
    from m4_seconds import BUDGETS, gathered

    def make(own, budgets=BUDGETS, left_out=()):
        runs = [made(OURS, budget, owa) for budget, owa in zip(budgets, own, strict=True)]
        runs += [made(who, budget, 0.7) for who in peers_labels for budget in budgets if who not in left_out]
        return gathered(runs)

    return make


def test_the_budgets_and_turns():
    from m4_seconds import contestants, tasks

    only = ["ours", "darts_rnn", "statsmodels_ets"]
    planned = tasks([60.0, 25.0], [0, 1], only, {}, 1)
    shown = [(task.contestant.label, task.seconds, task.budget, task.seed) for task in planned]
    rnn = "Darts RNN"
    assert shown == [
        (OURS, 25, 25, 0), (rnn, 25, 25, 0), (ETS, 25, None, 0),
        (rnn, 25, 25, 1), (ETS, 25, None, 1), (OURS, 25, 25, 1),
        (OURS, 60, 60, 0), (rnn, 60, 60, 0),
        (OURS, 60, 60, 1), (rnn, 60, 60, 1),
    ]  # fmt: skip
    assert all(
        task.contestant == contestants({}, task.seconds, 1)["ours"]
        for task in planned
        if task.contestant.label == OURS
    )


def test_longer_times_train_more_members_that_differ_in_turn(monkeypatch):
    import m4_seconds

    monkeypatch.setattr(m4_seconds, "OURS", {"a": 1, "b": 1})
    monkeypatch.setattr(m4_seconds, "MEMBER_SECONDS", 75)
    monkeypatch.setattr(m4_seconds, "UNLIKE", [{}, {"c": 1}, {"c": 2}])
    monkeypatch.setattr(m4_seconds, "SEVERAL", {"d": 4})
    own = {"output": "Point", "a": 1, "b": 3}
    for seconds, threads, members in (
        (10.0, 1, None),
        (112.0, 1, None),
        (120.0, 1, [{}, {"c": 1}]),
        (75.0, 2, [{}, {"c": 1}]),
        (300.0, 1, [{}, {"c": 1}, {"c": 2}, {}]),
    ):
        found = m4_seconds.contestants({"b": 3}, seconds, threads)["ours"].settings
        assert found == own | ({} if members is None else {"d": 4, "unlike": members})


def test_a_part_of_the_series_and_the_score_of_the_median(monkeypatch):
    import m4_seconds
    from m4_hourly import errors, owa
    from peers.contest import Task
    from peers.contestants import Contestant
    from peers.launch import Result

    def frame(length, start):
        steps = np.arange(start, start + length)
        return pd.concat(
            [
                pd.DataFrame({"unique_id": name, "ds": steps, "y": f * (2 + steps % 7)})
                for name, f in (("b", 1.0), ("c", 3.0), ("a", 10.0))
            ]
        )

    monkeypatch.setattr(m4_seconds, "data", lambda validation: (frame(100, 0), frame(48, 100)))
    part = m4_seconds.Part.read(False, 2)
    assert part.series.ids == ["b", "c"]
    assert part.test["unique_id"].unique().tolist() == ["b", "c"]
    truth = part.test["y"].to_numpy().reshape(2, 48)
    points = Contestant("a", "e", "m", quantiles=False)
    quantiles = Contestant("b", "e", "m")
    assert part.score(Task(points, 1, 0), Result(points, truth))["OWA"] == 0
    off = np.stack([truth - 1, truth, truth + 5], axis=-1)
    assert part.score(Task(quantiles, 1, 0), Result(quantiles, off))["OWA"] == 0
    found = part.score(Task(points, 1, 0), Result(points, truth + 1))
    assert found["OWA"] == owa(*errors(part.train, part.test, truth + 1)) > 0


def test_tables_hold_medians_over_seeds_and_failures():
    from m4_seconds import gathered, tables

    runs = [made(OURS, 10.0, owa, seed=seed, fit=9.0 + seed) for seed, owa in enumerate((0.5, 0.9, 0.6))]
    runs += [
        made(LSTM, 10.0, 0.8),
        made(LSTM, 10.0, 0, seed=1, error="KeyError"),
        made(LSTM, 25.0, 0, error="E"),
    ]
    runs += [made(ETS, None, 0.55, fit=200.0)]
    assert tables(gathered(runs)).splitlines() == [
        "| OWA after | 10 s | 25 s | its own time |",
        "|---|---|---|---|",
        f"| {OURS} | 0.600 | — | — |",
        f"| {LSTM} | 0.800 (1 failed) | failed | — |",
        f"| {ETS} | — | — | 0.550 |",
        "",
        "| seconds to fit, steps | 10 s | 25 s | its own time |",
        "|---|---|---|---|",
        f"| {OURS} | 10.0 s, 40 | — | — |",
        f"| {LSTM} | 10.0 s, 40 (1 failed) | failed | — |",
        f"| {ETS} | — | — | 200.0 s, 40 |",
    ]


@pytest.mark.parametrize(
    ("own", "left_out", "state"),
    [
        ([0.6] * 6, (), "met"),
        ([0.6] * 5 + [0.7], (), "not met"),
        ([0.6] * 6, (LSTM,), "open"),
        ([0.6] * 5 + [0.8], (LSTM,), "not met"),
    ],
    ids=["below all", "equal is not below", "one not measured", "above although one is missing"],
)
def test_the_lead(everyone, own, left_out, state):
    from m4_seconds import lead

    *lines, bar = lead(everyone(own, left_out=left_out))
    assert bar.endswith(f"**{state}**.")
    assert len(lines) == 6
    assert (f"without {LSTM}" in lines[0]) == bool(left_out)


def test_the_lead_needs_all_times(everyone):
    from m4_seconds import lead

    assert "**open**" in lead(everyone([0.6, 0.6], budgets=[10.0, 600.0]))[-1]
    assert "**not met**" in lead(everyone([0.6, 0.9], budgets=[10.0, 600.0]))[-1]
    assert (
        "**met**"
        in lead(everyone([0.6] * 6 + [0.9], budgets=[10.0, 25.0, 60.0, 120.0, 300.0, 600.0, 900.0]))[-1]
    )


def test_who_takes_its_own_time_is_a_rival_from_then_on(everyone):
    from m4_seconds import gathered, lead, rivals

    cells = everyone([0.6] * 6) | gathered(
        [made(ETS, None, 0.5, fit=200.0), made(NAIVE, None, 0.1, fit=0.01)]
    )
    assert ETS not in rivals(cells, 120.0)
    assert rivals(cells, 300.0)[ETS] == 0.5
    assert NAIVE not in rivals(cells, 300.0)
    lines = lead(cells)
    assert "ours is lowest" in lines[3]
    assert f"0.500 ({ETS}): ours is not lowest" in lines[4]
    assert "**not met**" in lines[-1]


@pytest.mark.parametrize(
    ("errors", "state"),
    [
        ({10.0: 0.658, 25.0: 0.5}, "met"),
        ({10.0: 0.659, 25.0: 0.5}, "not met"),
        ({25.0: 0.5}, "open"),
    ],
    ids=["in 10 s", "in 25 s", "10 s not measured"],
)
def test_the_time_to_reach(errors, state):
    from m4_seconds import gathered, reach

    runs = [made(OURS, budget, owa) for budget, owa in errors.items()]
    runs += [
        made(LSTM, 10.0, 0.9),
        made(LSTM, 25.0, 0.6),
        made("Darts RNN", 10.0, 0.9),
        made(NAIVE, None, 0.627),
    ]
    line, bar = reach(gathered(runs))
    assert bar.endswith(f"**{state}**.")
    assert f"{LSTM} 25 s, Darts RNN —. Seasonal naive has 0.627." in line


def test_the_errors_wanted():
    from m4_seconds import gathered, wanted

    lines = wanted(gathered([made(OURS, 300.0, 0.41)]), {})
    assert lines == [
        "Bar: an OWA of at most 0.41 after 300 s of two cores: 0.4100 with one thread, **met**.",
        "Bar: an OWA of at most 0.36 after 900 s of two cores: not measured, **open**.",
    ]
    alone = gathered([made(OURS, 900.0, 0.37)])
    assert "0.3700 with one thread, **not met**" in wanted(alone, {})[1]
    assert "0.3600 with two threads, **met**" in wanted(alone, gathered([made(OURS, 900.0, 0.36)]))[1]
    assert "failed" in wanted(gathered([made(OURS, 900.0, 0, error="E")]), {})[1]


def test_labels_are_spread_as_isotonic_regression_would():
    # min Σ(place − wanted)² with places at least a gap apart is isotonic once the gaps are taken off
    from seconds_plot import spread
    from sklearn.isotonic import IsotonicRegression

    rng = np.random.default_rng(0)
    for count in (1, 2, 5, 9):
        wanted = rng.random(count).tolist()
        order = np.argsort(wanted)
        gaps = 0.1 * np.arange(count)
        best = IsotonicRegression().fit_transform(np.arange(count), np.array(wanted)[order] - gaps) + gaps
        np.testing.assert_allclose(np.array(spread(wanted, 0.1))[order], best, atol=1e-12)


def test_redrawing_runs_nothing_and_writes_tables_and_plot(tmp_path, monkeypatch, capsys):
    import m4_seconds
    import report
    from peers import contest
    from peers.records import Records

    records = Records(tmp_path / "m4_seconds.jsonl")
    for run in (
        made(OURS, 10.0, 0.6),
        made(OURS, 25.0, 0.5),
        made(LSTM, 10.0, 0.9, fit=11.0),
        made(ETS, None, 0.55, fit=20.0),
        made(NAIVE, None, 0.627),
        made("long gone", 10.0, 0.1),
    ):
        records.add(run)
    plot = tmp_path / "error_over_seconds.svg"
    monkeypatch.setattr(contest, "RECORDS", tmp_path)
    monkeypatch.setattr(report, "RESULTS", tmp_path / "RESULTS.md")
    monkeypatch.setattr(m4_seconds, "PLOT", plot)
    monkeypatch.setattr(m4_seconds, "data", lambda validation: pytest.fail("data were read"))
    monkeypatch.setattr("sys.argv", ["m4_seconds.py", "--redraw", "--dry-run"])
    m4_seconds.main()
    assert not plot.exists()
    monkeypatch.setattr("sys.argv", ["m4_seconds.py", "--redraw"])
    m4_seconds.main()
    text = (tmp_path / "RESULTS.md").read_text()
    assert "## Accuracy against training time\n\n`benchmarks/m4_seconds.py`" in text
    assert "![OWA over seconds of training](error_over_seconds.svg)" in text
    assert f"| {OURS} | 0.600 | 0.500 | — |" in text
    assert "long gone" not in text
    first = plot.read_text()
    assert all(f">{label}<" in first for label in (OURS, LSTM, ETS, NAIVE))
    m4_seconds.main()
    assert plot.read_text() == first
    capsys.readouterr()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--set", "a=1"], "--set goes with --validation"),
        (["--redraw", "--validation"], "--redraw shows what is recorded"),
    ],
    ids=["settings for the test part", "redrawn validation"],
)
def test_options_that_do_not_go_together(monkeypatch, capsys, options, message):
    import m4_seconds

    monkeypatch.setattr("sys.argv", ["m4_seconds.py", *options])
    with pytest.raises(SystemExit):
        m4_seconds.parse()
    assert message in capsys.readouterr().err
