"""seeded: a block of code with torch's random state seeded, and restored afterwards; own_generator beside it.

Torch has one random state for all threads of a process. So only one thread at a time is inside such a block:
fits in several threads draw the same numbers as one after the other. What draws outside such a block has a
generator of its own, whose seed is never taken from the state of another thread's block.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["own_generator", "seeded"]

_lock = threading.RLock()


@contextmanager
def seeded(seed: int | None, device: torch.device) -> Iterator[int]:
    """Seed torch inside the block, and restore the caller's random state after it.

    Parameters
    ----------
    seed
        The seed. None: one drawn from the caller's random state.
    device
        The device whose random state is restored, besides the CPU's.

    Yields
    ------
    int
        The seed.

    Examples
    --------
    >>> with seeded(3, torch.device("cpu")) as seed:
    ...     seed
    3
    """
    devices = [device] if device.type == "cuda" else []
    with _lock:
        if seed is None:
            seed = int(torch.randint(2**31, ()))
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(int(seed))
            yield int(seed)


def own_generator(seed: int | None, device: torch.device) -> torch.Generator:
    """Return a generator of random numbers with a seed.

    Parameters
    ----------
    seed
        The seed. None: one drawn from the caller's random state; while another thread is inside
        :func:`seeded`, whose numbers must not change, one drawn from the system.
    device
        The generator's device.

    Examples
    --------
    >>> own_generator(3, torch.device("cpu")).initial_seed()
    3
    """
    if seed is None:
        seed = secrets.randbits(63)
        if _lock.acquire(blocking=False):
            try:
                seed = int(torch.randint(2**63 - 1, ()))
            finally:
                _lock.release()
    return torch.Generator(device).manual_seed(int(seed))


def _renew_lock() -> None:
    """Let a forked process begin with a lock that no thread of its parent holds."""
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
