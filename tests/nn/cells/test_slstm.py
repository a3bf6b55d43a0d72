"""sLSTM against a loop in numpy, written from the paper's equations without the stabiliser."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.nests import named_leaves
from tsseq2seq.nn.cells import build_layers
from tsseq2seq.nn.cells.slstm import SLSTM, SLSTMState


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def by_the_paper(cell: SLSTM, inputs: np.ndarray) -> np.ndarray:
    """Beck et al. 2024, equations 8 to 14: exponential input gate, sigmoid forget gate, and a normaliser."""
    width, heads = cell.hidden_size, len(cell.kept)
    weight, bias = cell.read.weight.detach().numpy(), cell.read.bias.detach().numpy()
    # the recurrent matrices are block-diagonal: a block a head
    recurrent = np.zeros((4, width, width))
    size = width // heads
    for head in range(heads):
        block = slice(head * size, (head + 1) * size)
        recurrent[:, block, block] = cell.kept.detach().numpy()[head]
    hidden, memory, normaliser = (np.zeros((len(inputs), width)) for _ in range(3))
    states = []
    for step in range(inputs.shape[1]):
        read = np.split(inputs[:, step] @ weight.T + bias, 4, axis=1)
        z, i, f, o = (part + hidden @ recurrent[gate].T for gate, part in enumerate(read))
        memory = sigmoid(f) * memory + np.exp(i) * np.tanh(z)
        normaliser = sigmoid(f) * normaliser + np.exp(i)
        hidden = sigmoid(o) * memory / normaliser
        states.append(hidden)
    return np.stack(states, axis=1)


@pytest.mark.parametrize("width", [4, 8, 3], ids=["four heads of one", "four heads of two", "one head"])
@pytest.mark.parametrize("steps", [1, 2, 17])
def test_it_equals_the_papers_loop(width: int, steps: int) -> None:
    cell = SLSTM(3, width).double()
    inputs = torch.randn(5, steps, 3).double()
    outputs, last = cell.run(inputs, cell.first_state(inputs))
    np.testing.assert_allclose(outputs.detach().numpy(), by_the_paper(cell, inputs.numpy()), rtol=1e-9)
    assert torch.equal(last.hidden, outputs[:, -1])


def test_steps_equal_the_run() -> None:
    layers = build_layers("slstm", 3, 8, 2).double()
    inputs = torch.randn(2, 6, 3).double()
    state = layers.first_state(inputs)
    outputs, last = layers.run(inputs, state)
    stepped = []
    for step in range(6):
        output, state = layers.step(inputs[:, step : step + 1], state)
        stepped.append(output)
    torch.testing.assert_close(torch.cat(stepped, dim=1), outputs, rtol=1e-10, atol=1e-10)
    for (name, one), (_, other) in zip(named_leaves(state), named_leaves(last), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10, msg=name)


@pytest.mark.parametrize("size", [1e3, 1e6])
def test_exponential_gates_overflow_nowhere(size: float) -> None:
    """Where exp(i) is no number any more, the stabiliser keeps its share of it."""
    cell = SLSTM(1, 4)
    inputs = (size * torch.randn(3, 20, 1)).requires_grad_()
    outputs, last = cell.run(inputs, cell.first_state(inputs))
    outputs.square().sum().backward()
    assert outputs.abs().max() <= 1
    assert all(leaf.isfinite().all() for _, leaf in named_leaves(last))
    assert inputs.grad.isfinite().all()
    assert all(weight.grad.isfinite().all() for weight in cell.parameters())


def test_gradients_are_those_of_finite_differences() -> None:
    cell = SLSTM(2, 4).double()
    inputs = torch.randn(2, 4, 2).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: cell.run(x, cell.first_state(x))[0], (inputs,))


def test_any_numbers_become_a_state_it_could_have() -> None:
    cell = SLSTM(2, 4)
    numbers = SLSTMState(*(100 * torch.randn(5, 4) for _ in range(4)))
    state = cell.within_range(numbers)
    assert state.hidden.abs().max() <= 1
    assert (state.normaliser >= 1).all()
    output = cell.step(torch.randn(5, 2), state).hidden
    assert output.isfinite().all()
