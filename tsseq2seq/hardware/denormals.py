"""Computing with denormal numbers flushed to zero, because processors are slow at them.

Gradients that vanish over a long recurrence become denormal (below 10⁻³⁸). At the textbook shape, 168
steps of an untrained LSTM, they made a training step four times slower on an Intel Xeon, and no slower on an
AMD EPYC (benchmarks/textbook_step.py).
Torch can flush them, but only in the calling thread and in the worker threads that it starts *afterwards*.
So the workers are let go before and after: new ones, which take the setting over, start with the next
kernel. (A thread of its own, with workers of its own, would flush as well, but with two teams of them OpenMP
no longer spins between kernels, and every kernel has to wake its workers.)
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import torch

__all__ = ["denormals_flushed"]

# OpenMP's omp_pause_soft: let the workers go, keep the settings.
_PAUSE_SOFT = 1
_TINY = 1e-39


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Have numbers below 10⁻³⁸ taken for 0 inside, by this thread and its workers.

    Afterwards this thread is as it was. Where torch's OpenMP cannot let its workers go, those that are
    there already keep their denormals.

    Examples
    --------
    >>> tiny = torch.tensor([1e-39])
    >>> with denormals_flushed():
    ...     float(tiny * 1) > 0
    False
    >>> float(tiny * 1) > 0
    True
    """
    before = _flushes()
    _let_workers_go()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)
        _let_workers_go()


def _flushes() -> bool:
    return float(torch.tensor(_TINY) * 1) == 0


def _let_workers_go() -> None:
    openmp = _openmp()
    if openmp is not None:
        openmp.omp_pause_resource_all(_PAUSE_SOFT)


@cache
def _openmp() -> ctypes.CDLL | None:
    """Return the library that torch takes OpenMP from, found among those that torch itself needs."""
    for path in sorted((Path(torch.__file__).parent / "lib").glob("libtorch_cpu.*")):
        library = ctypes.CDLL(str(path))
        if hasattr(library, "omp_pause_resource_all"):
            return library
    return None
