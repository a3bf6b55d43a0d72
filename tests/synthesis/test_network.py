"""The parts of a synthesizer's network, and what it cannot have."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.network import Network
from tsseq2seq.synthesis.network import FrameHead, PreNet, check_synthesis_network


def test_the_pre_net_forgets_in_training_only() -> None:
    torch.manual_seed(0)
    net, frames = PreNet(3, 200, 0.5), torch.randn(4, 5, 3)
    assert not torch.equal(net(frames), net(frames))
    net.eval()
    by_hand = torch.relu(net.second(torch.relu(net.first(frames))))
    torch.testing.assert_close(net(frames), by_hand)
    assert torch.equal(net(frames), net(frames))


def test_the_pre_net_forgets_as_much_as_was_asked() -> None:
    torch.manual_seed(0)
    net = PreNet(3, 200, 0.75)
    torch.nn.init.zeros_(net.second.weight)
    torch.nn.init.ones_(net.second.bias)
    found = net(torch.randn(4, 50, 3))
    assert (found == 0).double().mean().item() == pytest.approx(0.75, abs=0.02)
    assert set(found.unique().tolist()) == {0.0, 4.0}


def test_the_head_keeps_frames_and_ends_apart() -> None:
    head = FrameHead(8, features=3, frames_per_step=2)
    hidden = torch.randn(2, 5, 8)
    flat = hidden @ head.linear.weight.T + head.linear.bias
    torch.testing.assert_close(head(hidden, None), flat.reshape(2, 5, 2, 4))
    assert head.bfloat16()(hidden.bfloat16(), None).dtype == torch.float32


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"decoding": "parallel"}, "decoding='parallel'"),
        ({"feed_output": False}, "feed_output=False"),
        ({"embedding_size": 0}, "embedding_size=0"),
        ({"residual": "value"}, "residual='value'"),
        ({"residual_seasons": 2}, "residual_seasons=2"),
        ({"residual_weights": "learned"}, "residual_weights='learned'"),
    ],
)
def test_what_frames_cannot_have(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        check_synthesis_network("Seq2SeqSynthesizer", Network(**settings))
    assert named in str(refusal.value)
    check_synthesis_network("Seq2SeqSynthesizer", Network())
