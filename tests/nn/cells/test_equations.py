"""Cells written out against torch's own, and against a loop over single numbers."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tsseq2seq.nn.cells.equations import gru_cell, lstm_cell, rnn_cell

GATES = {"lstm": 4, "gru": 3, "rnn": 1}


def weights_of(kind: str, inputs: int = 3, width: int = 2) -> list[Tensor]:
    torch.manual_seed(1)
    rows = GATES[kind] * width
    shapes = [(rows, inputs), (rows, width), (rows,), (rows,)]
    return [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]


def step(kind: str, x: Tensor, h: Tensor, c: Tensor, weights: list[Tensor], ours: bool) -> list[Tensor]:
    if kind == "lstm":
        return list((lstm_cell if ours else torch.lstm_cell)(x, (h, c), *weights))
    if kind == "gru":
        return [(gru_cell if ours else torch.gru_cell)(x, h, *weights)]
    return [(rnn_cell if ours else torch.rnn_tanh_cell)(x, h, *weights)]


@pytest.mark.parametrize("kind", list(GATES))
def test_states_and_gradients_are_those_of_torch(kind: str) -> None:
    weights = weights_of(kind)
    given = [torch.randn(5, size, dtype=torch.float64, requires_grad=True) for size in (3, 2, 2)]
    found = []
    for ours in (True, False):
        states = step(kind, *given, weights, ours)
        total = sum((state * torch.arange(1.0, 3.0)).sum() for state in states)
        used = [*given[: 3 if kind == "lstm" else 2], *weights]
        found.append([*states, *torch.autograd.grad(total, used)])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


def test_an_lstm_by_hand() -> None:
    weights = weights_of("lstm", inputs=1, width=1)
    x, h, c = 0.3, -0.2, 0.7
    w, u, b, d = (weight.flatten().tolist() for weight in weights)
    before = [w[k] * x + b[k] + u[k] * h + d[k] for k in range(4)]

    def sigmoid(number: float) -> float:
        return 1 / (1 + math.exp(-number))

    cell = sigmoid(before[1]) * c + sigmoid(before[0]) * math.tanh(before[2])
    hidden = sigmoid(before[3]) * math.tanh(cell)
    one = torch.ones(1, 1, dtype=torch.float64)
    found = lstm_cell(x * one, (h * one, c * one), *weights)
    assert [part.item() for part in found] == pytest.approx([hidden, cell], rel=1e-12)


@pytest.mark.parametrize("kind", list(GATES))
def test_under_autocast_products_are_bf16(kind: str) -> None:
    weights = [weight.detach().float().requires_grad_() for weight in weights_of(kind)]
    given = [torch.randn(5, size) for size in (3, 2, 2)]
    exact = step(kind, *given, weights, ours=True)
    with torch.autocast("cpu", torch.bfloat16):
        rough = step(kind, *given, weights, ours=True)
    for one, other in zip(rough, exact, strict=True):
        assert one.dtype == torch.bfloat16
        torch.testing.assert_close(one.float(), other, rtol=0.05, atol=0.05)
    sum(part.float().sum() for part in rough).backward()
    assert all(weight.grad is not None and weight.grad.dtype == torch.float32 for weight in weights)
