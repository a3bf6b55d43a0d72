"""Objective: the protocol of what the training loop trains: a module, its batches and its losses."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.training.state import State

__all__ = ["Measured", "Objective", "PartlyValidated", "WithEpochs"]


@runtime_checkable
class Objective(Protocol):
    """A module to train, with the batches and the loss that it is trained on."""

    @property
    def module(self) -> nn.Module:
        """The module to train; its ``forward`` computes the loss, so that wrappers and hooks see it."""
        ...

    @property
    def device(self) -> torch.device:
        """The device of the module and of the batches."""
        ...

    def batch_loss(self, step: int, total: int) -> Float[Tensor, ""]:
        """Draw the batch of step ``step`` (from 0) of ``total``, and return its loss."""
        ...

    def validate(self) -> float | None:
        """Return the error on the held-out data; None if nothing is held out."""
        ...

    def state(self) -> State:
        """Return what the next batches and random numbers depend on; see :mod:`tsseq2seq.training.state`."""
        ...

    def load_state(self, state: State) -> None:
        """Continue from a state."""
        ...


@runtime_checkable
class PartlyValidated(Objective, Protocol):
    """An objective that can validate on a part, which tells how long a whole validation would take."""

    def validate_part(self) -> float:
        """Validate on the first batch of what is held out, and return its share of all: above 0, up to 1."""
        ...


@runtime_checkable
class WithEpochs(Objective, Protocol):
    """An objective that knows how many training steps are a pass over its data."""

    @property
    def steps_an_epoch(self) -> int:
        """Number of batches of one pass."""
        ...


@runtime_checkable
class Measured(Objective, Protocol):
    """An objective whose validation measures more than the error."""

    @property
    def measured(self) -> dict[str, float]:
        """What the last validation measured, by the name of its column in the history; NaN before one."""
        ...
