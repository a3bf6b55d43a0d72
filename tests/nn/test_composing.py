"""What series and tokens share is composed alike: the same settings give the same parts, and run."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

from tsseq2seq.errors import ParameterError
from tsseq2seq.nests import named_leaves
from tsseq2seq.nn.composing import compose
from tsseq2seq.nn.decoder_inputs import FeedContext, NoInput, PreviousOutput
from tsseq2seq.nn.encoder_decoder import EncoderDecoder
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.residuals import LastValue

WIDTH, INPUTS, ROWS, STEPS = 6, 3, 4, 5


class Head(nn.Module):
    """Gives back the state, so that its width can be seen."""

    def forward(self, hidden: torch.Tensor, base: torch.Tensor | None) -> torch.Tensor:
        return hidden


def composed(network: Network, **settings) -> EncoderDecoder:
    inputs: list[tuple[nn.Module, int]] = []
    if network.feed_output:
        inputs = [(PreviousOutput(nn.Identity()), INPUTS)]
    arguments = {"embedding": nn.Identity(), "embedding_size": INPUTS, "inputs": inputs, "head": Head()}
    return compose(network, **(arguments | settings)).eval()


def stepped(model: EncoderDecoder) -> torch.Tensor:
    state, memory = model.start(model.encode(torch.randn(ROWS, STEPS, INPUTS), torch.tensor([5, 3, 1, 0])))
    previous, outputs = torch.randn(ROWS, 1, INPUTS), []
    for t in range(2):
        output, state, _ = model.step(previous, t, state, memory)
        outputs.append(output)
    return torch.cat(outputs, 1)


COMBINATIONS = [
    {"cell": cell, "bidirectional": bidirectional, "attention": attention, "context": context}
    for cell, bidirectional, attention, context in itertools.product(
        ("lstm", "gru", "rnn"), (False, True), (None, "additive", "dot", "multihead"), ("last", "mean")
    )
]


@pytest.mark.parametrize("settings", COMBINATIONS, ids=lambda s: "-".join(str(v) for v in s.values()))
def test_every_combination_runs(settings: dict) -> None:
    model = composed(
        Network(hidden_size=8, decoder_hidden_size=WIDTH, num_layers=2, decoder_num_layers=1, **settings)
    )
    output = stepped(model)
    assert output.shape == (ROWS, 2, WIDTH)
    assert output.isfinite().all()


@pytest.mark.parametrize(
    "settings",
    [
        {"attention": "dot", "attention_position": "before"},
        {"attention": "dot", "input_feeding": True},
        {"attention": "additive", "attention_coverage": True},
        {"attention": "dot", "initial_state": False},
        {"feed_context": True, "initial_state": False},
        {"feed_context": True, "context_size": 2},
        {"feed_output": False},
        {"feed_output": False, "feed_context": True},
        {"context_size": 3},
        {"encoder": "convolutional", "context": "max"},
        {"encoder": "attention", "attention": "scaled", "attention_alignment": "monotonic"},
        {"encoder": "convolutional+recurrent", "initial_state": "learned", "feed_context": True},
        {"output_reads": "previous+context", "context": "attention"},
        {"reversed_source": True, "attention": "dot", "attention_alignment": "predicted"},
    ],
    ids=lambda s: "-".join(f"{k}={v}" for k, v in s.items()),
)
def test_every_option_runs(settings: dict) -> None:
    output = stepped(composed(Network(hidden_size=WIDTH, **settings)))
    assert output.shape == (ROWS, 2, WIDTH)
    assert output.isfinite().all()


def test_what_enters_the_decoder() -> None:
    plain = composed(Network(hidden_size=WIDTH))
    assert [type(part) for part in plain.decoder.inputs] == [PreviousOutput]
    context = composed(Network(hidden_size=WIDTH, feed_context=True, context_size=2))
    assert [type(part) for part in context.decoder.inputs] == [PreviousOutput, FeedContext]
    assert context.decoder.recurrent.layers.input_size == INPUTS + 2
    nothing = composed(Network(hidden_size=WIDTH, feed_output=False))
    assert [type(part) for part in nothing.decoder.inputs] == [NoInput]
    assert nothing.decoder.recurrent.layers.input_size == 1
    fed = composed(
        Network(
            hidden_size=WIDTH,
            bidirectional=True,
            attention="dot",
            attention_position="before",
            input_feeding=True,
        )
    )
    assert fed.decoder.recurrent.layers.input_size == INPUTS + 2 * WIDTH + WIDTH


def test_what_makes_the_first_state() -> None:
    assert composed(Network(hidden_size=WIDTH)).summary is None
    assert composed(Network(hidden_size=WIDTH, context="mean")).summary is not None
    assert composed(Network(hidden_size=WIDTH, context_size=2)).summary is not None
    zeros = composed(Network(hidden_size=WIDTH, initial_state=False, attention="dot"))
    assert zeros.bridge is None
    assert zeros.summary is None
    state, _ = zeros.start(zeros.encode(torch.randn(ROWS, STEPS, INPUTS)))
    assert not state.recurrent.hidden.any()


def test_a_previous_output_that_is_read_must_be_among_the_inputs() -> None:
    network = Network(hidden_size=WIDTH, output_reads="previous", feed_context=True)
    with pytest.raises(ParameterError, match="output_reads is 'previous' but inputs"):
        composed(network, inputs=[])


def test_every_weight_gets_a_gradient() -> None:
    """Nothing is built that does not take part."""
    for settings in (
        {},
        {"attention": "additive"},
        {"context": "mean", "feed_context": True},
        {"attention": "dot", "attention_alignment": "predicted", "output_reads": "previous+context"},
        {"initial_state": "learned", "context": "attention", "feed_context": True, "context_size": 2},
    ):
        model = composed(Network(hidden_size=WIDTH, bidirectional=True, **settings))
        stepped(model).square().sum().backward()
        idle = [name for name, weight in model.named_parameters() if weight.grad is None]
        assert idle == []


def test_residual_and_parallel_are_handed_on() -> None:
    residual = LastValue(length=1, targets=1)
    assert composed(Network(hidden_size=WIDTH), residual=residual).decoder.residual is residual
    assert composed(Network(hidden_size=WIDTH), parallel=True).parallel
    assert not composed(Network(hidden_size=WIDTH)).parallel


@pytest.mark.parametrize("settings", [{}, {"cell": "gru"}, {"context_size": 2}, {"context": "mean"}], ids=str)
def test_a_bottleneck_makes_the_first_state_of_the_context_vector_alone(settings) -> None:
    model = composed(Network(hidden_size=WIDTH, **settings), bottleneck=True)
    assert model.bridge is None
    assert model.summary is not None
    encoding = model.encode(torch.randn(ROWS, STEPS, INPUTS))
    context = model.context(encoding.encoded)
    state, _ = model.start(encoding)
    alone = model.first_state(None, context)
    for (_, one), (_, other) in zip(named_leaves(state.recurrent), named_leaves(alone), strict=True):
        assert torch.equal(one, other)
