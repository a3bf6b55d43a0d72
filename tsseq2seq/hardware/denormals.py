"""Denormal numbers flushed to zero, because some processors compute with them slowly.

Gradients that vanish over a long recurrence become denormal (below 10⁻³⁸). In the textbook benchmark, 168
steps of an untrained LSTM, they made a training step four times slower on an Intel Xeon, and no slower on an
AMD EPYC (benchmarks/textbook_step.py).
Torch can flush them, but only in the calling thread and in worker threads that it starts *afterwards*. So the
workers are released before and after: the next kernel starts new ones, which take over the setting. (A
separate thread with its own workers would flush as well. But with two teams of workers OpenMP no longer spins
between kernels, and every kernel has to wake its workers.)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tsseq2seq.hardware.openmp import release_workers

__all__ = ["denormals_flushed"]

_DENORMAL = 1e-39


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Treat numbers below 10⁻³⁸ as 0 inside the block, in this thread and its workers.

    The block's end restores the setting. If torch's OpenMP cannot release its workers, existing workers do
    not flush.

    Examples
    --------
    >>> tiny = torch.tensor([1e-39])
    >>> with denormals_flushed():
    ...     float(tiny * 1) > 0
    False
    >>> float(tiny * 1) > 0
    True
    """
    before = _flushing()
    release_workers()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)
        release_workers()


def _flushing() -> bool:
    return float(torch.tensor(_DENORMAL) * 1) == 0
