"""Residual decoding from a learned linear map of past seasons (SparseTSF, Lin et al. 2024)."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from tsseq2seq.nn.residuals.base import Residual
from tsseq2seq.nn.residuals.past_seasons import PastSeasons

__all__ = ["LearnedSeasons"]


class LearnedSeasons(Residual):
    """The base of a segment is a learned combination of the same segment in past seasons.

    As :class:`~tsseq2seq.nn.residuals.mean_of_seasons.MeanOfSeasons`, with learned weights in place of equal
    ones: two for each past season, of its deviations and of its level, shared by all segments of a season.
    What is learned is the difference from the plain mean at the last level. It begins at 0, and weight
    decay pulls it back there. A missing value counts as the mean of the same time step in the seasons in
    which it was observed.

    Parameters
    ----------
    lag
        Segments of a season.
    length, targets
        Time steps of a segment, and target variables.
    seasons
        Number of past seasons.
    ahead
        Number of seasons ahead, each with weights of its own: 1 in an autoregressive decoder, which moves
        along; all seasons of the horizon in a parallel one.

    References
    ----------
    Lin et al., "SparseTSF: modeling long-term time series forecasting with 1k parameters", ICML 2024.

    Examples
    --------
    >>> learned = LearnedSeasons(lag=1, length=1, targets=1, seasons=2)
    >>> history, previous = torch.tensor([[[[1.0, 1.0]]]]), torch.tensor([[[2.0, 1.0]]])
    >>> base, history = learned.step(previous, history)
    >>> base.item(), history.tolist()
    (2.0, [[[[2.0, 1.0]]]])
    """

    reads_masks = True

    def __init__(self, *, lag: int, length: int, targets: int, seasons: int, ahead: int = 1) -> None:
        super().__init__(reach=lag * seasons, length=length, targets=targets)
        self.lag = lag
        self.seasons = seasons
        self.shapes = nn.Parameter(torch.zeros(ahead, seasons))  # weights of the deviations
        self.levels = nn.Parameter(torch.zeros(ahead, seasons))

    def base(self, recent: Float[Tensor, "*B K D"]) -> Float[Tensor, "*B values"]:
        """Return the base of the first segment of the first season ahead."""
        return self._bases(recent, phases=1)[..., 0, 0, :]

    def parallel(self, recent: Float[Tensor, "B K D"], t: Int[Tensor, " T"]) -> Float[Tensor, "B T values"]:
        """Return the bases of decoder steps ``t`` from the last K = reach segments of the context."""
        return self._bases(recent, phases=self.lag)[:, t // self.lag, t % self.lag]

    def _bases(
        self, recent: Float[Tensor, "*B K D"], *, phases: int
    ) -> Float[Tensor, "*B ahead phases values"]:
        """Return the bases of the first ``phases`` segments of each of A seasons ahead."""
        past = PastSeasons.of(recent, self.seasons, self.length, self.targets)
        mean, last_level = past.mean_deviations(phases), past.last_level
        deviations = torch.where(
            past.observed[..., :phases, :, :] > 0, past.deviations[..., :phases, :, :], mean.unsqueeze(-4)
        )
        levels = torch.where(past.has_level, past.levels - last_level.unsqueeze(-4), 0.0)
        # a base in half precision would be too coarse to add to
        with torch.autocast(recent.device.type, enabled=False):
            shape = torch.einsum("an,...npgy->...apgy", self.shapes, deviations)
            level = torch.einsum("an,...npgy->...apgy", self.levels, levels)
        return (mean.unsqueeze(-4) + shape + last_level.unsqueeze(-4) + level).flatten(-2)
