"""The counts of the script about a step's structure, against functions counted by hand."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FIRST = """
import contextlib

class Walk:
    @property
    def length(self):
        return 3

    def go(self, steps):
        return sum([self.step(n) for n in range(self.length)]) + max(map(lambda n: n + 1, [1, 2]))

    def step(self, n):
        return n

@contextlib.contextmanager
def opened():
    yield

def fail():
    raise KeyError

def start(second):
    with opened():
        pass
    try:
        fail()
    except KeyError:
        pass
    return second.deep(4)
"""
SECOND = """
def deep(n):
    return deep(n - 1) if n else 0
"""


@pytest.fixture
def package(tmp_path):
    """Two modules in a folder."""
    modules = []
    (tmp_path / "inner").mkdir()
    for path, text in (("first.py", FIRST), ("inner/second.py", SECOND)):
        (tmp_path / path).write_text(text)
        spec = importlib.util.spec_from_file_location(f"structure_{len(modules)}", tmp_path / path)
        modules.append(importlib.util.module_from_spec(spec))
        spec.loader.exec_module(modules[-1])
    return tmp_path, *modules


def test_functions_methods_properties_and_lambdas_count_and_comprehensions_do_not(package):
    from step_structure import Profile

    folder, first, _ = package
    profile = Profile(folder)
    with profile.watching():
        first.Walk().go(2)
    calls = profile.counted()
    assert calls.by_function == {
        ("first.py", "Walk.go"): 1, ("first.py", "Walk.length"): 1, ("first.py", "Walk.step"): 3,
        ("first.py", "Walk.go.<lambda>"): 2,
    }  # fmt: skip
    assert calls.total == 7
    assert calls.by_file == {"first.py": ["Walk.go", "Walk.go.<lambda> (2)", "Walk.length", "Walk.step (3)"]}


def test_depth_is_that_of_frames_in_the_folder_and_recovers_from_errors(package):
    from step_structure import Profile

    folder, first, second = package
    profile = Profile(folder)
    with profile.watching():
        first.start(second)
    assert profile.deepest == 6, "start, and five calls of deep"
    assert profile.depth == 0
    assert list(profile.counted().by_file) == ["first.py", "inner/second.py"]
    assert profile.counted().total == 0, "counting begins anew"


def test_what_lies_elsewhere_does_not_count(package, tmp_path_factory):
    from step_structure import Profile

    _, first, second = package
    profile = Profile(tmp_path_factory.mktemp("elsewhere"))
    with profile.watching():
        first.start(second)
    assert (profile.deepest, profile.counted().total) == (0, 0)


def calls_of(files: int, each: int):
    from collections import Counter

    from step_structure import Calls

    return Calls(Counter({(f"f{file}.py", "work"): each for file in range(files)}))


@pytest.mark.parametrize(
    ("files", "each", "depth", "met"),
    [(18, 4, 23, [1, 1, 1]), (10, 8, 23, [0, 1, 1]), (21, 3, 23, [1, 0, 1]), (18, 4, 24, [1, 1, 0])],
)
def test_bars(files, each, depth, met):
    from step_structure import Structure, report

    said = report(Structure(calls_of(files, each), calls_of(files + 2, each), depth))
    assert f"| its windows were drawn before | {files * each} | {files} | {files} |" in said
    assert f"| draws windows | {(files + 2) * each} | {files + 2} | {files + 2} |" in said
    verdicts = [part.split("**")[1] for part in said.split("Bar: ")[1:]]
    assert verdicts == [("not met", "met")[state] for state in met]


def test_the_script_lists_a_real_step():
    """In a process of its own: here the checks of types wrap every function."""
    command = [sys.executable, "benchmarks/step_structure.py", "--list", "--dry-run"]
    before = (ROOT / "benchmarks" / "RESULTS.md").read_bytes()
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    lines = {line.split(" | ")[0].removeprefix("| "): line for line in done.stdout.splitlines()}
    assert "GradientSteps.__call__" in lines["training/step.py"]
    ready, drawing = (
        [int(cell) for cell in lines[name].removesuffix(" |").split(" | ")[1:]]
        for name in ("its windows were drawn before", "draws windows")
    )
    assert all(0 < few < many for few, many in zip(ready, drawing, strict=True))
    assert "frames of ours deep" in done.stdout
    assert (ROOT / "benchmarks" / "RESULTS.md").read_bytes() == before
