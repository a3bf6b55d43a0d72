"""The recipes of the models lie with the benchmarks, which are scripts and no package."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def benchmarks_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[2] / "benchmarks")
