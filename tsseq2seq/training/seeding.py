"""Random state that is ours for a while and then the caller's again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["seeded"]


@contextmanager
def seeded(seed: int | None, device: torch.device) -> Iterator[int]:
    """Seed torch inside, and leave the caller's random state as it was.

    Parameters
    ----------
    seed
        None draws one from the caller's state.
    device
        Besides the CPU, whose state to keep.

    Yields
    ------
    int
        The seed used.

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
