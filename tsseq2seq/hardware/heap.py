"""The heap: freed memory is kept for the next training step, because new memory is slow to get.

Each training step allocates and frees the same tensors. By default glibc returns large freed blocks to the
operating system at once, which fills them with zeros, page by page, when the next step allocates them.
Without that, a plain loop of the textbook benchmark takes little more than half the time
(benchmarks/textbook_step.py). Here the allocator is set to keep freed memory, and to return it when training
is over. Blocks allocated in the heap after that may stay there, as in any process whose heap has grown.
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
# The upper ends of glibc's own, adaptive thresholds.
_LARGEST_MMAP_THRESHOLD = 32 * 2**20
_TRIM_THRESHOLD = 2 * _LARGEST_MMAP_THRESHOLD

_lock = threading.Lock()
_users = 0


@contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Keep memory that is freed inside the block in the process, until the block's end.

    It applies to the whole process while any thread is inside such a block. Without glibc it does nothing.

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
    """Return glibc; None if the C library is another one."""
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # on Windows None does not name the process itself
        return None
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
