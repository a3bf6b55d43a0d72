"""Losses of the shape of a forecast: of its differences, and soft dynamic time warping."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.nn.losses.horizon import HorizonLoss
from tsseq2seq.settings import check_choice, check_number

__all__ = ["DifferenceLoss", "SoftDTW", "soft_dtw"]


@dataclass(frozen=True)
class DifferenceLoss(HorizonLoss):
    """Absolute error of the values, and of their changes from one time step to the next.

    Parameters
    ----------
    weight
        Weight of the error of the changes; that of the values has the weight 1, without which no level would
        be learned. A change counts where both of its values were observed.

    Examples
    --------
    >>> truth = torch.tensor([1.0, 2.0, 3.0])[None, :, None]
    >>> valid = torch.ones_like(truth, dtype=torch.bool)
    >>> DifferenceLoss(weight=2.0).windows(torch.full_like(truth, 2.0), truth, valid).tolist()
    [2.6666667461395264]
    """

    weight: float = 1.0

    def __post_init__(self) -> None:
        """Check the weight."""
        check_number("DifferenceLoss", "weight", self.weight, low=0)

    def windows(
        self,
        forecast: Float[Tensor, "B horizon targets"],
        truth: Float[Tensor, "B horizon targets"],
        valid: Bool[Tensor, "B horizon targets"],
    ) -> Float[Tensor, " B"]:
        """Return the loss of each window."""
        error = (forecast - truth).masked_fill(~valid, 0.0)
        both = valid[:, 1:] & valid[:, :-1]
        changes = error.diff(dim=1).masked_fill(~both, 0.0)
        return _mean(error.abs(), valid) + self.weight * _mean(changes.abs(), both)


@dataclass(frozen=True)
class SoftDTW(HorizonLoss):
    """Soft dynamic time warping: a peak that comes an hour early is a small error, not two large ones.

    Each target is aligned with its forecast by itself, over the time steps that were observed; a pair of
    steps costs their squared error. The loss is divided by the number of steps. It may be negative.

    Parameters
    ----------
    gamma
        How soft the minimum over alignments is, on the scale of the window. Towards 0 it becomes dynamic time
        warping, which has few gradients; large ones blur what is learned.
    divergence
        Whether the loss is less the mean of those of forecast and truth with themselves, as in Blondel et al.
        2021: it is then at least 0, and 0 for the truth alone. It costs three times as much.

    References
    ----------
    Cuturi and Blondel, "Soft-DTW: a differentiable loss function for time-series" (2017); Blondel, Mensch and
    Vert, "Differentiable divergences between time series" (2021).

    Examples
    --------
    >>> early, late = torch.zeros(2, 1, 8, 1)
    >>> early[0, 2], late[0, 3] = 1.0, 1.0
    >>> valid = torch.ones_like(late, dtype=torch.bool)
    >>> shifted = SoftDTW(divergence=True).windows(early, late, valid)
    >>> bool(shifted < 0.1 * SoftDTW(divergence=True).windows(0 * late, late, valid))
    True
    """

    gamma: float = 0.1
    divergence: bool = False

    def __post_init__(self) -> None:
        """Check the fields."""
        check_number("SoftDTW", "gamma", self.gamma, low=0, low_open=True)
        check_choice("SoftDTW", "divergence", self.divergence, (False, True))

    def windows(
        self,
        forecast: Float[Tensor, "B horizon targets"],
        truth: Float[Tensor, "B horizon targets"],
        valid: Bool[Tensor, "B horizon targets"],
    ) -> Float[Tensor, " B"]:
        """Return the loss of each window, the mean over its targets with observed values."""
        mask = valid.transpose(1, 2).flatten(0, 1)
        first = (~mask).int().argsort(dim=1, stable=True)  # observed steps come first, in their order
        wide = torch.promote_types(forecast.dtype, torch.float32)
        one, other = (
            values.transpose(1, 2).flatten(0, 1).to(wide).gather(1, first) for values in (forecast, truth)
        )
        lengths = mask.sum(1)
        losses = soft_dtw(one, other, lengths, gamma=self.gamma)
        if self.divergence:
            losses = losses - 0.5 * soft_dtw(one, one, lengths, gamma=self.gamma)
            losses = losses - 0.5 * soft_dtw(other, other, lengths, gamma=self.gamma)
        losses = (losses / lengths.clamp(min=1)).reshape(len(forecast), -1)
        return _mean(losses, (lengths > 0).reshape(losses.shape))


def soft_dtw(
    one: Float[Tensor, "N T"], other: Float[Tensor, "N T"], lengths: Int[Tensor, " N"], *, gamma: float
) -> Float[Tensor, " N"]:
    """Return the soft-DTW of the first ``lengths`` values of pairs of series; 0 where the length is 0.

    All pairs of one antidiagonal of the table of alignments are computed at once.

    Parameters
    ----------
    one, other
        The series.
    lengths
        Values of each pair; those after them mean nothing.
    gamma
        Softness of the minimum.

    Examples
    --------
    >>> series, lengths = torch.tensor([[0.0, 1.0]]), torch.tensor([2])
    >>> round(soft_dtw(series, series, lengths, gamma=0.001).item(), 3)
    0.0
    """
    steps = one.shape[1]
    rows = torch.arange(steps, device=one.device)
    diagonals = torch.arange(2 * steps - 1, device=one.device)
    columns = diagonals - rows[:, None]  # (T, 2T − 1): of the cells of each antidiagonal
    inside = (columns >= 0) & (columns < steps)
    costs = (one[:, :, None] - other[:, None, :]).square()
    costs = costs.gather(2, columns.clamp(0, steps - 1).expand(len(one), -1, -1))
    # the cells of a diagonal by their row, after the border: the cell above the first row
    border = costs.new_full((len(one), 1), torch.inf)
    last = border.expand(-1, steps + 1)
    before = torch.cat([torch.zeros_like(border), last[:, 1:]], dim=1)  # the start
    found = costs.new_zeros(len(one))
    for diagonal, (cost, is_cell) in enumerate(zip(costs.unbind(2), inside.unbind(1), strict=True)):
        nearest = torch.stack([before[:, :-1], last[:, :-1], last[:, 1:]])
        # three infinities, of which no cell of the table has more than two, would have no gradient
        nearest = nearest.masked_fill(~is_cell, 0.0)
        cells = cost - gamma * torch.logsumexp(-nearest / gamma, dim=0)
        before, last = last, torch.cat([border, cells.masked_fill(~is_cell, torch.inf)], dim=1)
        if diagonal % 2 == 0:
            length = diagonal // 2 + 1
            found = torch.where(lengths == length, last[:, length], found)
    return found


def _mean(values: Float[Tensor, "B *shape"], valid: Bool[Tensor, "B *shape"]) -> Float[Tensor, " B"]:
    """Return the mean of each window's valid values; 0 where there are none."""
    total = values.masked_fill(~valid, 0.0).flatten(1).sum(1)
    return total / valid.flatten(1).sum(1).clamp(min=1)
