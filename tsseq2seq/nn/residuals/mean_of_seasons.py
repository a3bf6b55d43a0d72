"""Residual decoding from the mean of several past seasons."""

from __future__ import annotations

from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.nn.residuals.base import Residual
from tsseq2seq.nn.residuals.past_seasons import PastSeasons

__all__ = ["MeanOfSeasons"]


class MeanOfSeasons(Residual):
    """The base of a segment is the mean of the same segment in several past seasons.

    The mean of several seasons is less noisy than one. Each season is first moved to the level of the last
    one, so that a trend does not pull the mean back. Missing values are left out, and so are seasons before
    the context.

    Parameters
    ----------
    lag
        Segments of a season.
    length, targets
        Time steps of a segment, and target variables.
    seasons
        Number of past seasons.

    Examples
    --------
    >>> import torch
    >>> residual = MeanOfSeasons(lag=2, length=1, targets=1, seasons=2)
    >>> values = torch.tensor([0.0, 4.0, 10.0, 16.0])           # two seasons, of levels 2 and 13
    >>> residual.base(torch.stack([values, torch.ones(4)], dim=-1)).tolist()
    [10.5]
    """

    reads_masks = True

    def __init__(self, *, lag: int, length: int, targets: int, seasons: int) -> None:
        super().__init__(reach=lag * seasons, length=length, targets=targets)
        self.lag = lag
        self.seasons = seasons

    def base(self, recent: Float[Tensor, "*B K D"]) -> Float[Tensor, "*B values"]:
        """Return the mean of the seasons at their first segment."""
        return self._bases(recent, phases=1)[..., 0, :]

    def parallel(self, recent: Float[Tensor, "B K D"], t: Int[Tensor, " T"]) -> Float[Tensor, "B T values"]:
        """Repeat the mean of the context's seasons."""
        return self._bases(recent, phases=self.lag)[:, t % self.lag]

    def _bases(self, recent: Float[Tensor, "*B K D"], *, phases: int) -> Float[Tensor, "*B phases values"]:
        """Return the bases of the first ``phases`` segments of the next season."""
        past = PastSeasons.of(recent, self.seasons, self.length, self.targets)
        return (past.mean_deviations(phases) + past.last_level).flatten(-2)
