"""One step of the LSTM, GRU and simple recurrent cells, as equations.

Torch has a function for each cell, but its autocast supports them on GPUs only. It supports the products of
these equations on CPUs too, where it then casts the weights of a cell once a batch, not once a step.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

__all__ = ["gru_cell", "lstm_cell", "rnn_cell"]


def lstm_cell(
    inputs: Float[Tensor, "N I"],
    state: tuple[Float[Tensor, "N H"], Float[Tensor, "N H"]],
    *weights: Tensor,
) -> tuple[Float[Tensor, "N H"], Float[Tensor, "N H"]]:
    """Return hidden and cell state after a step (Hochreiter and Schmidhuber 1997), as ``torch.lstm_cell``.

    Parameters
    ----------
    inputs
        Inputs of the step.
    state
        Hidden and cell state before the step.
    weights
        Weights of inputs (4H, I) and hidden state (4H, H), and their biases (4H,) each. The rows are those of
        the input, forget, cell and output gates.

    Examples
    --------
    >>> weights = torch.ones(4, 1), torch.ones(4, 1), torch.zeros(4), torch.zeros(4)
    >>> zero = torch.zeros(1, 1)
    >>> [round(part.item(), 4) for part in lstm_cell(zero, (zero, zero + 1), *weights)]
    [0.2311, 0.5]
    """
    hidden, cell = state
    of_inputs, of_hidden = _products(inputs, hidden, *weights)
    input_gate, forget, new, output = (of_inputs + of_hidden).chunk(4, dim=-1)
    cell = torch.sigmoid(forget) * cell.to(of_inputs.dtype) + torch.sigmoid(input_gate) * torch.tanh(new)
    return torch.sigmoid(output) * torch.tanh(cell), cell


def gru_cell(
    inputs: Float[Tensor, "N I"], hidden: Float[Tensor, "N H"], *weights: Tensor
) -> Float[Tensor, "N H"]:
    """Return the hidden state after a step (Cho et al. 2014), as ``torch.gru_cell``.

    Parameters
    ----------
    inputs, hidden
        Inputs of the step, and the hidden state before it.
    weights
        Weights of inputs (3H, I) and hidden state (3H, H), and their biases (3H,) each. The rows are those of
        the reset, update and new gates.

    Examples
    --------
    >>> weights = torch.ones(3, 1), torch.ones(3, 1), torch.zeros(3), torch.zeros(3)
    >>> gru_cell(torch.zeros(1, 1), torch.zeros(1, 1), *weights).item()
    0.0
    """
    of_inputs, of_hidden = _products(inputs, hidden, *weights)
    reset, update, new = of_inputs.chunk(3, dim=-1)
    hidden_reset, hidden_update, hidden_new = of_hidden.chunk(3, dim=-1)
    new = torch.tanh(new + torch.sigmoid(reset + hidden_reset) * hidden_new)
    return torch.lerp(new, hidden.to(new.dtype), torch.sigmoid(update + hidden_update))


def rnn_cell(
    inputs: Float[Tensor, "N I"], hidden: Float[Tensor, "N H"], *weights: Tensor
) -> Float[Tensor, "N H"]:
    """Return the hidden state after a step (Elman 1990), as ``torch.rnn_tanh_cell``.

    Parameters
    ----------
    inputs, hidden
        Inputs of the step, and the hidden state before it.
    weights
        Weights of inputs (H, I) and hidden state (H, H), and their biases (H,) each.

    Examples
    --------
    >>> weights = torch.ones(1, 1), torch.ones(1, 1), torch.zeros(1), torch.zeros(1)
    >>> round(rnn_cell(torch.ones(1, 1), torch.zeros(1, 1), *weights).item(), 4)
    0.7616
    """
    of_inputs, of_hidden = _products(inputs, hidden, *weights)
    return torch.tanh(of_inputs + of_hidden)


def _products(
    inputs: Float[Tensor, "N I"],
    hidden: Float[Tensor, "N H"],
    weight_ih: Float[Tensor, "gates I"],
    weight_hh: Float[Tensor, "gates H"],
    bias_ih: Float[Tensor, " gates"],
    bias_hh: Float[Tensor, " gates"],
) -> tuple[Float[Tensor, "N gates"], Float[Tensor, "N gates"]]:
    return functional.linear(inputs, weight_ih, bias_ih), functional.linear(hidden, weight_hh, bias_hh)
