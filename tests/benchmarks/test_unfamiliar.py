from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest


@pytest.fixture
def suite(monkeypatch, tmp_path):
    """Put two made sets into the suite, and a counter of looks of their own; note what would run."""
    import unfamiliar
    import unfamiliar_looks
    import unfamiliar_sets
    from peers.protocol import Series
    from peers.records import Records, Run

    values = [np.arange(60.0), 5 + np.arange(50.0)]
    whole = unfamiliar_sets.Whole(Series(["a", "b"], values), "2001-01-01")
    sets = {
        "one": unfamiliar_sets.SeriesSet(lambda: whole, "MS", 4, 6),
        "two": unfamiliar_sets.SeriesSet(lambda: whole, "MS", 4, 6, windows=2),
    }
    for name, one in sets.items():
        monkeypatch.setitem(unfamiliar_sets.SETS, name, one)
    ran = []

    def recorded(order, terms, records, score, *, again):
        for task in order:
            entry = task.contestant
            run = Run(
                entry.label, entry.settings, "p 1", None, task.seed, terms.threads, True, date="2026-01-02"
            )
            if run.label in again or not records.has(run):
                ran.append((entry.settings["suite"], entry.settings["held_out"], run.label, run.seed))
                records.add(run)

    monkeypatch.setattr(unfamiliar, "recorded", recorded)
    looks = tmp_path / "looks.jsonl"
    monkeypatch.setattr(unfamiliar, "note_looks", lambda *given: unfamiliar_looks.note_looks(*given, looks))
    records = Records(None)

    def compete(left_out=(), changes=None, **changed):
        given = {
            "sets": ["one", "two"], "only": ["ours", "naive"], "again": [], "seeds": [0, 1], "threads": 1,
            "windows": None, "validation": True, "redraw": False, "max_steps": None, "why": "",
        }  # fmt: skip
        ran.clear()
        runs = unfamiliar.compete(records, SimpleNamespace(**given | changed), changes or {}, left_out)
        return runs, list(ran)

    return SimpleNamespace(
        compete=compete, looks=lambda: dict(unfamiliar_looks.looks(looks)), records=records
    )


def test_each_task_runs_once_and_each_turn_begins_with_another_one(suite):
    runs, ran = suite.compete()
    assert ran == [
        ("one", 12, "tsseq2seq", 0), ("one", 12, "tsseq2seq", 1), ("one", 12, "seasonal naive", 0),
        ("two", 24, "tsseq2seq", 1), ("two", 24, "seasonal naive", 0), ("two", 24, "tsseq2seq", 0),
        ("two", 18, "seasonal naive", 0), ("two", 18, "tsseq2seq", 0), ("two", 18, "tsseq2seq", 1),
    ]  # fmt: skip
    assert len(runs) == 9
    assert suite.compete() == (runs, [])
    assert len(suite.compete(again=["naive"])[1]) == 3


def test_a_validation_is_no_look(suite):
    suite.compete()
    assert suite.looks() == {}


def test_each_new_run_of_our_own_on_a_last_horizon_is_a_look(suite):
    suite.compete(validation=False, only=["naive", "auto_ets"])
    assert suite.looks() == {}  # others guide no choice of ours
    suite.compete(validation=False)
    assert suite.looks() == {"one": 1, "two": 1}  # once a set, however many cutoffs and seeds
    suite.compete(validation=False)
    assert suite.looks() == {"one": 1, "two": 1}  # all of it was known
    suite.compete(validation=False, again=["ours"], sets=["two"])
    assert suite.looks() == {"one": 1, "two": 2}
    suite.compete(validation=False, redraw=True, again=["ours"])
    assert suite.looks() == {"one": 1, "two": 2}


def test_who_is_left_out_does_not_run_but_keeps_its_recorded_figures(suite):
    before, _ = suite.compete()
    runs, ran = suite.compete(left_out=["seasonal naive"], again=["naive"])
    assert (runs, ran) == (before, [])
    runs, ran = suite.compete(left_out=["tsseq2seq"], threads=2)
    assert {run.label for run in runs} == {"seasonal naive"}
    assert {label for _, _, label, _ in ran} == {"seasonal naive"}


def test_redrawing_runs_nothing(suite):
    assert suite.compete(redraw=True) == ([], [])


def test_changed_code_runs_again_and_older_figures_stand_in_where_it_does_not(suite, monkeypatch):
    import unfamiliar_models

    first, _ = suite.compete()
    monkeypatch.setattr(unfamiliar_models, "fingerprint", lambda parts: "another")
    assert suite.compete(redraw=True)[0] == first
    second, ran = suite.compete(only=["ours"])
    assert len(ran) == 6
    assert {run.settings["code"] for run in second} == {"another"}
    assert suite.compete(only=["ours"], redraw=True)[0] == second


