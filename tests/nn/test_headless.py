"""A network without its head: the head applied afterwards gives what the network gives itself."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.decoding.stepper import FusedStepper
from tsseq2seq.decoding.unroll import unroll
from tsseq2seq.forecasting.network import SeriesShape, build_forecaster
from tsseq2seq.nn.headless import Headless
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Point
from tsseq2seq.translation.network import TokenShape, build_translator

KINDS = {
    "plain": {},
    "after": {"attention": "general"},
    "before": {"attention": "additive", "attention_position": "before"},
    "fed": {"attention": "dot", "input_feeding": True},
    "covered": {"attention": "concat", "attention_coverage": True},
}


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("forced", [None, 0.5], ids=["truth", "mixed"])
def test_the_head_of_its_states_is_the_networks_output(kind: str, forced: float | None) -> None:
    torch.manual_seed(0)
    network = build_translator(Network(hidden_size=8, residual=None, **KINDS[kind]), TokenShape(9, 7)).eval()
    states = Headless(network)
    assert isinstance(states, FusedStepper)
    assert (states.fused, states.parallel) == (network.fused, network.parallel)
    source, lengths = torch.randint(4, 9, (3, 5)), torch.tensor([5, 2, 0])
    truth, first = torch.randint(4, 7, (3, 6)), torch.ones(3, 1, dtype=torch.int64)
    coins = None if forced is None else torch.rand(3, 6) < forced
    head = network.decoder.head
    whole = unroll(
        network, network.encode(source, lengths), steps=6, first=first,
        feedback=lambda logits: logits.argmax(-1), truth=truth, forced=coins,
    )  # fmt: skip
    hidden = unroll(
        states, network.encode(source, lengths), steps=6, first=first,
        feedback=lambda hidden: head(hidden, None).argmax(-1), truth=truth, forced=coins,
    )  # fmt: skip
    assert hidden.outputs.shape == (3, 1, 6, 8)
    torch.testing.assert_close(head(hidden.outputs[:, 0], None)[:, None], whole.outputs)
    if whole.weights is not None:
        torch.testing.assert_close(hidden.weights, whole.weights)


def test_a_network_with_a_residual_is_refused() -> None:
    shape = SeriesShape(segment_length=1, steps=3)
    network = build_forecaster(Network(hidden_size=4, residual="value"), Point(), shape)
    with pytest.raises(TypeError, match="adds its head's output to a residual"):
        Headless(network)
