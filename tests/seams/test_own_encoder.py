"""An encoder written outside the library, without a final state."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from tsseq2seq import Network
from tsseq2seq.nn.encoders import Encoded, Encoder, length_mask


@pytest.fixture(autouse=True)
def convolution() -> type[Encoder]:
    class Convolution(Encoder, name="convolution"):
        """Three segments at a time."""

        @classmethod
        def from_settings(cls, network: Network, *, input_size: int) -> Convolution:
            return cls(input_size, network.hidden_size)

        def __init__(self, input_size: int, output_size: int) -> None:
            super().__init__(output_size)
            self.layer = nn.Conv1d(input_size, output_size, kernel_size=3)

        def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Encoded:
            mask = None if lengths is None else length_mask(lengths, inputs.shape[1])
            known = inputs if mask is None else inputs.masked_fill(~mask[:, :, None], 0.0)
            padded = functional.pad(known.transpose(1, 2), (2, 0))
            return Encoded.of(torch.relu(self.layer(padded)).transpose(1, 2), mask)

    return Convolution


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param({}, id="plain"),
        pytest.param({"attention": "general"}, id="attention"),
        pytest.param({"context": "mean", "feed_context": True}, id="mean context at every step"),
        pytest.param({"cell": "gru", "decoder_num_layers": 2, "decoder_hidden_size": 5}, id="GRU decoder"),
        pytest.param({"cell": "slstm", "decoding": "parallel"}, id="parallel sLSTM decoder"),
    ],
)
def test_it_goes_all_the_way(shape: dict, goes_all_the_way) -> None:
    model = goes_all_the_way(Network(encoder="convolution", hidden_size=8, **shape))
    network = model.fitted_.members[0].network
    assert network.bridge is None
    assert network.summary is not None


def test_the_last_state_stands_in_for_a_final_one() -> None:
    states = torch.randn(3, 4, 2)
    lengths = torch.tensor([4, 2, 0])
    encoded = Encoded.of(states, length_mask(lengths, 4))
    assert torch.equal(encoded.last[0], states[0, 3])
    assert torch.equal(encoded.last[1], states[1, 1])
    assert not encoded.last[2].any()
    assert torch.equal(Encoded.of(states, None).last, states[:, -1])
