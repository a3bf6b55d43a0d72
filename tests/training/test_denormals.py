"""Denormals are flushed inside and nowhere else, and exceptions pass through."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from tsseq2seq.training.denormals import without_denormals

TINY = 1e-39


def survivors() -> int:
    """Count denormals that survive a product over more numbers than one thread computes."""
    return int(((torch.full((1_000_000,), TINY) * 1.0) != 0).sum())


def test_they_are_flushed_inside_in_all_workers_and_kept_outside() -> None:
    before = survivors()
    assert without_denormals(survivors) == 0
    assert survivors() == before == 1_000_000


def test_the_result_and_the_exception_are_handed_over() -> None:
    assert without_denormals(lambda: [1, 2]) == [1, 2]
    with pytest.raises(ZeroDivisionError):
        without_denormals(lambda: 1 / 0)


def test_gradients_are_recorded_whatever_the_caller_switched_off() -> None:
    weight = torch.ones(1, requires_grad=True)
    with torch.no_grad():
        assert without_denormals(lambda: (weight * 2).requires_grad)


def test_ctrl_c_reaches_the_work() -> None:
    """In a process of its own, whose main thread is the one that waits."""
    code = """
import signal, threading, time
from tsseq2seq.training.denormals import without_denormals

def work():
    try:
        for _ in range(1000):
            time.sleep(0.01)
    except KeyboardInterrupt:
        return "interrupted"
    return "finished"

main = threading.main_thread().ident
threading.Timer(0.2, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
print(without_denormals(work))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "interrupted", done.stderr
