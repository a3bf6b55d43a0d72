"""Every leaf of the state is (B, Q, …), so that a beam is reordered by one gather a leaf."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from tsseq2seq.decoding.stepper import expand_queries
from tsseq2seq.forecasting.network import SeriesShape, build_forecaster
from tsseq2seq.nests import map_nest
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Point

ROWS = 2
NETWORKS = [
    Network(hidden_size=3, cell="gru", residual=None),
    Network(hidden_size=3, num_layers=2, residual="value"),
    Network(hidden_size=3, attention="dot", input_feeding=True, residual="season"),
]


def leaves(state):
    found = []
    map_nest(lambda leaf: found.append(leaf) or leaf, state)
    return found


def started(network):
    model = build_forecaster(network, Point(), SeriesShape(segment_length=2, steps=3, season_segments=3))
    return model, *model.start(model.encode(torch.randn(ROWS, 4, 4)))


@pytest.mark.parametrize("network", NETWORKS, ids=["gru", "lstm", "input feeding"])
@pytest.mark.parametrize("queries", [1, 3])
def test_state_leaves_are_rows_by_queries_before_and_after_a_step(network, queries):
    model, state, memory = started(network)
    assert all(leaf.shape[:2] == (ROWS, 1) for leaf in leaves(state))
    state = expand_queries(state, queries)
    _, after, _ = model.step(torch.randn(ROWS, queries, 4), 0, state, memory)
    assert [leaf.shape for leaf in leaves(after)] == [leaf.shape for leaf in leaves(state)]
    assert all(leaf.shape[:2] == (ROWS, queries) for leaf in leaves(after))


@pytest.mark.parametrize("network", NETWORKS, ids=["gru", "lstm", "input feeding"])
def test_reordering_queries_reorders_what_follows(network):
    model, state, memory = started(network)
    previous, following = torch.randn(ROWS, 3, 4), torch.randn(ROWS, 3, 4)
    _, state, _ = model.step(previous, 0, expand_queries(state, 3), memory)
    output, _, weights = model.step(following, 1, state, memory)
    order = torch.tensor([[2, 0, 0], [1, 1, 2]])

    def gather(leaf):
        return torch.stack([leaf[row, order[row]] for row in range(ROWS)])

    reordered, _, reordered_weights = model.step(gather(following), 1, map_nest(gather, state), memory)
    torch.testing.assert_close(reordered, gather(output))
    if weights is not None:
        torch.testing.assert_close(reordered_weights, gather(weights))


@pytest.mark.parametrize("network", NETWORKS, ids=["gru", "lstm", "input feeding"])
def test_the_state_holds_no_more_than_it_must(network):
    _, state, memory = started(network)
    assert (state.recurrent.cell is None) == (network.cell != "lstm")
    assert (state.history is None) == (network.residual is None)
    assert (state.attentional is None) == (not network.input_feeding)
    assert all((part is None) == (network.attention is None) for part in (memory.keys, memory.values))
    assert memory.mask is None  # all is valid
    for part in (state, memory):
        with pytest.raises(dataclasses.FrozenInstanceError):
            part.history = None
