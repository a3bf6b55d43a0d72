"""The context-vector interface: the encoder's states pooled into one vector."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.encoders.base import Encoded
from tsseq2seq.nn.registry import Registry

__all__ = ["CONTEXTS", "ContextVector"]

#: The context vectors that ``Network(context=…)`` chooses among.
CONTEXTS: Registry[type[ContextVector]] = Registry("context")


class ContextVector(nn.Module, ABC):
    """Pool the encoder's states into one vector, and project it.

    Parameters
    ----------
    value_size
        Width of the encoder's states.
    context_size
        Width of a linear projection. None: no projection.

    Examples
    --------
    >>> from tsseq2seq.nn.context import MeanState
    >>> isinstance(MeanState(value_size=4, context_size=2), ContextVector)
    True
    """

    #: Whether the vector is the encoder's final state; the bridge then maps it to the decoder's first state.
    is_final_state: ClassVar[bool] = False

    def __init__(self, *, value_size: int, context_size: int | None = None) -> None:
        super().__init__()
        self.output_size = context_size or value_size
        self.projection = nn.Linear(value_size, context_size) if context_size else nn.Identity()

    def __init_subclass__(cls, name: str | None = None) -> None:
        """Register the class under its name. Without a name it cannot be chosen by settings."""
        super().__init_subclass__()
        if name is not None:
            CONTEXTS.add(name, cls)

    @abstractmethod
    def forward(self, encoded: Encoded) -> Float[Tensor, "B C"]:
        """Pool to one vector a row, and project it."""
