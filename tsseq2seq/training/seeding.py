"""seeded: a block of code with torch's random state seeded, and restored afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["seeded"]


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
    if seed is None:
        seed = int(torch.randint(2**31, ()))
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(int(seed))
        yield int(seed)
