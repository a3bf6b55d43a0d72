"""The command, run in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tsseq2seq.cli import main


class Done(NamedTuple):
    """What a command left: its status, and what it printed."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys, tmp_path, monkeypatch) -> Callable[..., Done]:
    """Run the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Done:
        status = main([str(argument) for argument in arguments])
        return Done(status, *capsys.readouterr())

    return call


@pytest.fixture
def refused(run) -> Callable[..., str]:
    """Run a command that must be refused, and return the one line that says why."""

    def call(*arguments: object) -> str:
        before = {path: path.stat().st_mtime_ns for path in Path().rglob("*")}
        done = run(*arguments)
        assert done.status == 2, done
        assert done.out == ""
        (line,) = [line for line in done.err.splitlines() if not line.startswith(("data", "frequency"))]
        assert line.startswith("error: ")
        assert {path: path.stat().st_mtime_ns for path in Path().rglob("*")} == before
        return line.removeprefix("error: ")

    return call


@pytest.fixture
def airline(tmp_path) -> Path:
    """Five years of months, as the airline passengers are often published."""
    rows = [f"{1949 + month // 12}-{month % 12 + 1:02},{100 + month % 12 * 10}" for month in range(60)]
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["Month,#Passengers", *rows, ""]), encoding="utf-8")
    return path
