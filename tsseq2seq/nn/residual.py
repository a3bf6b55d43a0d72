"""Residual decoding: the decoder's output is added to a value it already knows.

The base is the same phase of the season before (``"season"``), or its mean over several seasons, the
segment before (``"segment"``), or the last value (``"value"``). In an autoregressive decoder the base
moves with the forecast; in a parallel one it stays what the context ended with.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

__all__ = ["Residual", "Seasons", "pushed", "slid"]


class Residual:
    """Bases of the decoder's steps from the segments before them.

    A season's values are noisy, and the mean of several is less so. Each season is first moved to the
    level of the last one, so that a trend does not pull the mean back. What was not observed is left
    out, and so are seasons that lie before the context.

    Parameters
    ----------
    kind
        ``"season"``, ``"segment"`` or ``"value"``.
    lag
        How many segments back the base lies; a season of 24 in segments of 12 has lag 2. It is 1
        for the other kinds.
    length, targets
        Values of a segment, and target variables; a segment is (length, targets), flattened.
    seasons
        How many seasons a ``"season"`` is the mean of.

    Attributes
    ----------
    reach
        How many segments back a base looks.

    Examples
    --------
    >>> residual = Residual("season", lag=2, length=1, targets=1)
    >>> history, previous = torch.tensor([[[[1.0]]]]), torch.tensor([[[2.0]]])
    >>> base, history = residual.step(previous, history)
    >>> base.item(), history.item()
    (1.0, 2.0)
    """

    def __init__(self, kind: str, *, lag: int, length: int, targets: int, seasons: int = 1) -> None:
        self.kind = kind
        self.lag = lag if kind == "season" else 1
        self.length = length
        self.targets = targets
        self.seasons = seasons if kind == "season" else 1
        self.reach = self.lag * self.seasons

    def values(self, segments: Float[Tensor, "B N W"]) -> Float[Tensor, "B N D"]:
        """Take what bases are made of: values, and for a mean their masks, which follow them."""
        width = self.length * self.targets
        return segments[..., : width if self.seasons == 1 else 2 * width]

    def step(
        self, previous: Float[Tensor, "B Q D"], history: Float[Tensor, "B Q K D"]
    ) -> tuple[Float[Tensor, "B Q V"], Float[Tensor, "B Q K D"]]:
        """Return the base of one step, and the history with ``previous`` pushed into it.

        ``history`` holds the K = reach − 1 segments before ``previous``, the oldest first.
        """
        window = pushed(previous, history)
        return self._bases(window, phases=1)[:, :, 0], window[:, :, 1:]

    def run(
        self, previous: Float[Tensor, "B T D"], history: Float[Tensor, "B 1 K D"]
    ) -> tuple[Float[Tensor, "B T V"], Float[Tensor, "B 1 K D"]]:
        """Return the bases of T known steps at once, and the history after them."""
        # of a single season, or of the segment before, only the first of what lies in reach is read
        sliding, after = slid(previous, history, self.reach if self.seasons > 1 else 1)
        return self._bases(sliding, phases=1)[:, :, 0], after

    def parallel(self, recent: Float[Tensor, "B K D"], t: Int[Tensor, " T"]) -> Float[Tensor, "B T V"]:
        """Return the bases of steps ``t`` from the context's last K = reach segments alone."""
        return self._bases(recent, phases=self.lag)[:, t % self.lag]

    def _bases(self, window: Float[Tensor, "*B K D"], *, phases: int) -> Float[Tensor, "*B P V"]:
        """Return the bases of the first phases of the season after K = reach segments."""
        if self.kind == "value":
            return window[..., -self.targets :].repeat(*[1] * (window.ndim - 1), self.length)
        if self.seasons == 1:
            return window[..., :phases, :]
        past = Seasons.of(window, self.seasons, self.length, self.targets)
        return (past.mean_shape(phases) + past.last_level).flatten(-2)


def pushed(previous: Float[Tensor, "B Q D"], history: Float[Tensor, "B Q K D"]) -> Float[Tensor, "B Q R D"]:
    """Return the segments in reach of a step: the history, and the one before the step."""
    return torch.cat([history, previous[:, :, None].to(history.dtype)], dim=2)


def slid(
    previous: Float[Tensor, "B T D"], history: Float[Tensor, "B 1 K D"], reach: int
) -> tuple[Float[Tensor, "B T R D"], Float[Tensor, "B 1 K D"]]:
    """Return what is in reach of each of T known steps, the oldest of it, and the history after them."""
    window = torch.cat([history[:, 0], previous.to(history.dtype)], dim=1)
    steps = torch.arange(previous.shape[1], device=window.device)
    within = torch.arange(reach, device=window.device)
    return window[:, steps[:, None] + within], window[:, None, len(steps) :]


@dataclass(frozen=True)
class Seasons:
    """Past seasons as levels, and shapes around them.

    Attributes
    ----------
    shapes, seen
        (…, N, lag, length, targets): deviations from the season's level, and which of them were observed.
    levels, known
        (…, N, 1, 1, targets): the mean of what was observed of a season, and whether anything was.
    """

    shapes: Float[Tensor, "*B N P G Y"]
    seen: Float[Tensor, "*B N P G Y"]
    levels: Float[Tensor, "*B N 1 1 Y"]
    known: Bool[Tensor, "*B N 1 1 Y"]

    @classmethod
    def of(cls, window: Float[Tensor, "*B K D"], seasons: int, length: int, targets: int) -> Seasons:
        """Take apart segments that hold their masks, the oldest first."""
        shape = (seasons, window.shape[-2] // seasons, 2, length, targets)
        values, mask = window.reshape(*window.shape[:-2], *shape).unbind(-3)
        counts = mask.sum(dim=(-3, -2), keepdim=True)
        levels = (values * mask).sum(dim=(-3, -2), keepdim=True) / counts.clamp(min=1)
        return cls(values - levels, mask, levels, counts > 0)

    def mean_shape(self, phases: int) -> Float[Tensor, "*B P G Y"]:
        """Return the mean shape of the first phases; 0 where none was observed."""
        seen = self.seen[..., :phases, :, :]
        return (self.shapes[..., :phases, :, :] * seen).sum(dim=-4) / seen.sum(dim=-4).clamp(min=1)

    @property
    def last_level(self) -> Float[Tensor, "*B 1 1 Y"]:
        """The level of the last season of which anything is known."""
        latest = self.levels[..., 0, :, :, :]
        for season in range(1, self.levels.shape[-4]):
            latest = torch.where(self.known[..., season, :, :, :], self.levels[..., season, :, :, :], latest)
        return latest
