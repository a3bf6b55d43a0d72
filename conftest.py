"""What holds for every test and every docstring example."""

from __future__ import annotations

import os
import random
import sys

from jaxtyping import install_import_hook

# Annotated types and shapes are checked at every call. The hook acts on import, so nothing may
# have imported the package before.
assert "tsseq2seq" not in sys.modules, "tsseq2seq was imported before its annotations could be checked"
install_import_hook(
    "tsseq2seq",
    # As for a static checker, an int may stand where float is written (PEP 484).
    "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))",
)

import importlib.util  # noqa: E402

import hypothesis  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
import torch  # noqa: E402

if "PYTEST_XDIST_WORKER" in os.environ:
    torch.set_num_threads(1)  # one thread a worker, or they get in each other's way

# its example cannot run without what it adapts to
collect_ignore = [] if importlib.util.find_spec("sktime") else ["tsseq2seq/adapters/sktime.py"]

# Half of hypothesis' own number of examples, so that CI stays short; `make test-all` takes all.
for profile, examples in (("tsseq2seq", 50), ("thorough", 100)):
    hypothesis.settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,  # the first call of a network is much slower than the second
        derandomize="CI" in os.environ,
        print_blob=True,
    )
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "tsseq2seq"))


@pytest.hookimpl(tryfirst=True)  # markers must be there before items are chosen by them
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.notebook)
    if torch.cuda.is_available():
        return
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason="needs CUDA"))


@pytest.fixture(autouse=True)
def seed_everything() -> None:
    """Start every test from the same random state."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 (for libraries that still use the global state)
    torch.manual_seed(0)
