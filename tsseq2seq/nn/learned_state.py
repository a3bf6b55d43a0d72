"""A first state of the decoder that is a parameter."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from tsseq2seq.nests import Nest, map_nest, named_leaves

__all__ = ["LearnedState"]


class LearnedState(nn.Module):
    """The same learned state for every row; it begins as zeros, brought into the range of the cell's states.

    Parameters
    ----------
    like
        A first state of the decoder, with any number of rows; only its widths and depths are read.

    Examples
    --------
    >>> from tsseq2seq.nn.cells import LSTM
    >>> layers = LSTM(1, 4, 2)
    >>> first = LearnedState(layers.first_state(torch.zeros(3, 1)))
    >>> first(5, layers.within_range).hidden.shape
    torch.Size([5, 1, 2, 4])
    """

    def __init__(self, like: Nest) -> None:
        super().__init__()
        self.like = map_nest(lambda leaf: torch.empty(0), like)
        self.parts = nn.ParameterList(
            [nn.Parameter(torch.zeros(1, 1, *leaf.shape[2:])) for _, leaf in named_leaves(like)]
        )

    def forward(self, rows: int, within_range: Callable[[Nest], Nest]) -> Nest:
        """Return the state with so many rows, and one query each.

        Parameters
        ----------
        rows
            Number of rows.
        within_range
            Brings a state into the range of the decoder's states; see
            :meth:`~tsseq2seq.nn.cells.RecurrentLayers.within_range`.
        """
        parts = iter(self.parts)

        def expanded(_: Tensor) -> Tensor:
            return next(parts).expand(rows, -1, -1, -1)

        return within_range(map_nest(expanded, self.like))
