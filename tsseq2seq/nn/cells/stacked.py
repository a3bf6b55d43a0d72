"""Stacked cells: recurrent layers of any cell."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.nests import Nest, first_leaf, map_nest
from tsseq2seq.nn.cells.base import Cell, RecurrentLayers

__all__ = ["StackedCells"]


class StackedCells(RecurrentLayers):
    """Layers of a cell; each layer reads the hidden states of the one below.

    Parameters
    ----------
    cell
        Builds a cell from an input size and a hidden size.
    input_size, hidden_size, num_layers
        Widths and depth.
    dropout
        Dropout between layers while training.

    Examples
    --------
    >>> from tsseq2seq.nn.cells.mingru import MinGRU
    >>> layers = StackedCells(MinGRU, 3, 4, 2)
    >>> outputs, state = layers.run(torch.zeros(5, 7, 3), layers.first_state(torch.zeros(5, 1)))
    >>> outputs.shape, state.shape
    (torch.Size([5, 7, 4]), torch.Size([5, 1, 2, 4]))
    """

    def __init__(
        self,
        cell: Callable[[int, int], Cell],
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.dropout = dropout
        widths = [input_size] + [hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList([cell(width, hidden_size) for width in widths])

    def first_state(self, like: Float[Tensor, "B ..."]) -> Nest:
        """Return the first states of the cells."""
        states = [cell.first_state(like) for cell in self._cells()]
        return map_nest(lambda *each: torch.stack(each, dim=1)[:, None], *states)

    def run(self, inputs: Float[Tensor, "B T I"], state: Nest) -> tuple[Float[Tensor, "B T H"], Nest]:
        """Run one layer after another, each over all T steps."""
        outputs, after = inputs, []
        for layer, cell in enumerate(self._cells()):
            outputs, last = cell.run(self._with_dropout(outputs, layer), _layer(state, layer, queries=0))
            after.append(last)
        return outputs, map_nest(lambda *each: torch.stack(each, dim=1)[:, None], *after)

    def step(self, inputs: Float[Tensor, "B Q I"], state: Nest) -> tuple[Float[Tensor, "B Q H"], Nest]:
        """Advance one layer after another by one step."""
        rows, queries, _ = inputs.shape
        below, after = inputs.flatten(0, 1), []
        for layer, cell in enumerate(self._cells()):
            after.append(cell.step(self._with_dropout(below, layer), _layer(state, layer, queries=queries)))
            below = first_leaf(after[-1])
        new_state = map_nest(lambda *each: torch.stack(each, dim=1).unflatten(0, (rows, queries)), *after)
        return below.unflatten(0, (rows, queries)), new_state

    def within_range(self, state: Nest) -> Nest:
        """Bring each layer into the range of its cell's states."""
        layers = [
            cell.within_range(_layer(state, layer, queries=1)) for layer, cell in enumerate(self._cells())
        ]
        rows = len(first_leaf(state))
        return map_nest(lambda *each: torch.stack(each, dim=1).unflatten(0, (rows, -1)), *layers)

    def _cells(self) -> list[Cell]:
        return list(self.layers)  # type: ignore[arg-type]

    def _with_dropout(self, below: Tensor, layer: int) -> Tensor:
        return functional.dropout(below, self.dropout, self.training) if layer else below


def _layer(state: Nest, layer: int, *, queries: int) -> Nest:
    """Return one layer's state (N, W), where N is rows times queries, or rows if ``queries`` is 0."""
    if queries:
        return map_nest(lambda leaf: leaf[:, :, layer].flatten(0, 1), state)
    return map_nest(lambda leaf: leaf[:, 0, layer], state)
