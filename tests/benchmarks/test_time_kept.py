from __future__ import annotations

import pytest


@pytest.fixture
def script():
    import time_kept

    return time_kept


def test_late_fits_are_counted_and_stand_out(script, monkeypatch) -> None:
    seconds = {("forecaster", "alone"): 3.21, ("tagger", "slow steps"): 3.19}
    monkeypatch.setattr(script, "took", lambda name, way, limit: (seconds.get((name, way), 2.0), 5, "time"))
    said = script.measure(["forecaster", "tagger"], [2.0])
    assert "| forecaster | 2 | **3.2** | 2.0 |" in said
    assert "**" not in said.splitlines()[3], "3.19 s are within a tenth and a second of 2"
    assert said.endswith("11 of 12 fits ended within a tenth and a second of `max_time`.")


def test_every_estimator_of_the_library_has_a_workload(script) -> None:
    import tsseq2seq

    made = {type(one.make(script.PLAIN)).__name__ for one in script.WORKLOADS.values()}
    assert made == {name for name in tsseq2seq.__all__ if name.startswith("Seq2Seq")}


def test_a_fit_is_timed_with_the_networks_asked_for(script) -> None:
    model = script.widened(script.WORKLOADS["ensemble"].make(script.PLAIN), 7)
    assert [one.network.hidden_size for one in model.forecasters] == [7, 7]
    found, steps, stopped = script.took("classifier", "alone", 0.5)
    assert found < 60
    assert steps >= 1
    assert stopped == "time"
