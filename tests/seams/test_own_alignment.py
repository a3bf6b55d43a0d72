"""An alignment written outside the library: where each decoder step may attend to."""

from __future__ import annotations

import torch
from torch import Tensor

from tsseq2seq import Network
from tsseq2seq.nn.attention import Alignment


def test_it_goes_all_the_way(goes_all_the_way, frame_of_days) -> None:
    class SecondHalf(Alignment, name="second half"):
        """The later half of each row."""

        def forward(
            self, query: Tensor, t: int | Tensor, mask: Tensor | None, places: int
        ) -> tuple[Tensor, None]:
            valid = torch.ones(len(query), 1, places, dtype=torch.bool) if mask is None else mask
            return valid & (torch.arange(places) >= valid.sum(-1, keepdim=True) // 2), None

    network = Network(hidden_size=8, attention="dot", attention_alignment="second half")
    model = goes_all_the_way(network)
    weights = model.attention(frame_of_days)
    long = weights[weights["unique_id"] == "a"]
    earlier = long["lag"] > long["lag"].max() // 2 + 1
    assert not long.loc[earlier, "weight"].any()
    assert long.loc[~earlier, "weight"].any()
