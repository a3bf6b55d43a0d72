"""Keeping freed memory for the next training step, because fetching it anew can cost as much as computing.

A step makes and frees the same tensors again and again. By its defaults glibc hands blocks above some
megabytes back to the operating system at once, which then fills them with zeros, page by page, when the next
step asks for them: without that a bare loop of the textbook's shape takes little more than half the time
(benchmarks/textbook_step.py). Here the allocator is told to keep what is freed, and to hand it back when
training is over. What finds room in the heap afterwards may stay there, as in any process whose heap has
grown.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

__all__ = ["freed_memory_kept"]

# From malloc.h of glibc.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_MMAP_MAX = -1, -3, -4
_NEVER = -1
_MAPS = 65_536
# Where glibc's own, moving thresholds end up.
_LARGEST_MMAP_THRESHOLD = 32 * 2**20
_TRIM_THRESHOLD = 2 * _LARGEST_MMAP_THRESHOLD

_lock = threading.Lock()
_users = 0


@contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Have memory that is freed inside kept by the process until the end.

    Holds for the whole process while any thread is inside. Without glibc nothing happens.

    Examples
    --------
    >>> with freed_memory_kept():
    ...     pass
    """
    libc = _glibc()
    if libc is None:
        yield
        return
    _enter(libc)
    try:
        yield
    finally:
        _leave(libc)


def _enter(libc: ctypes.CDLL) -> None:
    global _users
    with _lock:
        _users += 1
        if _users == 1:
            libc.mallopt(_M_MMAP_MAX, 0)
            libc.mallopt(_M_TRIM_THRESHOLD, _NEVER)


def _leave(libc: ctypes.CDLL) -> None:
    global _users
    with _lock:
        _users -= 1
        if _users == 0:
            libc.mallopt(_M_MMAP_MAX, _MAPS)
            libc.mallopt(_M_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD)
            libc.mallopt(_M_TRIM_THRESHOLD, _TRIM_THRESHOLD)
            libc.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    """Return the C library, if it has what is needed."""
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # Windows has no handle of the process itself
        return None
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
