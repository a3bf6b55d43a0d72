"""The last encoder state as the context vector (Sutskever et al. 2014; Cho et al. 2014)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from tsseq2seq.nn.context.base import ContextVector
from tsseq2seq.nn.encoders.base import Encoded

__all__ = ["LastState"]


class LastState(ContextVector, name="last"):
    """The highest layer's state at the last valid step; of a bidirectional encoder, that of each direction.

    Examples
    --------
    >>> import torch
    >>> states = torch.tensor([[[1.0], [2.0], [0.0]]])
    >>> LastState(value_size=1)(Encoded.of(states, torch.tensor([[True, True, False]]))).tolist()
    [[2.0]]
    """

    is_final_state = True

    def forward(self, encoded: Encoded) -> Float[Tensor, "B C"]:
        """Take the last state, and project it."""
        return self.projection(encoded.last)
