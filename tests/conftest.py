"""Fixtures for the tests of all modules."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import jaxtyping
import pytest


@pytest.fixture
def data_folder() -> Path:
    """The folder with the public data sets; without one the test is skipped."""
    folder = os.environ.get("TSSEQ2SEQ_DATA")
    if not folder:
        pytest.skip("TSSEQ2SEQ_DATA is not set: it must name a folder with the public data sets")
    return Path(folder)


@pytest.fixture
def unchecked_types() -> Iterator[None]:
    """Let arguments of the wrong type through, to test that the library itself refuses them."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
