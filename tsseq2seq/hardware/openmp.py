"""The workers of torch's OpenMP: released where others must be started, and before a process forks.

A process that is forked has none of its parent's workers, but OpenMP in it waits for them, for ever. So they
are released before each fork once torch has been used here, and parent and child start their own.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path

import torch

__all__ = ["release_workers"]

# OpenMP's omp_pause_soft: release the workers, keep the settings.
_PAUSE_SOFT = 1


def release_workers() -> None:
    """End the workers of torch's OpenMP; the next kernel starts new ones.

    Where the library cannot do that, nothing happens.
    """
    openmp = _openmp()
    if openmp is not None:
        openmp.omp_pause_resource_all(_PAUSE_SOFT)


@cache
def _openmp() -> ctypes.CDLL | None:
    """Return the OpenMP library that torch uses, by way of torch's own library; None if there is none."""
    for path in sorted((Path(torch.__file__).parent / "lib").glob("libtorch_cpu.*")):
        library = ctypes.CDLL(str(path))
        if hasattr(library, "omp_pause_resource_all"):
            return library
    return None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=release_workers)
