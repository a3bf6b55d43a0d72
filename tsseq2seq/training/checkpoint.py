"""Checkpoint: the protocol of where a fit stores states of its trainings, and what it continues from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, runtime_checkable

from tsseq2seq.training.keeper import Keeper
from tsseq2seq.training.state import State

__all__ = ["NO_CHECKPOINT", "Checkpoint", "NoCheckpoint"]


@runtime_checkable
class Checkpoint(Protocol):
    """Where a training stores its states, and the state that it continues from.

    A fit may have several trainings, of which each has a part of the checkpoint.
    """

    def part(self, name: str) -> Checkpoint:
        """Return the checkpoint of another training of the same fit."""
        ...

    def of_data(self, *data: object) -> Checkpoint:
        """Return the checkpoint of a training on these data; it does not continue one on others."""
        ...

    def keeping(self) -> AbstractContextManager[Keeper | None]:
        """Store states inside a ``with`` block; yield what stores them, None if nothing does."""
        ...

    def state(self) -> State | None:
        """Return the state to continue from; None: a new training."""
        ...


class NoCheckpoint:
    """Nothing is stored, and each training is a new one.

    Examples
    --------
    >>> NoCheckpoint().part("members").state() is None
    True
    """

    def part(self, name: str) -> NoCheckpoint:
        """Return the same."""
        return self

    def of_data(self, *data: object) -> NoCheckpoint:
        """Return the same; the data are not read."""
        return self

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Store nothing."""
        yield None

    def state(self) -> None:
        """Begin anew."""
        return None


#: The default of what takes a checkpoint.
NO_CHECKPOINT = NoCheckpoint()
