"""A process that has used torch's workers may fork."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FORKING = """
import os, signal
import torch
import tsseq2seq.hardware.devices

torch.set_num_threads(2)

def work():
    # enough numbers for several workers
    return float((torch.ones(2_000_000) * 2).sum())

work()
child = os.fork()
if child == 0:
    signal.alarm(60)  # what waits for workers that are not there waits for ever
    os._exit(0 if work() == 4_000_000 else 1)
status = os.waitpid(child, 0)[1]
assert work() == 4_000_000, "the parent goes on as well"
print(status)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
def test_a_forked_process_computes() -> None:
    done = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "0"
