"""One step of a recurrent cell, written out.

Torch has each cell as one function, but its autocast knows those on GPUs only. Written as products, which
it does know, a cell's weights are cast once a batch on CPUs too, not once a step.
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
        What is read.
    state
        Hidden and cell state before.
    weights
        (4H, I), (4H, H), (4H,) and (4H,), the rows of input, forget, cell and output gate.

    Examples
    --------
    >>> weights = torch.ones(4, 1), torch.ones(4, 1), torch.zeros(4), torch.zeros(4)
    >>> zero = torch.zeros(1, 1)
    >>> [round(part.item(), 4) for part in lstm_cell(zero, (zero, zero + 1), *weights)]
    [0.2311, 0.5]
    """
    hidden, cell = state
    read, kept = _products(inputs, hidden, *weights)
    enter, forget, new, leave = (read + kept).chunk(4, dim=-1)
    cell = torch.sigmoid(forget) * cell.to(read.dtype) + torch.sigmoid(enter) * torch.tanh(new)
    return torch.sigmoid(leave) * torch.tanh(cell), cell


def gru_cell(
    inputs: Float[Tensor, "N I"], hidden: Float[Tensor, "N H"], *weights: Tensor
) -> Float[Tensor, "N H"]:
    """Return the hidden state after a step (Cho et al. 2014), as ``torch.gru_cell``.

    Parameters
    ----------
    inputs, hidden
        What is read, and the state before.
    weights
        (3H, I), (3H, H), (3H,) and (3H,), the rows of reset, update and new gate.

    Examples
    --------
    >>> weights = torch.ones(3, 1), torch.ones(3, 1), torch.zeros(3), torch.zeros(3)
    >>> gru_cell(torch.zeros(1, 1), torch.zeros(1, 1), *weights).item()
    0.0
    """
    read, kept = _products(inputs, hidden, *weights)
    reset, update, new = read.chunk(3, dim=-1)
    kept_reset, kept_update, kept_new = kept.chunk(3, dim=-1)
    new = torch.tanh(new + torch.sigmoid(reset + kept_reset) * kept_new)
    return torch.lerp(new, hidden.to(new.dtype), torch.sigmoid(update + kept_update))


def rnn_cell(
    inputs: Float[Tensor, "N I"], hidden: Float[Tensor, "N H"], *weights: Tensor
) -> Float[Tensor, "N H"]:
    """Return the hidden state after a step (Elman 1990), as ``torch.rnn_tanh_cell``; weights as there.

    Examples
    --------
    >>> weights = torch.ones(1, 1), torch.ones(1, 1), torch.zeros(1), torch.zeros(1)
    >>> round(rnn_cell(torch.ones(1, 1), torch.zeros(1, 1), *weights).item(), 4)
    0.7616
    """
    read, kept = _products(inputs, hidden, *weights)
    return torch.tanh(read + kept)


def _products(
    inputs: Float[Tensor, "N I"],
    hidden: Float[Tensor, "N H"],
    weight_ih: Float[Tensor, "G I"],
    weight_hh: Float[Tensor, "G H"],
    bias_ih: Float[Tensor, " G"],
    bias_hh: Float[Tensor, " G"],
) -> tuple[Float[Tensor, "N G"], Float[Tensor, "N G"]]:
    return functional.linear(inputs, weight_ih, bias_ih), functional.linear(hidden, weight_hh, bias_hh)
