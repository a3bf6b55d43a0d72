"""An error of this library where memory does not suffice, whichever allocator noticed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tsseq2seq.errors import NotEnoughMemoryError

__all__ = ["within_memory"]

# PyTorch has no class of its own for this on a CPU.
_ON_CPU = "can't allocate memory"


@contextmanager
def within_memory(remedy: str) -> Iterator[None]:
    """Raise this library's error where memory does not suffice; also a decorator.

    Parameters
    ----------
    remedy
        What needs less.

    Raises
    ------
    NotEnoughMemoryError
        Naming the remedy.

    Examples
    --------
    >>> with within_memory("a smaller batch_size"):
    ...     raise MemoryError("Unable to allocate 8 TiB")
    Traceback (most recent call last):
    tsseq2seq.errors.NotEnoughMemoryError: memory does not suffice (Unable to allocate 8 TiB); a smaller ...
    """
    try:
        yield
    except NotEnoughMemoryError:
        raise
    except (MemoryError, RuntimeError) as error:
        # torch.OutOfMemoryError is a RuntimeError
        if not isinstance(error, MemoryError | torch.OutOfMemoryError) and _ON_CPU not in str(error):
            raise
        what = str(error).splitlines()[0][-200:] if str(error) else type(error).__name__
        raise NotEnoughMemoryError(f"memory does not suffice ({what}); {remedy} needs less") from error
