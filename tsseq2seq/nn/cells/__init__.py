"""Recurrent cells, one a file: torch's own, which are fused, and cells defined by one step of their state."""

from __future__ import annotations

from typing import Any

from tsseq2seq.nn.cells.base import CELLS, Cell, RecurrentLayers
from tsseq2seq.nn.cells.gru import GRU
from tsseq2seq.nn.cells.lstm import LSTM
from tsseq2seq.nn.cells.mingru import MinGRU
from tsseq2seq.nn.cells.rnn import RNN
from tsseq2seq.nn.cells.slstm import SLSTM, SLSTMState
from tsseq2seq.nn.cells.stacked import StackedCells
from tsseq2seq.nn.cells.torch_layers import RecurrentState, TorchLayers

__all__ = [
    "CELLS",
    "GRU",
    "LSTM",
    "RNN",
    "SLSTM",
    "Cell",
    "MinGRU",
    "RecurrentLayers",
    "RecurrentState",
    "SLSTMState",
    "StackedCells",
    "TorchLayers",
    "build_layers",
]


def build_layers(
    cell: str, input_size: int, hidden_size: int, num_layers: int = 1, *, dropout: float = 0.0
) -> RecurrentLayers:
    """Build recurrent layers of one direction.

    Parameters
    ----------
    cell
        Name of a cell, such as ``"lstm"``.
    input_size, hidden_size, num_layers
        Widths and depth.
    dropout
        Dropout between layers while training.

    Raises
    ------
    ParameterError
        If no cell has the name.

    Examples
    --------
    >>> type(build_layers("lstm", 3, 4)).__name__, type(build_layers("mingru", 3, 4)).__name__
    ('LSTM', 'StackedCells')
    """
    cell_class: Any = CELLS[cell]
    if issubclass(cell_class, RecurrentLayers):
        return cell_class(input_size, hidden_size, num_layers, dropout=dropout)
    return StackedCells(cell_class, input_size, hidden_size, num_layers, dropout=dropout)
