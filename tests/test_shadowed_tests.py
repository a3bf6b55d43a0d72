"""No test is defined twice under one name: the first would never run."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "tests").rglob("*.py"))

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

TWICE = """
def test_one() -> None:
    assert True


def test_one() -> None:
    assert True


class TestMany:
    def test_two(self) -> None:
        assert True

    def test_two(self) -> None:
        assert True
"""


def defined_twice(body: list[ast.stmt], inside: str = "") -> Iterator[str]:
    """Names of functions and classes that another one of the same module or class replaces."""
    own = [node for node in body if isinstance(node, Definition) and not is_setter(node)]
    yield from (f"{inside}{name}" for name, count in Counter(node.name for node in own).items() if count > 1)
    for node in own:
        if isinstance(node, ast.ClassDef):
            yield from defined_twice(node.body, f"{inside}{node.name}.")


def is_setter(node: Definition) -> bool:
    """Whether a definition adds to a property of its name instead of replacing it."""
    return any(isinstance(part, ast.Attribute) and part.attr == "setter" for part in node.decorator_list)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_name_is_defined_twice(file: Path) -> None:
    assert list(defined_twice(ast.parse(file.read_text(encoding="utf-8")).body)) == []


def test_what_is_defined_twice_is_found() -> None:
    assert list(defined_twice(ast.parse(TWICE).body)) == ["test_one", "TestMany.test_two"]


def test_the_linter_refuses_it_too() -> None:
    """Rule F811 must not be switched off for tests."""
    command = [sys.executable, "-m", "ruff", "check", "--stdin-filename", "tests/test_twice.py", "-"]
    done = subprocess.run(command, input=TWICE, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("F811") == 2
