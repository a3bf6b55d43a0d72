"""What holds for every encoder: padding has no influence, rows are independent, nothing is NaN."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from tsseq2seq.nests import first_leaf
from tsseq2seq.nn.encoders import ENCODERS, Encoder, ReversedEncoder, length_mask
from tsseq2seq.nn.network import Network

STEPS, INPUTS, WIDTH, LAYERS = 7, 3, 6, 2
SETTINGS = {
    "recurrent": Network(),
    "both ways": Network(bidirectional=True),
    "convolutional": Network(encoder="convolutional"),
    "causal convolutional": Network(encoder="convolutional", causal=True, kernel_size=2),
    "even kernel": Network(encoder="convolutional", kernel_size=4),
    "attention": Network(encoder="attention"),
    "causal attention": Network(encoder="attention", causal=True, encoder_heads=3),
    "learned positions": Network(encoder="attention", positions="learned", num_positions=20),
    "convolutional+recurrent": Network(encoder="convolutional+recurrent"),
    "convolutional+both ways": Network(
        encoder="convolutional+recurrent", bidirectional=True, convolution_layers=2, kernel_size=5
    ),
    "reversed recurrent": Network(reversed_source=True),
    "reversed causal attention": Network(encoder="attention", causal=True, reversed_source=True),
    "reversed causal convolution": Network(encoder="convolutional", causal=True, reversed_source=True),
}
each_encoder = pytest.mark.parametrize("name", SETTINGS)
CAUSAL = {name for name in SETTINGS if "causal" in name and "reversed" not in name} | {"recurrent"}


def build(name: str, input_size: int = INPUTS, **changes) -> Encoder:
    network = dataclasses.replace(SETTINGS[name], hidden_size=WIDTH, num_layers=LAYERS, **changes)
    encoder = ReversedEncoder if network.reversed_source else ENCODERS[network.encoder]
    return encoder.from_settings(network, input_size=input_size).double()


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def close(ours, expected):
    torch.testing.assert_close(ours, expected, rtol=1e-10, atol=1e-11)


def assert_same(ours, expected):
    close(ours.states, expected.states)
    close(ours.last, expected.last)
    if expected.final is not None:
        close(first_leaf(ours.final), first_leaf(expected.final))


@each_encoder
@pytest.mark.parametrize("input_size", [INPUTS, WIDTH])
def test_a_row_alone_equals_the_row_in_a_batch_and_padded(name, input_size):
    encoder = build(name, input_size)
    inputs, lengths = normal(5, STEPS, input_size), torch.tensor([2, 7, 1, 4, 2])
    batched = encoder(inputs, lengths)
    assert batched.states.shape == (5, STEPS, encoder.output_size)
    for row, length in enumerate(lengths.tolist()):
        alone = encoder(inputs[row : row + 1, :length])
        assert alone.mask is None
        close(batched.states[row : row + 1, :length], alone.states)
        assert not batched.states[row, length:].any()
        close(batched.last[row : row + 1], alone.last)
        if alone.final is not None:
            close(first_leaf(batched.final)[row : row + 1], first_leaf(alone.final))


@each_encoder
@pytest.mark.parametrize("poison", [1e6, -1e6])
def test_what_stands_in_the_padding_changes_nothing(name, poison):
    encoder = build(name)
    lengths = torch.tensor([3, 7, 0, 1])
    mask = length_mask(lengths, STEPS)
    clean = normal(4, STEPS, INPUTS)
    dirty = clean.masked_fill(~mask[:, :, None], poison).requires_grad_()
    ours = encoder(dirty, lengths)
    assert_same(ours, encoder(clean, lengths))
    (ours.states * normal(*ours.states.shape)).sum().backward()
    assert not dirty.grad[~mask].any()
    assert dirty.grad[mask].any(-1).all()
    assert all(p.grad.isfinite().all() for p in encoder.parameters())


@each_encoder
def test_longer_padding_and_another_order_change_nothing(name):
    encoder = build(name)
    inputs, lengths = normal(4, STEPS, INPUTS), torch.tensor([2, 5, 0, 1])
    expected = encoder(inputs, lengths)
    longer = torch.cat([inputs, torch.full((4, 4, INPUTS), 7.0, dtype=torch.float64)], dim=1)
    ours = encoder(longer, lengths)
    close(ours.states[:, :STEPS], expected.states)
    assert not ours.states[:, STEPS:].any()
    close(ours.last, expected.last)
    order = torch.tensor([2, 0, 3, 1])
    close(encoder(inputs[order], lengths[order]).states, expected.states[order])


@each_encoder
def test_empty_rows_are_zeros_with_finite_gradients(name):
    encoder = build(name)
    inputs = normal(3, STEPS, INPUTS).requires_grad_()
    encoded = encoder(inputs, torch.tensor([0, 3, 0]))
    assert not encoded.states[[0, 2]].any()
    assert not encoded.last[[0, 2]].any()
    encoded.states.square().sum().backward()
    assert inputs.grad.isfinite().all()
    assert all(p.grad.isfinite().all() for p in encoder.parameters())
    alone = encoder(normal(2, STEPS, INPUTS), torch.tensor([0, 0]))
    assert alone.states.isfinite().all()
    assert not alone.states.any()


@each_encoder
def test_which_inputs_a_state_depends_on(name):
    """Causal encoders see no later step; the others see both sides. Found by gradients."""
    encoder = build(name)
    inputs = normal(1, STEPS, INPUTS).requires_grad_()
    middle = STEPS // 2
    encoded = encoder(inputs, torch.tensor([STEPS]))
    (seen,) = torch.autograd.grad((encoded.states[0, middle] * normal(encoder.output_size)).sum(), inputs)
    later, earlier = seen[0, middle + 1 :].any(), seen[0, :middle].any()
    assert seen[0, middle].any()
    if name in CAUSAL:
        assert (bool(earlier), bool(later)) == (True, False)
    elif "reversed" in name:
        assert (bool(earlier), bool(later)) == (False, True)
    else:
        assert (bool(earlier), bool(later)) == (True, True)


@each_encoder
def test_the_order_of_the_inputs_matters(name):
    encoder = build(name)
    inputs = normal(1, STEPS, INPUTS)
    swapped = inputs[:, [1, 0, *range(2, STEPS)]]
    ours, other = encoder(inputs).states.sum(1), encoder(swapped).states.sum(1)
    assert (ours - other).abs().max() > 1e-6


@each_encoder
def test_dropout_acts_only_while_training(name):
    encoder = build(name, dropout=0.5)
    inputs = normal(2, STEPS, INPUTS)
    assert not torch.equal(encoder(inputs).states, encoder(inputs).states)
    encoder.eval()
    assert torch.equal(encoder(inputs).states, encoder(inputs).states)


@each_encoder
def test_bf16_autocast_on_a_cpu_with_padding(name):
    encoder = build(name).float()
    inputs, lengths = torch.randn(4, STEPS, INPUTS), torch.tensor([3, 7, 0, 1])
    exact = encoder(inputs, lengths)
    with torch.autocast("cpu", torch.bfloat16):
        encoded = encoder(inputs, lengths)
    torch.testing.assert_close(encoded.states.float(), exact.states, rtol=0, atol=0.08)
    assert not encoded.states[2].any()
    encoded.states.float().square().sum().backward()
    assert all(p.grad.isfinite().all() for p in encoder.parameters())


@each_encoder
def test_every_weight_gets_a_gradient_and_the_final_state_has_the_said_widths(name):
    encoder = build(name)
    encoded = encoder(normal(2, STEPS, INPUTS), torch.tensor([7, 3]))
    encoded.states.sin().sum().backward()
    assert [n for n, weight in encoder.named_parameters() if weight.grad is None] == []
    if encoded.final is None:
        assert encoder.final_state() is None
    else:
        assert first_leaf(encoder.final_state()).shape[1:] == first_leaf(encoded.final).shape[1:]


@each_encoder
def test_the_last_state_depends_on_as_many_steps_as_it_says(name):
    wide = 48  # so that a ReLU is active on every path
    network = dataclasses.replace(SETTINGS[name], hidden_size=wide, num_layers=1)
    if network.reversed_source:
        return
    steps = 16
    encoder = ENCODERS[network.encoder].from_settings(network, input_size=INPUTS).double()
    inputs = normal(1, steps, INPUTS).requires_grad_()
    encoded = encoder(inputs)
    (seen,) = torch.autograd.grad((encoded.last * normal(1, encoder.output_size)).sum(), inputs)
    said = encoder.steps_seen(network)
    assert int(seen[0].any(-1).sum()) == (steps if said is None else said)
