"""The recipes and the mutations of models lie with the benchmarks, which are scripts and no package."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def benchmarks_on_the_path() -> Iterator[None]:
    folder = str(Path(__file__).resolve().parents[2] / "benchmarks")
    sys.path.insert(0, folder)
    yield
    sys.path.remove(folder)


@pytest.fixture(scope="session")
def tiny(benchmarks_on_the_path: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A saved model of every kind, made once."""
    from tiny_models import TINY

    folder = tmp_path_factory.mktemp("tiny")
    for name, recipe in TINY.items():
        recipe.fitted().save(folder / name, **recipe.options)
    return {name: folder / name for name in TINY}
