"""Plain numpy counterparts, written from the papers, that the modules are held against."""

from __future__ import annotations

import numpy as np
import pytest
import torch


@pytest.fixture(autouse=True, scope="package")
def one_thread():
    """Networks this small gain nothing from a second thread, and wait long for it on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _lstm(pre_input, pre_hidden, hidden, cell):
    """Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000."""
    enter, forget, candidate, leave = np.split(pre_input + pre_hidden, 4, axis=-1)
    cell = _sigmoid(forget) * cell + _sigmoid(enter) * np.tanh(candidate)
    return _sigmoid(leave) * np.tanh(cell), cell


def _gru(pre_input, pre_hidden, hidden, cell):
    """Cho et al. 2014, the reset gate after the matrix product as in footnote 1 of Chung et al. 2014."""
    reset_in, update_in, new_in = np.split(pre_input, 3, axis=-1)
    reset_hidden, update_hidden, new_hidden = np.split(pre_hidden, 3, axis=-1)
    reset, update = _sigmoid(reset_in + reset_hidden), _sigmoid(update_in + update_hidden)
    return update * hidden + (1 - update) * np.tanh(new_in + reset * new_hidden), None


def _rnn(pre_input, pre_hidden, hidden, cell):
    """Elman 1990, with tanh."""
    return np.tanh(pre_input + pre_hidden), None


_CELLS = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}


@pytest.fixture(scope="session")
def numpy_step():
    """One step of a stack: ``(stack, inputs (…, I), hidden (…, L, H), cell) → output, hidden, cell``.

    Only the numbers of the stack's weights are read.
    """

    def step(stack, inputs, hidden, cell, between=lambda values: values):
        weights = {name: value.detach().double().numpy() for name, value in stack.layers.named_parameters()}
        below, new_hidden, new_cell = inputs, [], []
        for layer in range(hidden.shape[-2]):
            if layer > 0:
                below = between(below)
            pre_input = below @ weights[f"weight_ih_l{layer}"].T + weights[f"bias_ih_l{layer}"]
            pre_hidden = (
                hidden[..., layer, :] @ weights[f"weight_hh_l{layer}"].T + weights[f"bias_hh_l{layer}"]
            )
            old_cell = None if cell is None else cell[..., layer, :]
            below, c = _CELLS[stack.cell](pre_input, pre_hidden, hidden[..., layer, :], old_cell)
            new_hidden.append(below)
            new_cell.append(c)
        return below, np.stack(new_hidden, -2), None if cell is None else np.stack(new_cell, -2)

    return step
