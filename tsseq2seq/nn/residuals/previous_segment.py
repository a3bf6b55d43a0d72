"""Residual decoding from the segment before."""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.nn.residuals.base import Residual

__all__ = ["PreviousSegment"]


class PreviousSegment(Residual):
    """The base of a segment is the segment before it.

    Parameters
    ----------
    length, targets
        Time steps of a segment, and target variables.

    Examples
    --------
    >>> import torch
    >>> residual = PreviousSegment(length=2, targets=1)
    >>> residual.base(torch.tensor([[3.0, 4.0]])).tolist()
    [3.0, 4.0]
    """

    def __init__(self, *, length: int, targets: int) -> None:
        super().__init__(reach=1, length=length, targets=targets)

    def base(self, recent: Float[Tensor, "*B K D"]) -> Float[Tensor, "*B values"]:
        """Return the segment before."""
        return recent[..., -1, :]

    def parallel(self, recent: Float[Tensor, "B K D"], t: Int[Tensor, " T"]) -> Float[Tensor, "B T values"]:
        """Return the last segment of the context for each step."""
        return self.base(recent)[:, None].expand(-1, len(t), -1)
