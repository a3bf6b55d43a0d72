"""Positions against their formula, and what happens beyond those that were learned."""

from __future__ import annotations

import math

import pytest
import torch

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.encoders import AttentionEncoder
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.positions import POSITIONS, LearnedPositions, Positions, SinusoidalPositions


@pytest.mark.parametrize("width", [2, 3, 8])
def test_sinusoids_equal_the_formula_number_by_number(width):
    ours = SinusoidalPositions(width=width)(torch.zeros(2, 6, width, dtype=torch.float64))
    for position in range(6):
        for place in range(width):
            angle = position / 10_000 ** (2 * (place // 2) / width)
            wave = math.cos(angle) if place % 2 else math.sin(angle)
            assert ours[0, position, place].item() == pytest.approx(wave, abs=1e-12)
    assert torch.equal(ours[0], ours[1])


def test_positions_are_added_to_the_inputs():
    inputs = torch.randn(2, 5, 4)
    for positions in (SinusoidalPositions(width=4), LearnedPositions(width=4, count=5)):
        torch.testing.assert_close(positions(inputs) - inputs, positions(torch.zeros_like(inputs)))


def test_learned_vectors_are_those_of_the_places():
    positions = LearnedPositions(width=3, count=6)
    ours = positions(torch.zeros(2, 4, 3), torch.tensor([4, 1]))
    assert torch.equal(ours[1], positions.weight[:4])


def test_beyond_the_learned_positions_a_row_is_refused_by_its_number():
    positions = LearnedPositions(width=3, count=4)
    with pytest.raises(ParameterError, match="num_positions is 4, but row 1 has 5 steps"):
        positions(torch.zeros(2, 6, 3), torch.tensor([4, 5]))
    with pytest.raises(ParameterError, match="row 0 has 6 steps"):
        positions(torch.zeros(2, 6, 3))


def test_padding_may_reach_beyond_the_learned_positions():
    encoder = AttentionEncoder(input_size=3, hidden_size=4, positions="learned", num_positions=4)
    inputs, lengths = torch.randn(2, 7, 3), torch.tensor([4, 2])
    torch.testing.assert_close(encoder(inputs, lengths).states[:, :4], encoder(inputs[:, :4], lengths).states)


def test_learned_positions_need_a_number():
    with pytest.raises(ParameterError, match="count is None"):
        LearnedPositions(width=3)


def test_positions_of_ones_own_are_chosen_by_their_name():
    before = dict(POSITIONS._parts)
    try:

        class Ramp(Positions, name="ramp"):
            def forward(self, inputs, lengths=None):
                steps = torch.arange(inputs.shape[1], device=inputs.device)
                return inputs + steps[:, None].to(inputs.dtype) / 100

        network = Network(encoder="attention", hidden_size=4, positions="ramp")
        encoder = AttentionEncoder.from_settings(network, input_size=4)
        assert type(encoder.positions) is Ramp
        assert encoder.positions(torch.zeros(1, 3, 4))[0, 2].tolist() == pytest.approx([0.02] * 4)
    finally:
        POSITIONS._parts = before
