"""Who keeps the states of a training, so that a later one can go on from there."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from tsseq2seq.training.state import State

__all__ = ["Keeper"]


@runtime_checkable
class Keeper(Protocol):
    """Is asked after each step whether it wants the training's state, and given it then."""

    def due(self, steps: int) -> bool:
        """Tell whether the state after so many steps is wanted."""
        ...

    def keep(self, state: State) -> None:
        """Take a state; what it raises ends the training."""
        ...
