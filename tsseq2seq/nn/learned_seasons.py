"""Residual decoding from a learned mix of past seasons.

As :class:`~tsseq2seq.nn.residual.Residual` over several seasons, but how much each counts is learned: a
linear map from the past seasons to the next ones, which all phases share (SparseTSF, Lin et al. 2024).
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from tsseq2seq.nn.residual import Seasons, pushed, slid

__all__ = ["LearnedSeasons"]


class LearnedSeasons(nn.Module):
    """Bases of the decoder's steps: past seasons' shapes and levels, each by weights that are learned.

    The weights begin as the plain mean of all shapes at the level of the last season, and are learned as what
    is added to that, so that weight decay pulls them back there. What was not observed counts as the mean of
    its phase in the seasons where it was.

    Parameters
    ----------
    lag
        Segments of a season.
    length, targets
        Values of a segment, and target variables; a segment is (length, targets), flattened.
    seasons
        How many past seasons are read.
    ahead
        How many seasons ahead there are weights for: 1 in an autoregressive decoder, whose seasons follow one
        another, and all of the horizon in a parallel one.

    Attributes
    ----------
    reach
        How many segments back a base looks.

    Examples
    --------
    >>> learned = LearnedSeasons(lag=1, length=1, targets=1, seasons=2)
    >>> history, previous = torch.tensor([[[[1.0, 1.0]]]]), torch.tensor([[[2.0, 1.0]]])
    >>> base, history = learned.step(previous, history)
    >>> base.item(), history.tolist()
    (2.0, [[[[2.0, 1.0]]]])
    """

    def __init__(self, *, lag: int, length: int, targets: int, seasons: int, ahead: int = 1) -> None:
        super().__init__()
        self.lag = lag
        self.length = length
        self.targets = targets
        self.seasons = seasons
        self.reach = lag * seasons
        self.shapes = nn.Parameter(torch.zeros(ahead, seasons))
        self.levels = nn.Parameter(torch.zeros(ahead, seasons))

    def values(self, segments: Float[Tensor, "B N W"]) -> Float[Tensor, "B N D"]:
        """Take what bases are made of: values and masks."""
        return segments[..., : 2 * self.length * self.targets]

    def step(
        self, previous: Float[Tensor, "B Q D"], history: Float[Tensor, "B Q K D"]
    ) -> tuple[Float[Tensor, "B Q V"], Float[Tensor, "B Q K D"]]:
        """Return the base of one step, and the history with ``previous`` pushed into it."""
        window = pushed(previous, history)
        return self._bases(window, phases=1)[:, :, 0, 0], window[:, :, 1:]

    def run(
        self, previous: Float[Tensor, "B T D"], history: Float[Tensor, "B 1 K D"]
    ) -> tuple[Float[Tensor, "B T V"], Float[Tensor, "B 1 K D"]]:
        """Return the bases of T known steps at once, and the history after them."""
        sliding, after = slid(previous, history, self.reach)
        return self._bases(sliding, phases=1)[:, :, 0, 0], after

    def parallel(self, recent: Float[Tensor, "B K D"], t: Int[Tensor, " T"]) -> Float[Tensor, "B T V"]:
        """Return the bases of steps ``t`` from the context's last K = reach segments alone."""
        return self._bases(recent, phases=self.lag)[:, t // self.lag, t % self.lag]

    def _bases(self, window: Float[Tensor, "*B K D"], *, phases: int) -> Float[Tensor, "*B A P V"]:
        """Return the bases of the first phases of each of A seasons after K = reach segments."""
        past = Seasons.of(window, self.seasons, self.length, self.targets)
        mean, last = past.mean_shape(phases), past.last_level
        shapes = torch.where(
            past.seen[..., :phases, :, :] > 0, past.shapes[..., :phases, :, :], mean.unsqueeze(-4)
        )
        levels = torch.where(past.known, past.levels - last.unsqueeze(-4), 0.0)
        # a base in half precision would be too coarse to add to
        with torch.autocast(window.device.type, enabled=False):
            shape = torch.einsum("an,...npgy->...apgy", self.shapes, shapes)
            level = torch.einsum("an,...npgy->...apgy", self.levels, levels)
        return (mean.unsqueeze(-4) + shape + last.unsqueeze(-4) + level).flatten(-2)
