"""The largest value of the encoder's states as the context vector."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from tsseq2seq.nn.context.base import ContextVector
from tsseq2seq.nn.encoders.base import Encoded

__all__ = ["MaxState"]


class MaxState(ContextVector, name="max"):
    """The largest value of each unit over the valid steps; 0 in a row without valid steps.

    Examples
    --------
    >>> states = torch.tensor([[[-1.0], [-2.0], [0.0]]])
    >>> MaxState(value_size=1)(Encoded.of(states, torch.tensor([[True, True, False]]))).tolist()
    [[-1.0]]
    """

    def forward(self, encoded: Encoded) -> Float[Tensor, "B C"]:
        """Take the maximum, and project it."""
        states, mask = encoded.states, encoded.mask
        if mask is None:
            return self.projection(states.amax(1))
        lowest = torch.finfo(states.dtype).min
        largest = states.masked_fill(~mask[:, :, None], lowest).amax(1)
        return self.projection(largest.masked_fill(~mask.any(1)[:, None], 0.0))
