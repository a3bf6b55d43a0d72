"""minGRU against a loop in numpy, written from the paper's equations."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.nn.cells import build_layers
from tsseq2seq.nn.cells.mingru import MinGRU, linear_scan


def by_the_paper(cell: MinGRU, inputs: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Feng et al. 2024, section 3.1: z = σ(W x), h̃ = V x, h[t] = (1 − z) ⊙ h[t − 1] + z ⊙ h̃."""
    weight = cell.gate_and_candidate.weight.detach().numpy()
    bias = cell.gate_and_candidate.bias.detach().numpy()
    (of_gate, of_candidate), (gate_bias, candidate_bias) = np.split(weight, 2), np.split(bias, 2)
    states = []
    for step in range(inputs.shape[1]):
        gate = 1 / (1 + np.exp(-(inputs[:, step] @ of_gate.T + gate_bias)))
        state = (1 - gate) * state + gate * (inputs[:, step] @ of_candidate.T + candidate_bias)
        states.append(state)
    return np.stack(states, axis=1)


@pytest.mark.parametrize("steps", [1, 2, 3, 8, 31])
def test_all_steps_at_once_equal_the_papers_loop(steps: int) -> None:
    cell = MinGRU(3, 4).double()
    inputs, first = torch.randn(5, steps, 3).double(), torch.randn(5, 4).double()
    outputs, last = cell.run(inputs, first)
    expected = by_the_paper(cell, inputs.numpy(), first.numpy())
    np.testing.assert_allclose(outputs.detach().numpy(), expected, rtol=1e-12, atol=1e-12)
    assert torch.equal(last, outputs[:, -1])


def test_one_step_equals_the_papers_loop() -> None:
    cell = MinGRU(3, 4).double()
    inputs, state = torch.randn(5, 3).double(), torch.randn(5, 4).double()
    expected = by_the_paper(cell, inputs[:, None].numpy(), state.numpy())[:, 0]
    np.testing.assert_allclose(cell.step(inputs, state).detach().numpy(), expected, rtol=1e-12, atol=1e-12)


def test_gradients_of_the_scan_are_those_of_finite_differences() -> None:
    kept, added = (
        torch.rand(2, 5, 3).double().requires_grad_(),
        torch.randn(2, 5, 3).double().requires_grad_(),
    )
    first = torch.randn(2, 3).double().requires_grad_()
    assert torch.autograd.gradcheck(linear_scan, (kept, added, first))


def test_the_scan_neither_overflows_nor_forgets() -> None:
    steps = 4096
    kept, added = torch.full((1, steps, 1), 1 - 1e-6), torch.zeros(1, steps, 1)
    found = linear_scan(kept, added, torch.ones(1, 1))
    assert found[0, -1, 0].item() == pytest.approx((1 - 1e-6) ** steps, rel=1e-3)
    assert not linear_scan(torch.zeros_like(kept), added, torch.full((1, 1), 1e30)).any()


def test_layers_of_it_step_as_they_run() -> None:
    layers = build_layers("mingru", 3, 4, 2).double()
    inputs = torch.randn(2, 6, 3).double()
    state = layers.first_state(inputs)
    outputs, last = layers.run(inputs, state)
    stepped = []
    for step in range(6):
        output, state = layers.step(inputs[:, step : step + 1], state)
        stepped.append(output)
    torch.testing.assert_close(torch.cat(stepped, dim=1), outputs, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(state, last, rtol=1e-12, atol=1e-12)


def test_half_precision_trains_in_float32_where_it_must() -> None:
    layers = build_layers("mingru", 3, 4)
    inputs = torch.randn(2, 50, 3)
    exact, _ = layers.run(inputs, layers.first_state(inputs))
    with torch.autocast("cpu", torch.bfloat16):
        rough, _ = layers.run(inputs, layers.first_state(inputs))
    assert rough.dtype == torch.float32
    torch.testing.assert_close(rough, exact, rtol=0, atol=0.03)
