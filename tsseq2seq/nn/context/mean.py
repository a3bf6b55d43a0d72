"""The mean of the encoder's states as the context vector."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from tsseq2seq.nn.context.base import ContextVector
from tsseq2seq.nn.encoders.base import Encoded

__all__ = ["MeanState"]


class MeanState(ContextVector, name="mean"):
    """The mean of the encoder's states over the valid steps; 0 in a row without valid steps.

    Examples
    --------
    >>> import torch
    >>> states = torch.tensor([[[1.0], [2.0], [0.0]]])
    >>> MeanState(value_size=1)(Encoded.of(states, torch.tensor([[True, True, False]]))).tolist()
    [[1.5]]
    """

    def forward(self, encoded: Encoded) -> Float[Tensor, "B C"]:
        """Average, and project the mean."""
        if encoded.mask is None:
            return self.projection(encoded.states.mean(1))
        valid = encoded.mask[:, :, None]
        return self.projection((encoded.states * valid).sum(1) / valid.sum(1).clamp(min=1))
