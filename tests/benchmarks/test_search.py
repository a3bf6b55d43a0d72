"""What the script about searches says of two of them, and how it counts their seconds."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

ARGUMENTS = SimpleNamespace(seconds=60.0, each=5.0, threads=1, dry_run=False)


def search_of(trials=9.0, owa=0.4, seconds=60.0):
    from search import SearchOutcome

    return SearchOutcome(trials, owa, "what it found", seconds, 5.0, 1, "2026-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("trials", "owa", "state"),
    [(3, 0.5, "**met**"), (9, 0.5, "**not met**"), (3, 0.4, "**not met**"), (20, 0.3, "**not met**")],
)
def test_ours_must_be_ahead_in_trials_and_in_error(trials, owa, state):
    from search import verdict

    assert verdict(search_of(), search_of(trials, owa)).endswith(f"in the same time: {state}.")


def test_a_peer_that_failed_leaves_the_bar_open():
    from search import verdict

    said = verdict(search_of(), "failed: KeyError")
    assert "NeuralForecast AutoLSTM failed: KeyError" in said
    assert said.endswith("**open**.")


def test_the_share_outside_training_leaves_out_what_we_test(monkeypatch):
    import search

    now = iter([0.0, 0.0, 1.0, 10.0, 10.0, 17.0])  # a trial of 10 s, of which 1 s is a score; a test of 7 s
    monkeypatch.setattr(search.time, "perf_counter", lambda: next(now))
    clock = search.Clock()
    score = clock.timing("beside", lambda: "score")
    trial = clock.timing("trials", score)
    assert trial() == "score"
    clock.timing("test", lambda: None)()
    assert clock.seconds == {"trials": 10.0, "beside": 1.0, "test": 7.0}
    assert clock.overhead(19.0) == pytest.approx(0.25)  # 12 s of search, 9 s of training


def test_seconds_of_what_fails_count():
    import search

    clock = search.Clock()

    def pruned():
        raise KeyError("pruned")

    with pytest.raises(KeyError):
        clock.timing("trials", pruned)()
    assert clock.seconds["trials"] > 0


def test_results_are_kept_for_searches_of_the_same_length(tmp_path, monkeypatch):
    import search

    monkeypatch.setattr(search, "RECORD", tmp_path / "search.json")
    assert search.recorded(ARGUMENTS) == {}
    results = {"ours": search_of(), "peer": "failed: KeyError"}
    search.record(results)
    assert search.recorded(ARGUMENTS) == results
    assert json.loads(search.RECORD.read_text())["ours"]["trials"] == 9
    assert search.recorded(SimpleNamespace(**vars(ARGUMENTS) | {"seconds": 90.0})) == {
        "peer": "failed: KeyError"
    }
    assert search.recorded(SimpleNamespace(**vars(ARGUMENTS) | {"dry_run": True})) == {}
    assert "9 against" not in search.report(results, ARGUMENTS)
    results["peer"] = search_of(3, 0.5)
    assert "(9 against 3) and a lower OWA (0.400 against 0.500)" in search.report(results, ARGUMENTS)
