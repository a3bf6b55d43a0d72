"""Layers of any cell against the cells called one by one."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq.nests import Nest, named_leaves
from tsseq2seq.nn.cells import Cell, StackedCells

ROWS, STEPS, INPUTS, WIDTH = 3, 5, 2, 4


@dataclass(frozen=True)
class State:
    hidden: Tensor
    sums: tuple[Tensor]


class Summing(Cell):
    """A hidden state, and a sum of another width."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.read = nn.Linear(input_size + 2, hidden_size)

    def first_state(self, like: Tensor) -> State:
        return State(like.new_zeros(len(like), self.hidden_size), (like.new_ones(len(like), 2),))

    def step(self, inputs: Tensor, state: Nest) -> State:
        hidden = torch.tanh(self.read(torch.cat([inputs, state.sums[0]], dim=-1)) + state.hidden)
        return State(hidden, (state.sums[0] + inputs.mean(-1, keepdim=True),))

    def within_range(self, state: Nest) -> State:
        return State(torch.tanh(state.hidden), state.sums)


def by_hand(layers: StackedCells, inputs: Tensor) -> tuple[Tensor, list[State]]:
    states = [cell.first_state(inputs) for cell in layers.layers]
    outputs = []
    for step in inputs.unbind(1):
        below = step
        for number, cell in enumerate(layers.layers):
            states[number] = cell.step(below, states[number])
            below = states[number].hidden
        outputs.append(below)
    return torch.stack(outputs, dim=1), states


@pytest.mark.parametrize("depth", [1, 3])
def test_the_run_equals_cell_by_cell(depth: int) -> None:
    layers = StackedCells(Summing, INPUTS, WIDTH, depth).double()
    inputs = torch.randn(ROWS, STEPS, INPUTS).double()
    outputs, last = layers.run(inputs, layers.first_state(inputs))
    expected, states = by_hand(layers, inputs)
    torch.testing.assert_close(outputs, expected)
    for number, state in enumerate(states):
        torch.testing.assert_close(last.hidden[:, 0, number], state.hidden)
        torch.testing.assert_close(last.sums[0][:, 0, number], state.sums[0])
    assert {name: tuple(leaf.shape) for name, leaf in named_leaves(last)} == {
        "hidden": (ROWS, 1, depth, WIDTH),
        "sums.0": (ROWS, 1, depth, 2),
    }


@pytest.mark.parametrize("queries", [1, 3])
def test_queries_are_as_independent_as_rows(queries: int) -> None:
    layers = StackedCells(Summing, INPUTS, WIDTH, 2).double()
    inputs = torch.randn(ROWS, queries, INPUTS).double()
    first = layers.first_state(inputs)
    state = State(first.hidden.expand(-1, queries, -1, -1), (first.sums[0].expand(-1, queries, -1, -1),))
    output, new = layers.step(inputs, state)
    assert torch.equal(layers.output(new), output)
    for query in range(queries):
        alone, lone = layers.step(inputs[:, query : query + 1], first)
        torch.testing.assert_close(output[:, query : query + 1], alone)
        torch.testing.assert_close(new.sums[0][:, query : query + 1], lone.sums[0])


def test_dropout_acts_between_layers_while_training() -> None:
    layers = StackedCells(Summing, INPUTS, WIDTH, 2, dropout=0.5)
    inputs, state = torch.randn(ROWS, 1, INPUTS), layers.first_state(torch.zeros(ROWS))
    torch.manual_seed(3)
    output, _ = layers.step(inputs, state)
    torch.manual_seed(3)
    lower = layers.layers[0].step(inputs[:, 0], layers.layers[0].first_state(inputs)).hidden
    dropped = functional.dropout(lower, 0.5)
    upper = layers.layers[1].step(dropped, layers.layers[1].first_state(inputs)).hidden
    torch.testing.assert_close(output[:, 0], upper)
    layers.eval()
    assert torch.equal(layers.step(inputs, state)[0], layers.step(inputs, state)[0])


def test_each_layer_brings_its_own_part_into_range() -> None:
    layers = StackedCells(Summing, INPUTS, WIDTH, 2)
    numbers = State(5 * torch.randn(ROWS, 1, 2, WIDTH), (5 * torch.randn(ROWS, 1, 2, 2),))
    state = layers.within_range(numbers)
    torch.testing.assert_close(state.hidden, torch.tanh(numbers.hidden))
    assert torch.equal(state.sums[0], numbers.sums[0])
