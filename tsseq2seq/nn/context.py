"""The context vector: the whole input sequence in one vector."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.encoder import Encoded

__all__ = ["ContextVector"]


class ContextVector(nn.Module):
    """Pool the encoder's states.

    Parameters
    ----------
    kind
        ``"last"``: the highest layer's state at the last valid step (both directions' ends).
        ``"mean"``: the mean of the states at valid steps.
    value_size
        Width of the encoder's states.
    context_size
        Width of a linear projection, or None for none.
    """

    def __init__(self, kind: str, *, value_size: int, context_size: int | None = None) -> None:
        super().__init__()
        self.kind = kind
        self.output_size = context_size or value_size
        self.projection = nn.Linear(value_size, context_size) if context_size else nn.Identity()

    def forward(self, encoded: Encoded) -> Float[Tensor, "B C"]:
        """Pool and project."""
        if self.kind == "last":
            return self.projection(encoded.final.top[:, 0])
        if encoded.mask is None:
            return self.projection(encoded.states.mean(1))
        valid = encoded.mask[:, :, None]
        total = (encoded.states * valid).sum(1)
        return self.projection(total / valid.sum(1).clamp(min=1))
