"""Freed memory stays with the process inside, and goes back to the system afterwards."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from tsseq2seq.hardware import heap
from tsseq2seq.hardware.heap import freed_memory_kept

pytestmark = pytest.mark.skipif(heap._glibc() is None, reason="without glibc nothing is kept")

# In a process of its own, whose heap holds nothing else.
SCRIPT = """
import resource
from contextlib import nullcontext
from pathlib import Path
import torch
from torch import nn
from tsseq2seq.hardware.heap import freed_memory_kept

layer = nn.LSTM(64, 128, batch_first=True)
inputs = torch.randn(128, 100, 64)

def pages_of_a_step():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    layer(inputs)[0].sum().backward()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def pages_of_a_block():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.zeros(2**27).add_(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def of_blocks():
    return min(pages_of_a_block() for _ in range(4))

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 2**20

def of_steps(context, steps=10):
    with context:
        [pages_of_a_step() for _ in range(3)]
        pages = sum(pages_of_a_step() for _ in range(steps)) / steps
        return pages, resident()

block_before = of_blocks()
before, _ = of_steps(nullcontext())
small = resident()
inside, large = of_steps(freed_memory_kept())
with freed_memory_kept():
    of_steps(freed_memory_kept())
    nested, _ = of_steps(nullcontext())
back = resident()
block_after = of_blocks()
print(before, inside, nested, small, large, back, block_before, block_after)
"""


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    """Return pages that training steps and large blocks were given, and resident megabytes."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    names = ("before", "inside", "nested", "small", "large", "back", "block before", "block after")
    return dict(zip(names, map(float, done.stdout.split()), strict=True))


def test_steps_inside_use_what_steps_before_them_freed(measured: dict[str, float]) -> None:
    assert measured["before"] * resource.getpagesize() > 2**24  # there is something to be kept
    assert measured["inside"] < measured["before"] / 4


def test_afterwards_what_is_freed_goes_back_by_itself(measured: dict[str, float]) -> None:
    """Of a block for which the heap has no room; what finds room there stays, of a training step too or not."""
    assert measured["block before"] * resource.getpagesize() > 2**24
    assert measured["block after"] > measured["block before"] / 2


def test_who_leaves_first_does_not_end_it_for_the_others(measured: dict[str, float]) -> None:
    assert measured["nested"] < measured["before"] / 4


def test_memory_is_handed_back(measured: dict[str, float]) -> None:
    assert measured["large"] > measured["small"] + 16
    assert measured["back"] < measured["small"] + 8


def test_an_exception_ends_it() -> None:
    with pytest.raises(ZeroDivisionError), freed_memory_kept():
        1 / 0  # noqa: B018
    assert heap._users == 0


def test_without_glibc_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "_glibc", lambda: None)
    with freed_memory_kept():
        assert heap._users == 0
