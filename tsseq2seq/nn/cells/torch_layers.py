"""Layers of torch's own cells, which run fused over all steps.

:meth:`TorchLayers.run` is one call of the fused kernel; :meth:`TorchLayers.step` advances Q independent
states of each row by one step. Both use the weights of ``torch.nn.LSTM``, ``GRU`` or ``RNN``, and return the
same numbers.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.nn.cells.base import RecurrentLayers

__all__ = ["RecurrentState", "TorchLayers"]

_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


@dataclass(frozen=True)
class RecurrentState:
    """Hidden state of every layer, and the cell state of an LSTM.

    Attributes
    ----------
    hidden
        (B, Q, L, H), the lowest layer first; (N, H) for one layer.
    cell
        The same shape; None for cells without a cell state.

    Examples
    --------
    >>> RecurrentState(torch.zeros(5, 1, 2, 4), None).hidden.shape  # a GRU of two layers
    torch.Size([5, 1, 2, 4])
    """

    hidden: Float[Tensor, "*B H"]
    cell: Float[Tensor, "*B H"] | None


class TorchLayers(RecurrentLayers):
    """Layers of one of torch's cells; a subclass defines one step of the cell.

    Parameters
    ----------
    layers
        Torch's fused module, batch first.
    dropout
        Dropout between layers while training.

    Examples
    --------
    >>> from tsseq2seq.nn.cells import GRU
    >>> isinstance(GRU(3, 4), TorchLayers)
    True
    """

    def __init__(self, layers: nn.RNNBase, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.layers = layers
        self.hidden_size = layers.hidden_size
        self.num_layers = layers.num_layers
        self.dropout = dropout

    @abstractmethod
    def cell_step(
        self, inputs: Float[Tensor, "N I"], state: RecurrentState, weights: list[Tensor], as_equations: bool
    ) -> RecurrentState:
        """Advance one layer, whose state is (N, H), by one step.

        Parameters
        ----------
        inputs, state
            Inputs of the step, and the state before it.
        weights
            Weights and biases of the layer, in torch's order.
        as_equations
            Whether to compute :mod:`tsseq2seq.nn.cells.equations` instead of torch's function.
        """

    def first_state(self, like: Float[Tensor, "B ..."]) -> RecurrentState:
        """Return a hidden state of zeros."""
        return RecurrentState(like.new_zeros(like.shape[0], 1, self.num_layers, self.hidden_size), None)

    def run(
        self, inputs: Float[Tensor, "B T I"], state: RecurrentState
    ) -> tuple[Float[Tensor, "B T H"], RecurrentState]:
        """Run all layers over all T steps in one fused call."""
        # torch expects the layers first
        outputs, hidden = self.layers(inputs, state.hidden[:, 0].transpose(0, 1).contiguous())
        return outputs, RecurrentState(hidden.transpose(0, 1)[:, None], None)

    def output(self, state: RecurrentState) -> Float[Tensor, "B Q H"]:
        """Return the hidden state of the highest layer."""
        return state.hidden[:, :, -1]

    def within_range(self, state: RecurrentState) -> RecurrentState:
        """Bound the hidden state by tanh, as these cells do."""
        return replace(state, hidden=torch.tanh(state.hidden))

    def step(
        self, inputs: Float[Tensor, "B Q I"], state: RecurrentState
    ) -> tuple[Float[Tensor, "B Q H"], RecurrentState]:
        """Advance every query of every row by one step."""
        rows, queries, _ = inputs.shape
        below = inputs.reshape(rows * queries, -1)
        flat = (rows * queries, self.num_layers, self.hidden_size)
        hidden = state.hidden.reshape(flat)
        cell = None if state.cell is None else state.cell.reshape(flat)
        # autocast supports torch's functions of cells on GPUs only
        as_equations = inputs.device.type == "cpu" and torch.is_autocast_enabled("cpu")
        after: list[RecurrentState] = []
        for layer in range(self.num_layers):
            if layer > 0:
                below = functional.dropout(below, self.dropout, self.training)
            weights = [getattr(self.layers, f"{name}_l{layer}") for name in _WEIGHTS]
            before = RecurrentState(hidden[:, layer], None if cell is None else cell[:, layer])
            after.append(self.cell_step(below, before, weights, as_equations))
            below = after[-1].hidden
        shape = (rows, queries, self.num_layers, self.hidden_size)
        stacked = torch.stack([layer.hidden for layer in after], dim=1).reshape(shape)
        cells = [layer.cell for layer in after if layer.cell is not None]
        stacked_cell = torch.stack(cells, dim=1).reshape(shape) if cells else None
        return below.reshape(rows, queries, -1), RecurrentState(stacked, stacked_cell)
