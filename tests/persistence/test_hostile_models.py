"""Every changed file ends in a model or a ModelFileError, soon and in little memory, and the right one is blamed."""

from __future__ import annotations

from pathlib import Path

import pytest

MUTATIONS = 40  # of each kind and model


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A saved model of every kind, made once."""
    from tiny_models import TINY

    folder = tmp_path_factory.mktemp("tiny")
    for name, recipe in TINY.items():
        recipe.fitted().save(folder / name, **recipe.options)
    return {name: folder / name for name in TINY}
