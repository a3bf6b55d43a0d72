"""A learned first state: the same for all rows, within the cell's range, and learned."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.nests import named_leaves
from tsseq2seq.nn.cells import build_layers
from tsseq2seq.nn.learned_state import LearnedState
from tsseq2seq.nn.network import Network
from tsseq2seq.translation.network import TokenShape, build_translator

each_cell = pytest.mark.parametrize("cell", ["lstm", "gru", "rnn", "mingru", "slstm"])


@each_cell
def test_its_parts_are_those_of_a_first_state_for_any_number_of_rows(cell):
    layers = build_layers(cell, 3, 4, 2)
    learned = LearnedState(layers.first_state(torch.zeros(7, 1)))
    state, first = learned(5, layers.within_range), layers.first_state(torch.zeros(5, 1))
    for (name, ours), (other, theirs) in zip(named_leaves(state), named_leaves(first), strict=True):
        assert (name, ours.shape) == (other, theirs.shape)
    layers.step(torch.zeros(5, 1, 3), state)


def test_it_begins_as_zeros_and_is_brought_into_range():
    layers = build_layers("lstm", 3, 4, 2)
    learned = LearnedState(layers.first_state(torch.zeros(1, 1)))
    state = learned(2, layers.within_range)
    assert not state.hidden.any()
    assert not state.cell.any()
    with torch.no_grad():
        for part in learned.parts:
            part.fill_(3.0)
    state = learned(2, layers.within_range)
    assert torch.allclose(state.hidden, torch.tensor(3.0).tanh())
    assert torch.equal(state.cell, torch.full_like(state.cell, 3.0))


@each_cell
def test_every_part_is_learned_and_does_not_depend_on_the_source(cell):
    network = Network(cell=cell, hidden_size=4, initial_state="learned", attention="dot", residual=None)
    model = build_translator(network, TokenShape(20, 20))
    sources = torch.randint(3, 20, (3, 5))
    state, memory = model.start(model.encode(sources, torch.tensor([5, 0, 2])))
    leaves = [leaf for _, leaf in named_leaves(state.recurrent)]
    assert all(torch.equal(leaf[0], leaf[1]) and torch.equal(leaf[0], leaf[2]) for leaf in leaves)
    assert model.bridge is None
    assert model.summary is None
    model.run(torch.randint(3, 20, (3, 4)), state, memory)[0].sin().sum().backward()
    for part in model.learned.parts:
        assert part.grad.isfinite().all()
        assert part.grad.any()


@pytest.mark.parametrize(("one", "other"), [(True, "encoder"), (False, "zeros")])
def test_booleans_mean_the_names(one, other):
    networks = [
        Network(hidden_size=4, initial_state=value, attention="dot", residual=None) for value in (one, other)
    ]
    assert networks[0].first_state == networks[1].first_state == other
    models = []
    for network in networks:
        torch.manual_seed(0)
        models.append(build_translator(network, TokenShape(20, 20)))
    first, second = (dict(model.named_parameters()) for model in models)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("encoder", ["convolutional", "attention"])
@pytest.mark.parametrize("context", ["last", "mean", "max", "attention"])
def test_an_encoder_without_a_final_state_makes_the_hidden_state_and_a_cell_of_zeros(encoder, context):
    network = Network(encoder=encoder, hidden_size=4, num_layers=2, context=context, residual=None)
    model = build_translator(network, TokenShape(20, 20)).double()
    state, memory = model.start(model.encode(torch.randint(3, 20, (3, 5)), torch.tensor([5, 1, 2])))
    expected = torch.tanh(memory.context @ model.summary.weight.T + model.summary.bias)
    torch.testing.assert_close(state.recurrent.hidden[:, 0].flatten(1), expected)
    assert not state.recurrent.cell.any()
    assert model.decoder.recurrent.num_layers == 1
