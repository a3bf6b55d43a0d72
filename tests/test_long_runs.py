"""Predictions in any kind of worker are the same, and many of them need no more memory than a few."""

from __future__ import annotations

import gc
import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.every_estimator import CASES, fitted
from tests.predicting_workers import KINDS

ROOT = Path(__file__).resolve().parents[1]
MIB = 2**20


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name in CASES:
        fitted(name).save(folder / name.replace(" ", "_"))
    return folder


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
@pytest.mark.parametrize("kind", KINDS)
def test_workers_of_every_kind_predict_the_same(kind: str, saved: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.predicting_workers", kind, str(saved)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "2"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    count, apart = done.stdout.split()
    assert int(count) == len(CASES)
    assert float(apart) <= 1e-6


def resident() -> int:
    """Return this process' resident memory in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from Linux")
@pytest.mark.parametrize("name", CASES)
def test_memory_is_flat_over_predictions(name: str) -> None:
    case, model = CASES[name], fitted(name)

    def predict(times: int) -> int:
        for _ in range(times):
            case.answers(model, case.items)
        gc.collect()
        return resident()

    predict(8)
    memory = [predict(12) for _ in range(4)]
    # what is allocated once grows in one of the three parts; a leak, of 40 KiB a prediction say, in all
    assert min(after - before for before, after in itertools.pairwise(memory)) < MIB // 2
