"""A stack of recurrent layers that runs fused over time or one step for many queries.

Both ways use the same weights, those of ``torch.nn.LSTM``, ``GRU`` or ``RNN``, and give the same
numbers: :meth:`RecurrentStack.run` is one call of the fused kernel, :meth:`RecurrentStack.step`
advances Q independent states of each row by one step.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.nn.cells import gru_cell, lstm_cell, rnn_cell

__all__ = ["RecurrentStack", "RecurrentState"]

_MODULES = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


@dataclass(frozen=True)
class RecurrentState:
    """Hidden state of every layer, and the cell state where the cell has one (LSTM).

    Attributes
    ----------
    hidden
        (B, Q, L, H): rows, queries, layers (lowest first), width.
    cell
        The same shape, or None for cells without one.
    """

    hidden: Float[Tensor, "B Q L H"]
    cell: Float[Tensor, "B Q L H"] | None

    @property
    def top(self) -> Float[Tensor, "B Q H"]:
        """Hidden state of the highest layer."""
        return self.hidden[:, :, -1]


class RecurrentStack(nn.Module):
    """Recurrent layers of one direction.

    Parameters
    ----------
    cell
        ``"lstm"``, ``"gru"`` or ``"rnn"``.
    input_size, hidden_size, num_layers
        Sizes, as in ``torch.nn.LSTM``.
    dropout
        Dropout between layers while training.

    Examples
    --------
    >>> stack = RecurrentStack("gru", input_size=3, hidden_size=4, num_layers=2)
    >>> outputs, state = stack.run(torch.zeros(5, 7, 3), stack.zeros(torch.zeros(5, 1)))
    >>> outputs.shape, state.hidden.shape
    (torch.Size([5, 7, 4]), torch.Size([5, 1, 2, 4]))
    """

    def __init__(
        self, cell: str, *, input_size: int, hidden_size: int, num_layers: int = 1, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.dropout = dropout
        between_layers = dropout if num_layers > 1 else 0.0
        self.layers = _MODULES[cell](
            input_size, hidden_size, num_layers, batch_first=True, dropout=between_layers
        )

    def zeros(self, like: Float[Tensor, "B ..."]) -> RecurrentState:
        """Return the all-zero state for as many rows as ``like`` has, with one query."""
        hidden = like.new_zeros(like.shape[0], 1, self.num_layers, self.hidden_size)
        return RecurrentState(hidden, torch.zeros_like(hidden) if self.cell == "lstm" else None)

    def run(
        self, inputs: Float[Tensor, "B T I"], state: RecurrentState
    ) -> tuple[Float[Tensor, "B T H"], RecurrentState]:
        """Run all layers over all T steps in one fused call.

        Parameters
        ----------
        inputs
            Inputs of the lowest layer.
        state
            Where to start, with one query a row.

        Returns
        -------
        outputs
            Hidden states of the highest layer at every step.
        state
            The state after the last step.
        """
        hidden = state.hidden[:, 0].transpose(0, 1).contiguous()
        if state.cell is None:
            outputs, hidden = self.layers(inputs, hidden)
            return outputs, RecurrentState(hidden.transpose(0, 1)[:, None], None)
        cell = state.cell[:, 0].transpose(0, 1).contiguous()
        outputs, (hidden, cell) = self.layers(inputs, (hidden, cell))
        return outputs, RecurrentState(hidden.transpose(0, 1)[:, None], cell.transpose(0, 1)[:, None])

    def step(
        self, inputs: Float[Tensor, "B Q I"], state: RecurrentState
    ) -> tuple[Float[Tensor, "B Q H"], RecurrentState]:
        """Advance every query of every row by one step.

        Parameters
        ----------
        inputs
            One input for each query.
        state
            One state for each query.

        Returns
        -------
        output
            The new hidden state of the highest layer.
        state
            The new state of all layers.
        """
        rows, queries, _ = inputs.shape
        below = inputs.reshape(rows * queries, -1)
        hidden = state.hidden.reshape(rows * queries, self.num_layers, self.hidden_size)
        cell = None if state.cell is None else state.cell.reshape_as(hidden)
        new_hidden, new_cell = [], []
        for layer in range(self.num_layers):
            if layer > 0:
                below = functional.dropout(below, self.dropout, self.training)
            below, c = self._cell(layer, below, hidden[:, layer], None if cell is None else cell[:, layer])
            new_hidden.append(below)
            new_cell.append(c)
        shape = (rows, queries, self.num_layers, self.hidden_size)
        stacked_cell = None if cell is None else torch.stack(new_cell, dim=1).reshape(shape)  # type: ignore[arg-type]
        new_state = RecurrentState(torch.stack(new_hidden, dim=1).reshape(shape), stacked_cell)
        return below.reshape(rows, queries, -1), new_state

    def _cell(
        self,
        layer: int,
        inputs: Float[Tensor, "N I"],
        hidden: Float[Tensor, "N H"],
        cell: Float[Tensor, "N H"] | None,
    ) -> tuple[Float[Tensor, "N H"], Float[Tensor, "N H"] | None]:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = [getattr(self.layers, f"{name}_l{layer}") for name in names]
        # torch's own are fused on GPUs, and not known to autocast elsewhere
        written_out = inputs.device.type == "cpu" and torch.is_autocast_enabled("cpu")
        if cell is not None:
            return (lstm_cell if written_out else torch.lstm_cell)(inputs, (hidden, cell), *weights)
        if self.cell == "gru":
            return (gru_cell if written_out else torch.gru_cell)(inputs, hidden, *weights), None
        return (rnn_cell if written_out else torch.rnn_tanh_cell)(inputs, hidden, *weights), None
