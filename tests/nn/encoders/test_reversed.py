"""Reversed sources: rows are read from their end, and states stand where their inputs stood."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.nests import named_leaves
from tsseq2seq.nn.encoders import RecurrentEncoder, ReversedEncoder
from tsseq2seq.nn.network import Network
from tsseq2seq.translation.network import TokenShape, build_translator

LENGTHS = [5, 2, 0, 1]


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_it_equals_the_encoder_of_rows_turned_by_python_slices(cell):
    inner = RecurrentEncoder(cell, input_size=3, hidden_size=4, num_layers=2).double()
    inputs = torch.randn(4, 5, 3, dtype=torch.float64)
    encoded = ReversedEncoder(inner)(inputs, torch.tensor(LENGTHS))
    for row, length in enumerate(LENGTHS):
        if not length:
            assert not encoded.states[row].any()
            continue
        turned = torch.stack(inputs[row, :length].unbind()[::-1])
        expected = inner(turned[None])
        back = torch.stack(expected.states[0].unbind()[::-1])
        torch.testing.assert_close(encoded.states[row, :length], back)
        assert not encoded.states[row, length:].any()
        torch.testing.assert_close(encoded.last[row], expected.last[0])
        for (name, ours), (_, theirs) in zip(
            named_leaves(encoded.final), named_leaves(expected.final), strict=True
        ):
            torch.testing.assert_close(ours[row], theirs[0], msg=name)


@pytest.mark.parametrize("given_lengths", [False, True])
def test_without_lengths_all_steps_are_reversed(given_lengths):
    inner = RecurrentEncoder("gru", input_size=3, hidden_size=4).double()
    inputs = torch.randn(2, 5, 3, dtype=torch.float64)
    encoded = ReversedEncoder(inner)(inputs, torch.tensor([5, 5]) if given_lengths else None)
    torch.testing.assert_close(encoded.states, inner(inputs.flip(1)).states.flip(1))


def test_attention_weights_refer_to_the_places_of_the_source_as_it_was_given():
    """The value of each place depends on its own token, which gradients show."""
    network = Network(hidden_size=6, attention="dot", reversed_source=True, residual=None)
    model = build_translator(network, TokenShape(20, 20)).double()
    tokens = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0]])
    state, memory = model.start(model.encode(tokens, torch.tensor([4, 2])))
    assert memory.mask[:, 0].tolist() == [[True] * 4, [True, True, False, False]]
    # the state of the last place was computed first, from its token alone
    for row, place, token in ((0, 3, 6), (1, 1, 8)):
        (gradient,) = torch.autograd.grad(
            memory.values[row, place].sin().sum(), model.embedding.weight, retain_graph=True
        )
        assert gradient.any(-1).nonzero().flatten().tolist() == [token]
    # and that of the first place from all tokens of its row
    (gradient,) = torch.autograd.grad(
        memory.values[1, 0].sin().sum(), model.embedding.weight, retain_graph=True
    )
    assert gradient.any(-1).nonzero().flatten().tolist() == [7, 8]
    _, _, weights = model.step(torch.ones(2, 1, dtype=torch.int64), 0, state, memory)
    assert not weights[1, 0, 2:].any()
