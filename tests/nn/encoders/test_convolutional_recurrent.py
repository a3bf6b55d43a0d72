"""A convolution in front of a recurrence is one behind the other."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.nn.encoders import ConvolutionalRecurrentEncoder
from tsseq2seq.nn.network import Network


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", ["lstm", "gru", "mingru"])
def test_it_equals_the_two_encoders_row_by_row(bidirectional, cell):
    network = Network(
        encoder="convolutional+recurrent", cell=cell, hidden_size=4, bidirectional=bidirectional, num_layers=2
    )
    encoder = ConvolutionalRecurrentEncoder.from_settings(network, input_size=3).double()
    inputs, lengths = torch.randn(3, 6, 3, dtype=torch.float64), torch.tensor([6, 2, 4])
    ours = encoder(inputs, lengths)
    for row, length in enumerate(lengths.tolist()):
        read = encoder.convolution(inputs[row : row + 1, :length]).states
        expected = encoder.recurrence(read).states
        torch.testing.assert_close(ours.states[row, :length], expected[0], rtol=1e-10, atol=1e-11)


def test_the_settings_of_a_network_reach_both_parts():
    network = Network(
        encoder="convolutional+recurrent",
        cell="gru",
        hidden_size=4,
        num_layers=3,
        convolution_layers=2,
        kernel_size=5,
        causal=True,
        bidirectional=True,
    )
    encoder = ConvolutionalRecurrentEncoder.from_settings(network, input_size=3)
    assert len(encoder.convolution.blocks) == 2
    assert encoder.convolution.blocks[0].first.kernel_size == (5,)
    assert encoder.convolution.blocks[0].causal
    assert len(encoder.recurrence.forwards) == len(encoder.recurrence.backwards) == 3
    assert encoder.output_size == 8
