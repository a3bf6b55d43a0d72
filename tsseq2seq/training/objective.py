"""What the training loop asks of that which it trains."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["Objective"]


@runtime_checkable
class Objective(Protocol):
    """What is trained, and on what."""

    @property
    def module(self) -> nn.Module:
        """The module to train."""
        ...

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        ...

    def loss(self, step: int, total: int) -> Float[Tensor, ""]:
        """Draw a batch and return its loss."""
        ...

    def rehearsed(self) -> AbstractContextManager[None]:
        """Undo, at the end, whatever drawing batches inside does to those that are drawn later."""
        ...

    def validate(self) -> float | None:
        """Return the error on what is held out; None if nothing is."""
        ...
