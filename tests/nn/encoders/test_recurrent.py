"""Held against torch's own LSTM, GRU and RNN over packed sequences with the same weights."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tsseq2seq.nn.cells import build_layers
from tsseq2seq.nn.encoders.base import length_mask
from tsseq2seq.nn.encoders.recurrent import RecurrentEncoder, reverse_valid, run_to_lengths

STEPS, INPUTS, WIDTH = 5, 2, 3
MODULES = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
LENGTHS = [
    pytest.param([5, 5, 5], id="all full"),
    pytest.param([5, 3, 1], id="falling"),
    pytest.param([2, 5, 4, 2], id="unsorted with a tie"),
    pytest.param([0, 3, 5, 0, 1], id="with empty rows"),
    pytest.param([3, 2], id="none full"),
    pytest.param([0, 0], id="all empty"),
    pytest.param([4], id="one row"),
]
each_cell = pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
each_depth = pytest.mark.parametrize("layers", [1, 2])
each_direction = pytest.mark.parametrize("bidirectional", [False, True], ids=["forwards", "both ways"])


def build(cell, layers=1, bidirectional=False):
    return RecurrentEncoder(
        cell, input_size=INPUTS, hidden_size=WIDTH, num_layers=layers, bidirectional=bidirectional
    ).double()


def random_inputs(rows):
    return torch.randn(rows, STEPS, INPUTS, dtype=torch.float64)


def twin_weights(encoder, layers, bidirectional):
    """Torch's name of every weight, and the encoder's parameter that holds it."""
    pairs = {}
    for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        for layer in range(layers):
            if bidirectional:
                pairs[f"{kind}_l{layer}"] = getattr(encoder.forwards[layer].layers, f"{kind}_l0")
                pairs[f"{kind}_l{layer}_reverse"] = getattr(encoder.backwards[layer].layers, f"{kind}_l0")
            else:
                pairs[f"{kind}_l{layer}"] = getattr(encoder.forwards[0].layers, f"{kind}_l{layer}")
    return pairs


def torch_twin(encoder, cell, layers, bidirectional):
    twin = MODULES[cell](INPUTS, WIDTH, layers, batch_first=True, bidirectional=bidirectional).double()
    twin.load_state_dict(
        {name: p.detach() for name, p in twin_weights(encoder, layers, bidirectional).items()}
    )
    return twin


def torch_encode(twin, inputs, lengths, layers, directions):
    """States (B, S, E), hidden and cell (B, L, E); zeros where a row is empty."""
    rows = inputs.shape[0]
    there = torch.tensor([length > 0 for length in lengths])
    width = WIDTH * directions
    states = inputs.new_zeros(rows, STEPS, width)
    finals = [inputs.new_zeros(rows, layers, width) for _ in range(2)]
    if there.any():
        packed = pack_padded_sequence(
            inputs[there], torch.tensor(lengths)[there], batch_first=True, enforce_sorted=False
        )
        outputs, final = twin(packed)
        padded, _ = pad_packed_sequence(outputs, batch_first=True, total_length=STEPS)
        states = states.index_put((there,), padded)
        parts = final if isinstance(final, tuple) else (final,)
        for place, part in enumerate(parts):
            # (L · directions, B, H): the directions of a layer follow one another
            by_layer = part.reshape(layers, directions, -1, WIDTH).permute(2, 0, 1, 3)
            finals[place] = finals[place].index_put((there,), by_layer.reshape(-1, layers, width))
    return states, finals[0], finals[1]


def close(ours, expected):
    torch.testing.assert_close(ours, expected, rtol=1e-12, atol=1e-12)


@each_cell
@each_depth
@each_direction
@pytest.mark.parametrize("lengths", LENGTHS)
def test_values_and_gradients_equal_those_of_packed_torch(cell, layers, bidirectional, lengths):
    encoder = build(cell, layers, bidirectional)
    twin = torch_twin(encoder, cell, layers, bidirectional)
    inputs = random_inputs(len(lengths))
    ours_in, twin_in = inputs.clone().requires_grad_(), inputs.clone().requires_grad_()

    encoded = encoder(ours_in, torch.tensor(lengths))
    states, hidden, memory = torch_encode(twin, twin_in, lengths, layers, 1 + bidirectional)
    close(encoded.states, states)
    close(encoded.final.hidden[:, 0], hidden)
    if cell == "lstm":
        close(encoded.final.cell[:, 0], memory)
    else:
        assert encoded.final.cell is None

    def total(states, hidden, memory):
        return states.sin().sum() + hidden.square().sum() + (0 if memory is None else memory.cos().sum())

    ours = total(encoded.states, encoded.final.hidden, encoded.final.cell)
    expected = total(states, hidden, memory if cell == "lstm" else None)
    if not expected.requires_grad:  # every row is empty
        return
    ours.backward()
    expected.backward()
    close(ours_in.grad, twin_in.grad)
    for name, parameter in twin_weights(encoder, layers, bidirectional).items():
        close(parameter.grad, getattr(twin, name).grad)


@each_cell
@each_depth
@each_direction
def test_without_lengths_it_is_the_plain_torch_module(cell, layers, bidirectional):
    encoder = build(cell, layers, bidirectional)
    twin = torch_twin(encoder, cell, layers, bidirectional)
    inputs = random_inputs(3)
    encoded = encoder(inputs)
    close(encoded.states, twin(inputs)[0])
    full = encoder(inputs, torch.full((3,), STEPS))
    close(encoded.states, full.states)
    close(encoded.final.hidden, full.final.hidden)
    assert encoded.mask is None
    assert full.mask.all()


@each_cell
@each_direction
@pytest.mark.parametrize("poison", [1e9, -1e9])
def test_what_stands_in_the_padding_changes_nothing(cell, bidirectional, poison):
    encoder = build(cell, 2, bidirectional)
    lengths = torch.tensor([3, 5, 0, 1])
    mask = length_mask(lengths, STEPS)
    clean = random_inputs(4)
    dirty = clean.masked_fill(~mask[:, :, None], poison).requires_grad_()
    ours, expected = encoder(dirty, lengths), encoder(clean, lengths)
    assert torch.equal(ours.states, expected.states)
    assert torch.equal(ours.final.hidden, expected.final.hidden)
    assert not ours.states[~mask].any()
    ours.states.sum().backward()
    assert not dirty.grad[~mask].any()
    assert dirty.grad[mask].all()
    assert all(p.grad.isfinite().all() for p in encoder.parameters())


@each_cell
@each_direction
def test_a_row_alone_equals_the_row_in_a_batch_in_any_order(cell, bidirectional):
    encoder = build(cell, 2, bidirectional)
    inputs, lengths = random_inputs(5), torch.tensor([2, 5, 0, 4, 2])
    batched = encoder(inputs, lengths)
    order = torch.tensor([3, 0, 4, 2, 1])
    permuted = encoder(inputs[order], lengths[order])
    close(permuted.states, batched.states[order])
    close(permuted.final.hidden, batched.final.hidden[order])
    for row in range(5):
        only = slice(row, row + 1)
        alone = encoder(inputs[only], lengths[only])
        close(alone.states, batched.states[only])
        close(alone.final.hidden, batched.final.hidden[only])
        if cell == "lstm":
            close(alone.final.cell, batched.final.cell[only])
            close(permuted.final.cell, batched.final.cell[order])


@each_cell
def test_longer_padding_changes_nothing(cell):
    encoder = build(cell, 1, True)
    inputs, lengths = random_inputs(3), torch.tensor([2, 5, 1])
    longer = torch.cat([inputs, torch.full((3, 4, INPUTS), 7.0, dtype=torch.float64)], dim=1)
    short, long = encoder(inputs, lengths), encoder(longer, lengths)
    close(long.states[:, :STEPS], short.states)
    assert not long.states[:, STEPS:].any()
    close(long.final.hidden, short.final.hidden)


def test_the_lstm_cell_is_left_to_the_decoder_and_not_a_copy_of_the_hidden_state():
    encoded = build("lstm", 2, True)(random_inputs(3), torch.tensor([5, 2, 3]))
    assert encoded.final.cell.shape == encoded.final.hidden.shape == (3, 1, 2, 2 * WIDTH)
    assert (encoded.final.cell - encoded.final.hidden).abs().min() > 1e-9


@each_cell
@each_direction
def test_dropout_acts_between_layers_only_while_training(cell, bidirectional):
    def outputs(layers, training):
        torch.manual_seed(1)
        encoder = RecurrentEncoder(
            cell,
            input_size=INPUTS,
            hidden_size=WIDTH,
            num_layers=layers,
            bidirectional=bidirectional,
            dropout=0.5,
        ).train(training)
        inputs = torch.randn(4, STEPS, INPUTS)
        return encoder(inputs).states, encoder(inputs).states

    assert torch.equal(*outputs(2, training=False))
    assert torch.equal(*outputs(1, training=True))
    assert not torch.equal(*outputs(2, training=True))


@each_direction
def test_bf16_autocast_on_a_cpu_with_padding(bidirectional):
    encoder = build("lstm", 2, bidirectional).float()
    inputs, lengths = random_inputs(4).float(), torch.tensor([3, 5, 0, 1])
    exact = encoder(inputs, lengths)
    with torch.autocast("cpu", torch.bfloat16):
        encoded = encoder(inputs, lengths)
    torch.testing.assert_close(encoded.states.float(), exact.states, rtol=0, atol=0.03)
    torch.testing.assert_close(encoded.final.cell.float(), exact.final.cell, rtol=0, atol=0.03)
    encoded.states.float().square().sum().backward()
    assert all(p.grad.isfinite().all() for p in encoder.parameters())


# --- the helpers ---


@each_cell
@pytest.mark.parametrize("lengths", LENGTHS)
def test_run_to_lengths_equals_one_row_after_the_other(cell, lengths):
    stack = build_layers(cell, INPUTS, WIDTH, 2).double()
    inputs = random_inputs(len(lengths))
    outputs, final = run_to_lengths(stack, inputs, torch.tensor(lengths))
    assert outputs.shape == (len(lengths), STEPS, WIDTH)
    for row, length in enumerate(lengths):
        assert not outputs[row, length:].any()
        lone = inputs[row : row + 1, :length]
        state = stack.first_state(lone)
        if length:
            expected, state = stack.run(lone, state)
            close(outputs[row : row + 1, :length], expected)
        close(final.hidden[row : row + 1], state.hidden)
        if cell == "lstm":
            close(final.cell[row : row + 1], state.cell)


def test_length_mask_equals_a_loop():
    lengths = [0, 3, 5, 1]
    expected = [[place < length for place in range(STEPS)] for length in lengths]
    assert length_mask(torch.tensor(lengths), STEPS).tolist() == expected


def test_reverse_valid_equals_python_slices():
    lengths = [0, 1, 4, 5]
    values = torch.arange(4 * STEPS * 2, dtype=torch.float64).reshape(4, STEPS, 2)
    rows = values.tolist()
    expected = [row[:n][::-1] + row[n:] for row, n in zip(rows, lengths, strict=True)]
    assert reverse_valid(values, torch.tensor(lengths)).tolist() == expected
    assert reverse_valid(values, None).tolist() == [row[::-1] for row in rows]
