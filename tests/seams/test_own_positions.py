"""Positions written outside the library."""

from __future__ import annotations

import torch
from torch import Tensor

from tsseq2seq import Network
from tsseq2seq.nn.positions import Positions


def test_they_go_all_the_way(goes_all_the_way) -> None:
    class Ramp(Positions, name="ramp"):
        """The position itself, as a share of a hundred."""

        def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
            steps = torch.arange(inputs.shape[1], device=inputs.device)
            return inputs + steps[:, None].to(inputs.dtype) / 100

    model = goes_all_the_way(Network(encoder="attention", hidden_size=8, positions="ramp"))
    assert type(model.fitted_.members[0].network.encoder.positions) is Ramp
