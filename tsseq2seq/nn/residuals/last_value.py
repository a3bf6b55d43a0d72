"""Residual decoding from the last value: a random walk is the forecast to improve on."""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.nn.residuals.base import Residual

__all__ = ["LastValue"]


class LastValue(Residual):
    """The base of every time step of a segment is the last value before the segment.

    Parameters
    ----------
    length, targets
        Time steps of a segment, and target variables.

    Examples
    --------
    >>> import torch
    >>> residual = LastValue(length=2, targets=1)
    >>> residual.base(torch.tensor([[3.0, 4.0]])).tolist()
    [4.0, 4.0]
    """

    def __init__(self, *, length: int, targets: int) -> None:
        super().__init__(reach=1, length=length, targets=targets)

    def base(self, recent: Float[Tensor, "*B K D"]) -> Float[Tensor, "*B values"]:
        """Repeat the last value over the segment."""
        last = recent[..., -1, -self.targets :]
        return last.repeat(*[1] * (last.ndim - 1), self.length)

    def parallel(self, recent: Float[Tensor, "B K D"], t: Int[Tensor, " T"]) -> Float[Tensor, "B T values"]:
        """Return the last value of the context for each step."""
        return self.base(recent)[:, None].expand(-1, len(t), -1)
