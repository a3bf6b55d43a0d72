"""The simple recurrent network (Elman 1990), with tanh."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.cells.equations import rnn_cell
from tsseq2seq.nn.cells.torch_layers import RecurrentState, TorchLayers

__all__ = ["RNN"]


class RNN(TorchLayers, name="rnn"):
    """Layers of Elman's cells, with a hidden state.

    Parameters
    ----------
    input_size, hidden_size, num_layers
        Widths and depth, as in ``torch.nn.RNN``.
    dropout
        Dropout between layers while training.

    Examples
    --------
    >>> layers = RNN(3, 4)
    >>> output, state = layers.step(torch.zeros(5, 1, 3), layers.first_state(torch.zeros(5, 1)))
    >>> output.shape
    torch.Size([5, 1, 4])
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, *, dropout: float = 0.0
    ) -> None:
        between = dropout if num_layers > 1 else 0.0
        layers = nn.RNN(input_size, hidden_size, num_layers, batch_first=True, dropout=between)
        super().__init__(layers, dropout=dropout)

    def cell_step(
        self, inputs: Float[Tensor, "N I"], state: RecurrentState, weights: list[Tensor], as_equations: bool
    ) -> RecurrentState:
        """Advance one layer by one step."""
        step = rnn_cell if as_equations else torch.rnn_tanh_cell
        return RecurrentState(step(inputs, state.hidden, *weights), None)
