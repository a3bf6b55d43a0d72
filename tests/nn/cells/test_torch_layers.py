"""``run`` (fused) and ``step`` (many queries) are held against each other and against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from tsseq2seq.nn.cells import LSTM, RecurrentState, build_layers

ROWS, STEPS, INPUTS, WIDTH = 2, 5, 3, 4
each_cell = pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
each_depth = pytest.mark.parametrize("layers", [1, 3])
each_query_count = pytest.mark.parametrize("queries", [1, 3])


def build(cell, layers, dropout=0.0):
    return build_layers(cell, INPUTS, WIDTH, layers, dropout=dropout).double()


def random_state(stack, queries=1):
    shape = (ROWS, queries, stack.num_layers, WIDTH)
    hidden = torch.randn(shape, dtype=torch.float64)
    return RecurrentState(hidden, torch.randn_like(hidden) if isinstance(stack, LSTM) else None)


def random_inputs(count):
    return torch.randn(ROWS, count, INPUTS, dtype=torch.float64)


def step_loop(stack, inputs, state):
    outputs = []
    for t in range(inputs.shape[1]):
        output, state = stack.step(inputs[:, t : t + 1], state)
        outputs.append(output)
    return torch.cat(outputs, dim=1), state


def close(ours, expected, tolerance=1e-12):
    if expected is None:
        assert ours is None
    else:
        torch.testing.assert_close(ours, torch.as_tensor(expected), rtol=tolerance, atol=tolerance)


@each_cell
@each_depth
def test_repeated_steps_equal_the_fused_run(cell, layers):
    stack = build(cell, layers)
    inputs, state = random_inputs(STEPS), random_state(stack)
    fused, fused_state = stack.run(inputs, state)
    stepped, stepped_state = step_loop(stack, inputs, state)
    close(stepped, fused)
    close(stepped_state.hidden, fused_state.hidden)
    close(stepped_state.cell, fused_state.cell)


@each_cell
@each_depth
def test_repeated_steps_have_the_gradients_of_the_fused_run(cell, layers):
    stack = build(cell, layers)
    inputs, state = random_inputs(STEPS).requires_grad_(), random_state(stack)
    state.hidden.requires_grad_()
    leaves = [inputs, state.hidden, *stack.parameters()]
    if state.cell is not None:
        leaves.append(state.cell.requires_grad_())

    def gradients(outputs, final):
        total = outputs.square().sum() + final.hidden.sin().sum()
        if final.cell is not None:
            total = total + final.cell.cos().sum()
        return torch.autograd.grad(total, leaves)

    for fused, stepped in zip(
        gradients(*stack.run(inputs, state)), gradients(*step_loop(stack, inputs, state)), strict=True
    ):
        close(stepped, fused)


@each_cell
@each_depth
def test_run_equals_the_equations(cell, layers, numpy_step):
    stack = build(cell, layers)
    inputs, state = random_inputs(STEPS), random_state(stack)
    outputs, final = stack.run(inputs, state)
    hidden, memory = state.hidden[:, 0].numpy(), None if state.cell is None else state.cell[:, 0].numpy()
    for t in range(STEPS):
        expected, hidden, memory = numpy_step(stack, inputs[:, t].numpy(), hidden, memory)
        close(outputs[:, t].detach(), expected)
    close(final.hidden[:, 0].detach(), hidden)
    close(None if final.cell is None else final.cell[:, 0].detach(), memory)


@each_cell
@each_depth
@each_query_count
def test_step_equals_the_equations(cell, layers, queries, numpy_step):
    stack = build(cell, layers)
    inputs, state = random_inputs(queries), random_state(stack, queries)
    output, new = stack.step(inputs, state)
    memory = None if state.cell is None else state.cell.numpy()
    expected, hidden, memory = numpy_step(stack, inputs.numpy(), state.hidden.numpy(), memory)
    close(output.detach(), expected)
    close(new.hidden.detach(), hidden)
    close(None if new.cell is None else new.cell.detach(), memory)
    close(stack.output(new), output)


@each_cell
@each_depth
def test_queries_are_as_independent_as_rows(cell, layers):
    stack, queries = build(cell, layers), 3
    inputs, state = random_inputs(queries), random_state(stack, queries)
    output, new = stack.step(inputs, state)
    for q in range(queries):
        only = slice(q, q + 1)
        lone_cell = None if state.cell is None else state.cell[:, only]
        lone_output, lone = stack.step(inputs[:, only], RecurrentState(state.hidden[:, only], lone_cell))
        close(output[:, only], lone_output)
        close(new.hidden[:, only], lone.hidden)
        close(None if new.cell is None else new.cell[:, only], lone.cell)


@each_cell
def test_the_first_state_is_one_query_a_row_and_only_an_lstm_has_a_cell(cell):
    stack = build(cell, 2)
    state = stack.first_state(torch.ones(5, 7, dtype=torch.float64))
    assert state.hidden.shape == (5, 1, 2, WIDTH)
    assert state.hidden.dtype == torch.float64
    assert not state.hidden.any()
    assert (state.cell is not None) == (cell == "lstm")


def test_the_cell_state_is_read_and_not_only_the_hidden_state():
    stack = build("lstm", 1)
    inputs, state = random_inputs(1), random_state(stack)
    other = RecurrentState(state.hidden, state.cell + 1)
    for way in (stack.run, stack.step):
        assert (way(inputs, state)[0] - way(inputs, other)[0]).abs().min() > 1e-6


@each_cell
def test_a_state_expanded_without_copying_may_be_stepped(cell):
    stack, queries = build(cell, 2), 3
    state = random_state(stack)
    views = [
        None if leaf is None else leaf.expand(-1, queries, -1, -1) for leaf in (state.hidden, state.cell)
    ]
    inputs = random_inputs(1)
    output, _ = stack.step(inputs.expand(-1, queries, -1), RecurrentState(*views))
    close(output, stack.step(inputs, state)[0].expand(-1, queries, -1))


# --- dropout ---


@each_cell
def test_dropout_acts_between_layers_while_training(cell, numpy_step):
    stack = build(cell, 2, dropout=0.5)
    inputs, state = random_inputs(2), random_state(stack, 2)
    torch.manual_seed(3)
    output, _ = stack.step(inputs, state)
    torch.manual_seed(3)
    mask = functional.dropout(torch.ones(ROWS * 2, WIDTH, dtype=torch.float64), 0.5).numpy()
    memory = None if state.cell is None else state.cell.numpy()
    expected, _, _ = numpy_step(
        stack, inputs.numpy(), state.hidden.numpy(), memory, lambda v: v * mask.reshape(v.shape)
    )
    close(output.detach(), expected)
    assert 0 < (mask == 0).mean() < 1


@each_cell
@each_depth
def test_dropout_does_nothing_in_evaluation_nor_in_a_single_layer(cell, layers):
    stack = build(cell, layers, dropout=0.9)
    if layers > 1:
        stack.eval()
    inputs, state = random_inputs(STEPS), random_state(stack)
    close(step_loop(stack, inputs, state)[0], stack.run(inputs, state)[0])
    close(stack.run(inputs, state)[0], stack.run(inputs, state)[0])


# --- bf16 ---


@each_cell
@each_depth
def test_bf16_autocast_runs_and_steps_on_a_cpu(cell, layers):
    stack = build(cell, layers).float()
    inputs, state = random_inputs(STEPS).float(), stack.first_state(torch.zeros(ROWS, 1))
    exact, _ = stack.run(inputs, state)
    for way in (stack.run, lambda x, s: step_loop(stack, x, s)):
        stack.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            outputs, final = way(inputs, state)
            again, _ = way(inputs, final)  # its own state may be fed back
        torch.testing.assert_close(outputs.float(), exact, rtol=0, atol=0.05)
        assert again.isfinite().all()
        outputs.float().square().sum().backward()
        for name, parameter in stack.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.dtype == torch.float32
            assert parameter.grad.isfinite().all(), name


def test_the_state_of_numpy_and_torch_agree_on_extreme_inputs(numpy_step):
    stack = build("lstm", 1)
    inputs, state = random_inputs(1) * 1e6, random_state(stack)
    output, new = stack.step(inputs, state)
    with np.errstate(over="ignore"):
        expected, _, memory = numpy_step(stack, inputs.numpy(), state.hidden.numpy(), state.cell.numpy())
    close(output.detach(), expected)
    close(new.cell.detach(), memory)