def test_settings_to_try_out_are_other_tasks(suite):
    suite.compete()
    runs, ran = suite.compete(changes={"network__hidden_size": 8})
    assert {label for _, _, label, _ in ran} == {"tsseq2seq"}
    assert {str(run.settings.get("changes")) for run in runs} == {"{'network__hidden_size': 8}", "None"}


def test_scores_are_taken_after_the_cutoff(suite):
    from peers.launch import Result
    from unfamiliar import score
    from unfamiliar_sets import cuts

    (cut,) = cuts("one", validation=False)
    np.testing.assert_array_equal(cut.truth[0], np.arange(54.0, 60))
    naive = np.stack([np.resize(values[-4:], 6) for values in cut.known.values])
    # a line: an error of 4, and of 8 from the second season on; the scale is 4
    assert score(cut, None, Result(None, naive)) == {"mase": pytest.approx((4 * 1 + 2 * 2) / 6)}
    assert score(cut, None, Result(None, error="KeyError")) == {}


@pytest.mark.parametrize(
    "given",
    [["--max-steps", "3"], ["--windows", "2"], ["--set", "network__hidden_size=8"], ["--sets", "nothing"]],
    ids=["short without dry run", "windows of the test", "settings on the test", "an unknown set"],
)
def test_what_would_mislead_is_refused(given, monkeypatch, capsys):
    import unfamiliar

    monkeypatch.setattr("sys.argv", ["unfamiliar.py", *given])
    with pytest.raises(SystemExit):
        unfamiliar.parse()
    assert given[0] in capsys.readouterr().err


def test_the_report_holds_every_table(suite):
    import unfamiliar
    from unfamiliar_tables import NONE

    suite.compete()
    runs = [run_with_scores(run, place) for place, run in enumerate(suite.records.runs)]
    text = unfamiliar.report(runs, SimpleNamespace(validation=True), {}, {"x": "there is no x"})
    assert text.count("| set |") == 5
    assert "x did not run this time: there is no x." in text
    assert "cutoffs before the last horizons" in text
    assert NONE not in text.split("Coverage")[0]


def run_with_scores(run, place):

    scores = {"mase": 1.0 + place, "wql": 0.1, "sql": 0.2, "coverage": 90.0}
    return dataclasses.replace(run, scores=scores, measured={"fit_seconds": 1.0})


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ([], True),
        (["--validation"], False),
        (["--dry-run"], False),
        (["--sets", "cif2016"], False),
        (["--only", "naive"], False),
        (["--why", "a change", "--seeds", "0", "1"], True),
    ],
    ids=["whole", "validation", "dry run", "a set", "a model", "with a reason"],
)
def test_the_results_show_whole_runs_on_the_last_horizons_alone(monkeypatch, capsys, given, written):
    import unfamiliar
    from peers.records import Run

    sections, plots = [], []
    runs = [
        run_with_scores(
            Run(label, {"suite": "cif2016", "held_out": 12}, "p 1", None, 0, 1, True, date="2026-01-02"),
            place,
        )
        for place, label in enumerate(("tsseq2seq", "seasonal naive"))
    ]
    monkeypatch.setattr("sys.argv", ["unfamiliar.py", *given])
    monkeypatch.setattr(
        unfamiliar, "absent", lambda names: {"lstm": "it is not there"} if "lstm" in names else {}
    )
    monkeypatch.setattr(unfamiliar, "compete", lambda *_: runs)
    monkeypatch.setattr(unfamiliar, "write_section", lambda *section: sections.append(section))
    monkeypatch.setattr(unfamiliar, "draw", lambda ratios, path, own: plots.append((ratios, path)))
    unfamiliar.main()
    printed = capsys.readouterr().out
    assert "| cif2016 | 1 |" in printed
    assert ("NeuralForecast LSTM is left out: it is not there" in printed) == ("--only" not in given)
    assert [script for _, script, _ in sections] == ["benchmarks/unfamiliar.py"] * written
    assert len(plots) == written
    if written:
        assert f"({plots[0][1].name})" in sections[0][2]
        assert plots[0][0].loc["cif2016"].to_dict() == {"tsseq2seq": 0.5, "seasonal naive": 1.0}


def test_a_run_of_which_nothing_is_there_says_so(monkeypatch):
    import unfamiliar

    monkeypatch.setattr("sys.argv", ["unfamiliar.py", "--redraw", "--dry-run", "--sets", "airline"])
    monkeypatch.setattr(unfamiliar, "absent", lambda names: {})
    with pytest.raises(SystemExit, match="nothing"):
        unfamiliar.main()
