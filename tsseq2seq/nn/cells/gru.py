"""The gated recurrent unit (Cho et al. 2014)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from tsseq2seq.nn.cells.equations import gru_cell
from tsseq2seq.nn.cells.torch_layers import RecurrentState, TorchLayers

__all__ = ["GRU"]


class GRU(TorchLayers, name="gru"):
    """Layers of GRU cells, with a hidden state.

    Parameters
    ----------
    input_size, hidden_size, num_layers
        Widths and depth, as in ``torch.nn.GRU``.
    dropout
        Dropout between layers while training.

    Examples
    --------
    >>> layers = GRU(3, 4, 2)
    >>> outputs, state = layers.run(torch.zeros(5, 7, 3), layers.first_state(torch.zeros(5, 1)))
    >>> outputs.shape, state.hidden.shape
    (torch.Size([5, 7, 4]), torch.Size([5, 1, 2, 4]))
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, *, dropout: float = 0.0
    ) -> None:
        between = dropout if num_layers > 1 else 0.0
        layers = nn.GRU(input_size, hidden_size, num_layers, batch_first=True, dropout=between)
        super().__init__(layers, dropout=dropout)

    def cell_step(
        self, inputs: Float[Tensor, "N I"], state: RecurrentState, weights: list[Tensor], as_equations: bool
    ) -> RecurrentState:
        """Advance one layer by one step."""
        step = gru_cell if as_equations else torch.gru_cell
        return RecurrentState(step(inputs, state.hidden, *weights), None)
