from __future__ import annotations

import sys
from argparse import Namespace

import numpy as np
import pytest

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="resident memory is read from /proc")
SIZE = Namespace(series=4, steps=130, rounds=1)


@linux
def test_the_first_step():
    from large_panel import first_step

    # so large that no room in the heap of a process that has run other tests can hide it
    found = first_step(100, 10_000, "text")
    assert found["seconds"] > 0
    assert found["frame"] >= 100 * 10_000 * 16
    assert found["beyond"] > 0


@pytest.mark.parametrize(
    ("series", "expected"), [(100_000, [1000, 10_000, 100_000]), (50, [1, 5, 50]), (1, [1])], ids=str
)
def test_sizes(series, expected):
    from large_panel import sizes

    assert sizes(series) == expected


def test_a_training_step_trains():
    from measuring import long_frame, training_step

    from tsseq2seq import Seq2SeqForecaster, Training

    model = Seq2SeqForecaster(6, training=Training(max_steps=1, progress=False)).fit(long_frame(2, 100))
    before = [weight.detach().clone() for weight in model.fitted_.members[0].parameters()]
    loss = training_step(model)()
    assert np.isfinite(float(loss))
    after = model.fitted_.members[0].parameters()
    assert any((old != new).any() for old, new in zip(before, after, strict=True))


@linux
def test_a_run_in_a_process_of_its_own():
    from large_panel import in_a_process

    found = in_a_process("category", SIZE)
    assert set(found) == {"seconds", "beyond", "frame"}


def test_a_run_that_fails_is_a_row(monkeypatch, tmp_path):
    import large_panel

    script = tmp_path / "script.py"
    script.write_text("raise MemoryError('no | more')")
    monkeypatch.setattr(large_panel, "__file__", str(script))
    failed = large_panel.in_a_process("text", SIZE)
    assert failed == {"failed": "exit status 1: MemoryError: no / more"}
    assert "failed: exit status 1" in large_panel.first_step_section({"text": [failed]}, 100)
    assert "failed: exit status 1" in large_panel.step_section(failed)


def test_bars_of_the_first_step():
    from large_panel import first_step_section
    from measuring import MIB

    runs = {
        "text": [
            {"seconds": s, "beyond": b * MIB, "frame": 30 * MIB} for s, b in ((29, 20), (31, 51), (30, 10))
        ],
        "category": [{"seconds": 30.1, "beyond": 50 * MIB, "frame": MIB}],
    }
    said = first_step_section(runs, 10 * MIB)
    # the median of seconds, the highest memory
    assert "| text | 30 | 30.0 (bar 30: **met**) | 51 | 5.10 (bar 5: **not met**) |" in said
    assert "| category | 1 | 30.1 (bar 30: **not met**) | 50 | 5.00 (bar 5: **met**) |" in said


def test_bar_of_the_number_of_series():
    from large_panel import step_section

    said = step_section({"1000": [0.010, 0.010], "100000": [0.0105, 0.0115], "10000": [0.02, 0.01]})
    assert said.index("| 1000 |") < said.index("| 10000 |") < said.index("| 100000 |")
    assert "| 100000 | 11.0 | 1.100 |" in said
    assert "1.100, **met**" in said
    assert "**not met**" in step_section({"1000": [1.0], "100000": [1.2]})


def test_step_seconds_are_of_one_network():
    from large_panel import step_seconds

    found = step_seconds(2, 260, 1)
    assert {name: len(values) for name, values in found.items()} == {"1": 1, "2": 1}


@linux
def test_the_profile_names_lines_of_the_package():
    from large_panel import profile

    said = profile(4, 130, "text")
    assert said.startswith("| line | seconds |")
    assert ".py:" in said


def test_the_sampler_looks_into_the_package(monkeypatch):
    import inspect
    from pathlib import Path

    from large_panel import Sampler

    sampler = Sampler()
    assert sampler.place() == "elsewhere"
    monkeypatch.setattr(sampler, "package", Path(__file__).parent)
    line = inspect.currentframe().f_lineno + 1
    assert sampler.place() == f"test_large_panel.py:{line} test_the_sampler_looks_into_the_package"
