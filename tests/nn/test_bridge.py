"""The bridge against numpy, layer by layer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.nn.bridge import Bridge
from tsseq2seq.nn.cells import GRU, RecurrentState

#: torch's cells bound their hidden states by tanh, and cell states by nothing.
RANGE = GRU(1, 1).within_range
DEPTHS = [(1, 1), (2, 2), (3, 1), (1, 3), (2, 3), (3, 2)]


def build(encoder_size, encoder_layers, decoder_size, decoder_layers, has_cell=True):
    states = [
        random_state(layers, size, has_cell)
        for layers, size in ((encoder_layers, encoder_size), (decoder_layers, decoder_size))
    ]
    return Bridge(*states).double()


def random_state(layers, size, has_cell=True):
    hidden = torch.randn(2, 1, layers, size, dtype=torch.float64)
    return RecurrentState(hidden, torch.randn_like(hidden) if has_cell else None)


def chosen(layers, count):
    """The highest ``count`` layers; the very highest repeated where there are fewer."""
    return layers[-count:] if count <= len(layers) else layers + [layers[-1]] * (count - len(layers))


@pytest.mark.parametrize("has_cell", [True, False], ids=["lstm", "no cell"])
@pytest.mark.parametrize("layers", [1, 3])
def test_equal_sizes_pass_through_unchanged(layers, has_cell):
    bridge = build(4, layers, 4, layers, has_cell)
    state = random_state(layers, 4, has_cell)
    out = bridge(state, RANGE)
    assert torch.equal(out.hidden, state.hidden)
    assert torch.equal(out.cell, state.cell) if has_cell else out.cell is None
    assert not list(bridge.parameters())


@pytest.mark.parametrize(("encoder_layers", "decoder_layers"), DEPTHS)
def test_unequal_depth_alone_needs_no_weights(encoder_layers, decoder_layers):
    bridge = build(4, encoder_layers, 4, decoder_layers)
    state = random_state(encoder_layers, 4)
    out = bridge(state, RANGE)
    for ours, given in ((out.hidden, state.hidden), (out.cell, state.cell)):
        expected = chosen([given[:, :, layer] for layer in range(encoder_layers)], decoder_layers)
        assert torch.equal(ours, torch.stack(expected, dim=2))
    assert not list(bridge.parameters())


@pytest.mark.parametrize(("encoder_layers", "decoder_layers"), DEPTHS)
@pytest.mark.parametrize(("encoder_size", "decoder_size"), [(6, 3), (2, 5)])
@pytest.mark.parametrize("has_cell", [True, False], ids=["lstm", "no cell"])
def test_unequal_width_equals_numpy(encoder_layers, decoder_layers, encoder_size, decoder_size, has_cell):
    bridge = build(encoder_size, encoder_layers, decoder_size, decoder_layers, has_cell)
    state = random_state(encoder_layers, encoder_size, has_cell)
    out = bridge(state, RANGE)
    assert out.hidden.shape == (2, 1, decoder_layers, decoder_size)

    def mapped(given, maps):
        layers = chosen([given[:, 0, layer].numpy() for layer in range(encoder_layers)], decoder_layers)
        pairs = zip(layers, maps, strict=True)
        return np.stack([x @ m.weight.detach().numpy().T + m.bias.detach().numpy() for x, m in pairs], 1)

    hidden = np.tanh(mapped(state.hidden, bridge.hidden))
    np.testing.assert_allclose(out.hidden[:, 0].detach().numpy(), hidden, rtol=1e-12, atol=1e-14)
    if has_cell:
        # the cell state of an LSTM is unbounded, so no tanh
        memory = mapped(state.cell, bridge.cell)
        np.testing.assert_allclose(out.cell[:, 0].detach().numpy(), memory, rtol=1e-12, atol=1e-14)
    else:
        assert out.cell is None
        assert bridge.parts == ["hidden"]


@pytest.mark.parametrize("decoder_size", [4, 3], ids=["equal width", "unequal width"])
def test_hidden_and_cell_are_both_used_and_kept_apart(decoder_size):
    bridge = build(4, 2, decoder_size, 2)
    state = random_state(2, 4)
    state.hidden.requires_grad_()
    state.cell.requires_grad_()
    out = bridge(state, RANGE)
    from_hidden = torch.autograd.grad(
        out.hidden.square().sum(), [state.hidden, state.cell], allow_unused=True, retain_graph=True
    )
    from_cell = torch.autograd.grad(out.cell.square().sum(), [state.hidden, state.cell], allow_unused=True)
    assert from_hidden[0].all()
    assert from_hidden[1] is None
    assert from_cell[0] is None
    assert from_cell[1].all()


def test_every_decoder_layer_has_its_own_map():
    bridge = build(6, 1, 3, 2)
    out = bridge(random_state(1, 6), RANGE)
    assert not torch.equal(out.hidden[:, :, 0], out.hidden[:, :, 1])
    assert not torch.equal(out.cell[:, :, 0], out.cell[:, :, 1])
