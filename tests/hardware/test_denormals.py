"""Denormals are flushed inside, by all workers, and nowhere else."""

from __future__ import annotations

import threading

import pytest
import torch

from tsseq2seq.hardware import openmp
from tsseq2seq.hardware.denormals import denormals_flushed

TINY = 1e-39


def survivors() -> int:
    """Count denormals that survive a product over more numbers than one thread computes."""
    return int(((torch.full((1_000_000,), TINY) * 1.0) != 0).sum())


def test_they_are_flushed_inside_in_all_workers_and_kept_outside() -> None:
    before = survivors()
    with denormals_flushed():
        assert survivors() == 0
    assert survivors() == before == 1_000_000


def test_they_are_kept_again_after_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), denormals_flushed():
        1 / 0  # noqa: B018
    assert survivors() == 1_000_000


def test_who_flushed_them_before_goes_on_flushing() -> None:
    torch.set_flush_denormal(True)
    try:
        with denormals_flushed():
            assert survivors() == 0
        assert float(torch.tensor(TINY) * 1) == 0
    finally:
        torch.set_flush_denormal(False)


def test_other_threads_keep_theirs() -> None:
    """A thread that is inside does not change what the main thread computes."""
    inside, leave = threading.Event(), threading.Event()
    counted: list[int] = []

    def work() -> None:
        with denormals_flushed():
            counted.append(survivors())
            inside.set()
            leave.wait(60)

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(60)
    try:
        assert survivors() == 1_000_000
    finally:
        leave.set()
        thread.join()
    assert counted == [0]


def test_without_openmp_the_calling_thread_flushes_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openmp, "_openmp", lambda: None)
    with denormals_flushed():
        assert float(torch.tensor(TINY) * 1) == 0
    assert float(torch.tensor(TINY) * 1) > 0
