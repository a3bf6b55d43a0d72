"""Residual decoding from a base that comes with each window, such as exponential smoothing."""

from __future__ import annotations

from typing import ClassVar

from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.nn.residuals.base import Residual

__all__ = ["GivenBase"]


class GivenBase(Residual):
    """The base of every decoder step comes with the window; what is decoded does not move it.

    Parameters
    ----------
    length, targets
        Time steps of a segment, and target variables.

    Examples
    --------
    >>> import torch
    >>> residual = GivenBase(length=1, targets=1)
    >>> residual.parallel(torch.tensor([[[3.0], [4.0]]]), torch.tensor([1])).tolist()
    [[[4.0]]]
    """

    given: ClassVar[bool] = True

    def __init__(self, *, length: int, targets: int) -> None:
        super().__init__(reach=0, length=length, targets=targets)

    def base(self, recent: Float[Tensor, "*B K D"]) -> Float[Tensor, "*B values"]:
        """Return the base of the first decoder step."""
        return recent[..., 0, :]

    def parallel(self, recent: Float[Tensor, "B K D"], t: Int[Tensor, " T"]) -> Float[Tensor, "B T values"]:
        """Return the bases of decoder steps ``t``, of those given."""
        return recent[:, t]
