"""Residual decoding from the season before."""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.nn.residuals.base import Residual

__all__ = ["PreviousSeason"]


class PreviousSeason(Residual):
    """The base of a segment is the segment one season earlier.

    Parameters
    ----------
    lag
        Segments of a season: a season of 24 time steps in segments of 12 has lag 2.
    length, targets
        Time steps of a segment, and target variables.

    Examples
    --------
    >>> import torch
    >>> residual = PreviousSeason(lag=2, length=1, targets=1)
    >>> history, previous = torch.tensor([[[[1.0]]]]), torch.tensor([[[2.0]]])
    >>> base, history = residual.step(previous, history)
    >>> base.item(), history.item()
    (1.0, 2.0)
    """

    def __init__(self, *, lag: int, length: int, targets: int) -> None:
        super().__init__(reach=lag, length=length, targets=targets)
        self.lag = lag

    def base(self, recent: Float[Tensor, "*B K D"]) -> Float[Tensor, "*B values"]:
        """Return the oldest segment in reach."""
        return recent[..., 0, :]

    def run(
        self, previous: Float[Tensor, "B T D"], history: Float[Tensor, "B 1 K D"]
    ) -> tuple[Float[Tensor, "B T values"], Float[Tensor, "B 1 K D"]]:
        """Return the bases of T decoder steps at once, and the history after them."""
        segments = self.joined(history, previous)  # each base is one of them, so no window is gathered
        steps = previous.shape[1]
        return segments[:, :steps], segments[:, None, steps:]

    def parallel(self, recent: Float[Tensor, "B K D"], t: Int[Tensor, " T"]) -> Float[Tensor, "B T values"]:
        """Repeat the last season of the context."""
        return recent[:, t % self.lag]
