"""Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.cells.equations import lstm_cell
from tsseq2seq.nn.cells.torch_layers import RecurrentState, TorchLayers

__all__ = ["LSTM"]


class LSTM(TorchLayers, name="lstm"):
    """Layers of LSTM cells, with a hidden and a cell state.

    Parameters
    ----------
    input_size, hidden_size, num_layers
        Widths and depth, as in ``torch.nn.LSTM``.
    dropout
        Dropout between layers while training.

    Examples
    --------
    >>> layers = LSTM(3, 4)
    >>> outputs, state = layers.run(torch.zeros(5, 7, 3), layers.first_state(torch.zeros(5, 1)))
    >>> outputs.shape, state.cell.shape
    (torch.Size([5, 7, 4]), torch.Size([5, 1, 1, 4]))
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, *, dropout: float = 0.0
    ) -> None:
        between = dropout if num_layers > 1 else 0.0
        layers = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True, dropout=between)
        super().__init__(layers, dropout=dropout)

    def first_state(self, like: Float[Tensor, "B ..."]) -> RecurrentState:
        """Return zeros, of the cell state too."""
        hidden = like.new_zeros(like.shape[0], 1, self.num_layers, self.hidden_size)
        return RecurrentState(hidden, torch.zeros_like(hidden))

    def run(
        self, inputs: Float[Tensor, "B T I"], state: RecurrentState
    ) -> tuple[Float[Tensor, "B T H"], RecurrentState]:
        """Run all layers over all T steps in one fused call."""
        assert state.cell is not None
        # torch expects the layers first
        hidden = state.hidden[:, 0].transpose(0, 1).contiguous()
        cell = state.cell[:, 0].transpose(0, 1).contiguous()
        outputs, (hidden, cell) = self.layers(inputs, (hidden, cell))
        return outputs, RecurrentState(hidden.transpose(0, 1)[:, None], cell.transpose(0, 1)[:, None])

    def cell_step(
        self, inputs: Float[Tensor, "N I"], state: RecurrentState, weights: list[Tensor], as_equations: bool
    ) -> RecurrentState:
        """Advance one layer by one step."""
        assert state.cell is not None
        step = lstm_cell if as_equations else torch.lstm_cell
        return RecurrentState(*step(inputs, (state.hidden, state.cell), *weights))
