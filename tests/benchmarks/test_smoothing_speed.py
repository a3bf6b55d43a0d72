from __future__ import annotations

import json
import subprocess
from types import SimpleNamespace

import pytest

from tsseq2seq.evaluation import baselines


def test_the_made_panel_is_a_thousand_months_that_smoothing_takes_for_seasonal():
    from smoothing_speed import LENGTH, SERIES, monthly

    df = monthly()
    assert df.shape == (SERIES * LENGTH, 3)
    assert df["unique_id"].nunique() == 1000
    assert (df.groupby("unique_id").size() == 120).all()
    assert (df["y"] > 0).all()
    assert (df.groupby("unique_id")["ds"].diff().dropna().dt.days <= 31).all()


def test_the_first_call_is_held_against_the_bar():
    from smoothing_speed import Seconds, report

    seconds = {
        "smoothing": [Seconds(first, 0.5, 9.0) for first in (1.0, 1.5, 5.0)],
        "defaults": [Seconds(3.5, 2.5, 0.5)],
    }
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in report(seconds).splitlines()[2:]
    ]
    assert rows[0][1:] == ["1.50", "0.50", "9.00", "2 s: **met**"]
    assert rows[1][1:] == ["—", "—", "—", "not measured"]
    assert rows[2][1:] == ["3.50", "2.50", "0.50", "3 s: **not met**"]


@pytest.mark.parametrize("there", [True, False])
def test_works_are_measured_in_processes_turn_about_and_the_first_round_does_not_count(
    monkeypatch, capsys, there
):
    import smoothing_speed

    asked = []

    def run(command, **options):
        asked.append(command[-1])
        made = {"first": len(asked), "processor": 0.5, "second": 0.5}
        return SimpleNamespace(stdout=f"a line that something prints\n{json.dumps(made)}\n")

    monkeypatch.setattr(subprocess, "run", run)
    if there:
        monkeypatch.setattr(baselines, "Smoothing", object, raising=False)
    else:
        monkeypatch.delattr(baselines, "Smoothing", raising=False)
    seconds = smoothing_speed.measure(2)
    if there:
        assert asked == [
            "defaults", "intervals", "smoothing", "smoothing", "intervals", "defaults",
            "defaults", "intervals", "smoothing",
        ]  # fmt: skip
        assert [one.first for one in seconds["smoothing"]] == [4, 9]
    else:
        assert asked == ["defaults"] * 3
        assert capsys.readouterr().out.count("left out") == 2
    assert seconds["defaults"][0].first == (6 if there else 2)
