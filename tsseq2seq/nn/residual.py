"""Residual decoding: the decoder's output is added to a value it already knows.

The base is the same phase of the season before (``"season"``), the segment before (``"segment"``),
or the last value (``"value"``). In an autoregressive decoder the base moves with the forecast; in a
parallel one it stays what the context ended with.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

__all__ = ["Residual"]


class Residual:
    """Bases of the decoder's steps from the segments before them.

    Parameters
    ----------
    kind
        ``"season"``, ``"segment"`` or ``"value"``.
    lag
        How many segments back the base lies; a season of 24 in segments of 12 has lag 2. It is 1
        for the other kinds.
    length, targets
        Values of a segment, and target variables; a segment is (length, targets), flattened.

    Examples
    --------
    >>> residual = Residual("season", lag=2, length=1, targets=1)
    >>> history, previous = torch.tensor([[[[1.0]]]]), torch.tensor([[[2.0]]])
    >>> base, history = residual.step(previous, history)
    >>> base.item(), history.item()
    (1.0, 2.0)
    """

    def __init__(self, kind: str, *, lag: int, length: int, targets: int) -> None:
        self.kind = kind
        self.lag = lag if kind == "season" else 1
        self.length = length
        self.targets = targets

    def values(self, segments: Float[Tensor, "B N W"]) -> Float[Tensor, "B N D"]:
        """Take the values of segments and leave masks and covariates, which follow them."""
        return segments[..., : self.length * self.targets]

    def step(
        self, previous: Float[Tensor, "B Q D"], history: Float[Tensor, "B Q K D"]
    ) -> tuple[Float[Tensor, "B Q D"], Float[Tensor, "B Q K D"]]:
        """Return the base of one step, and the history with ``previous`` pushed into it.

        ``history`` holds the K = lag − 1 segments before ``previous``, the oldest first.
        """
        window = torch.cat([history, previous[:, :, None].to(history.dtype)], dim=2)
        return self._base(window[:, :, 0]), window[:, :, 1:]

    def run(
        self, previous: Float[Tensor, "B T D"], history: Float[Tensor, "B 1 K D"]
    ) -> tuple[Float[Tensor, "B T D"], Float[Tensor, "B 1 K D"]]:
        """Return the bases of T known steps at once, and the history after them."""
        window = torch.cat([history[:, 0], previous.to(history.dtype)], dim=1)
        steps = previous.shape[1]
        return self._base(window[:, :steps]), window[:, None, steps:]

    def parallel(self, recent: Float[Tensor, "B K D"], t: Int[Tensor, " T"]) -> Float[Tensor, "B T D"]:
        """Return the bases of steps ``t`` from the context's last K = lag segments alone."""
        return self._base(recent[:, t % self.lag])

    def _base(self, segment: Float[Tensor, "*B D"]) -> Float[Tensor, "*B D"]:
        if self.kind != "value":
            return segment
        return segment[..., -self.targets :].repeat(*[1] * (segment.ndim - 1), self.length)
