"""Faults that are put into the code: each is one change, and the tests that mirror its file are run."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

SOURCE = '''
def clipped(value: int = 3, low=None) -> int:
    """Return 7 at most."""
    if not value or value < 2 and low is not None:
        raise ValueError(f"{value + 1} is {2}")
    return min(value + 1, 7)
'''


@pytest.fixture
def mutation_score():
    import mutation_score

    return mutation_score


@pytest.fixture
def file(mutation_score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(mutation_score, "ROOT", tmp_path)
    path = tmp_path / "tsseq2seq" / "decoding" / "clipped.py"
    path.parent.mkdir(parents=True)
    path.write_text(SOURCE, encoding="utf-8")
    return path


def test_each_fault_changes_one_place_and_leaves_messages_alone(mutation_score, file: Path) -> None:
    plain = ast.unparse(ast.parse(SOURCE))
    found = list(mutation_score.mutants(file, None, random.Random(0)))
    whats = {fault.what.rpartition(": ")[2] for fault in found}
    assert {"LtE", "Or", "And", "IsNot", "Is", "max", "Sub", "None", "without not"} & whats == {
        "LtE", "Or", "And", "Is", "max", "Sub", "None", "without not"
    }  # fmt: skip
    for fault in found:
        lines = zip(plain.splitlines(), fault.source.splitlines(), strict=True)
        assert sum(one != other for one, other in lines) == 1, fault.name
        assert "is {2}" in fault.source
        assert fault.name.startswith(f"decoding/clipped.py:{fault.line} ")
    assert len({fault.source for fault in found}) == len(found)


def test_a_sample_is_the_same_for_the_same_seed(mutation_score, file: Path) -> None:
    one, other, third = (
        [fault.name for fault in mutation_score.mutants(file, 3, random.Random(seed))] for seed in (1, 1, 2)
    )
    assert one == other != third
    assert len(one) == 3


def test_the_tests_of_a_file_are_those_that_bear_its_name_or_else_its_folders(
    mutation_score, file: Path
) -> None:
    folder = mutation_score.ROOT / "tests" / "decoding"
    folder.mkdir(parents=True)
    (folder / "test_other.py").touch()
    assert mutation_score.tests_of(file) == ["tsseq2seq/decoding/clipped.py", "tests/decoding/test_other.py"]
    (folder / "test_clipped.py").touch()
    assert mutation_score.tests_of(file)[1:] == ["tests/decoding/test_clipped.py"]


def test_survivors_with_a_reason_leave_the_score(mutation_score) -> None:
    said = mutation_score.report(
        {"decoding": (4, 2)}, ["decoding/a.py:1 x", "decoding/a.py:2 y"], {"decoding/a.py:1 x": "the same"}
    )
    assert "| `decoding` | 4 | 2 | 1 | 1 | 67 % |" in said
    assert "| `decoding/a.py:1 x` | the same |" in said
    assert "| `decoding/a.py:2 y` | **missed** |" in said


def test_a_fault_is_noticed_and_what_changes_nothing_survives(mutation_score, file: Path) -> None:
    """A real run, of a package of one function."""
    file.write_text("def f(x):\n    '''\n    >>> f(1)\n    3\n    '''\n    return x + 2\n", encoding="utf-8")
    (mutation_score.ROOT / "pytest.ini").write_text("[pytest]\naddopts = --doctest-modules\n")
    (mutation_score.ROOT / "tests" / "decoding").mkdir(parents=True)
    same = mutation_score.Mutant(file, 6, "nothing", file.read_text(encoding="utf-8"))
    wrong = mutation_score.Mutant(file, 6, "Sub", same.source.replace("+", "-"))
    assert mutation_score.survives(same, mutation_score.ROOT, 100)
    assert not mutation_score.survives(wrong, mutation_score.ROOT, 100)
    assert file.read_text(encoding="utf-8") == same.source
