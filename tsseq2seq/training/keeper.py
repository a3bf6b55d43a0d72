"""Keeper: the protocol of objects that store states of a training, from which a later one can continue."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from tsseq2seq.training.state import State

__all__ = ["Keeper"]


@runtime_checkable
class Keeper(Protocol):
    """Stores states of a training. After each training step it is asked whether a state is due."""

    def due(self, steps: int) -> bool:
        """Return whether to store the state after so many training steps."""
        ...

    def keep(self, state: State) -> None:
        """Store a state; an exception ends the training."""
        ...
