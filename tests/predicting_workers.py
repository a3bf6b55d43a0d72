"""Predict in workers: ``python -m tests.predicting_workers KIND FOLDER`` with models that were saved there.

Forked workers load their models; preloaded ones have those that their parent loaded and used; spawned ones are
fresh processes; threads share a model.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.every_estimator import CASES, Answers
from tsseq2seq import load

KINDS = ("threads", "forked", "spawned", "preloaded")
_LOADED: dict[str, Any] = {}


def loaded(folder: str, name: str) -> Any:
    """Return a model, loaded once in a process and what is forked from it."""
    if name not in _LOADED:
        _LOADED[name] = load(Path(folder) / name.replace(" ", "_"))
    return _LOADED[name]


def answer(job: tuple[str, str]) -> Answers:
    """Ask a model about all its items."""
    signal.alarm(240)  # what waits for what no worker has waits for ever
    folder, name = job
    return CASES[name].answers(loaded(folder, name), CASES[name].items)


def answers_of(kind: str, folder: str) -> dict[str, list[Answers]]:
    """Return what workers answer, twice by each model."""
    jobs = [(folder, name) for name in CASES] * 2
    if kind == "threads":
        with ThreadPoolExecutor(6) as threads:
            found = list(threads.map(answer_of_thread, jobs))
    else:
        if kind == "preloaded":
            torch.set_num_threads(2)
            for job in jobs[: len(CASES)]:
                answer(job)
        context = multiprocessing.get_context("spawn" if kind == "spawned" else "fork")
        with context.Pool(3) as pool:
            found = pool.map(answer, jobs, chunksize=1)
    by_name: dict[str, list[Answers]] = {}
    for (_, name), one in zip(jobs, found, strict=True):
        by_name.setdefault(name, []).append(one)
    return by_name


def answer_of_thread(job: tuple[str, str]) -> Answers:
    """Ask a model that other threads ask as well."""
    folder, name = job
    return CASES[name].answers(loaded(folder, name), CASES[name].items)


def main() -> None:
    """Compare with the answers of this process alone."""
    kind, folder = sys.argv[1:]
    if kind == "forked":  # a parent that has used torch, and nothing of the models
        (torch.ones(2_000_000) * 2).sum()
    found = answers_of(kind, folder)
    worst = 0.0
    for name, several in found.items():
        expected = CASES[name].answers(loaded(folder, name), CASES[name].items)
        for one in several:
            for arrays, others in zip(one, expected, strict=True):
                for array, other in zip(arrays, others, strict=True):
                    np.testing.assert_array_equal(np.isnan(array), np.isnan(other))
                    apart = np.nan_to_num(np.abs(array - other) / (1 + np.abs(other)))
                    worst = max(worst, float(apart.max(initial=0.0)))
    print(f"{len(found)} {worst:.1e}")


if __name__ == "__main__":
    main()
