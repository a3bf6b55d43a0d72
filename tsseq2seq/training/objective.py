"""What the training loop asks of that which it trains."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.training.state import State

__all__ = ["Objective", "PartlyValidated"]


@runtime_checkable
class Objective(Protocol):
    """What is trained, and on what."""

    @property
    def module(self) -> nn.Module:
        """The module to train; its ``forward`` computes the loss, so that wrappers and hooks see it."""
        ...

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        ...

    def batch_loss(self, step: int, total: int) -> Float[Tensor, ""]:
        """Draw the batch of step ``step`` (from 0) of ``total``, and return its loss."""
        ...

    def validate(self) -> float | None:
        """Return the error on what is held out; None if nothing is."""
        ...

    def state(self) -> State:
        """Return which batches and random numbers come next; see :mod:`tsseq2seq.training.state`."""
        ...

    def load_state(self, state: State) -> None:
        """Go on from such a state."""
        ...


@runtime_checkable
class PartlyValidated(Objective, Protocol):
    """An objective that can validate on a part, which tells how long a whole validation would take."""

    def validate_part(self) -> float:
        """Validate on the first batch of what is held out, and return its share of all: above 0, up to 1."""
        ...
