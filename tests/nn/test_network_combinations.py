"""Every combination that makes no sense is refused in one sentence that names both settings."""

from __future__ import annotations

import pytest

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.encoders import ENCODERS, Encoder
from tsseq2seq.nn.network import Network

INADMISSIBLE = [
    # settings, the two settings named, each with its value
    ({"encoder": "convolutional", "bidirectional": True}, ("bidirectional", "encoder")),
    ({"encoder": "attention", "bidirectional": True}, ("bidirectional", "encoder")),
    ({"kernel_size": 3}, ("kernel_size", "encoder")),
    ({"encoder": "attention", "kernel_size": 3}, ("kernel_size", "encoder")),
    ({"causal": True}, ("causal", "encoder")),
    ({"convolution_layers": 2}, ("convolution_layers", "encoder")),
    ({"encoder": "convolutional", "convolution_layers": 2}, ("convolution_layers", "encoder")),
    ({"encoder_heads": 2}, ("encoder_heads", "encoder")),
    ({"encoder": "convolutional", "encoder_heads": 2}, ("encoder_heads", "encoder")),
    ({"encoder": "attention", "encoder_heads": 3, "hidden_size": 8}, ("encoder_heads", "hidden_size")),
    ({"feedforward_size": 2}, ("feedforward_size", "encoder")),
    ({"positions": "sinusoidal"}, ("positions", "encoder")),
    ({"encoder": "convolutional+recurrent", "positions": "learned"}, ("positions", "encoder")),
    ({"encoder": "attention", "num_positions": 3}, ("num_positions", "positions")),
    (
        {"encoder": "attention", "positions": "sinusoidal", "num_positions": 3},
        ("num_positions", "positions"),
    ),
    ({"encoder": "attention", "hidden_size": 1}, ("hidden_size", "encoder")),
    ({"encoder": "convolutional", "hidden_size": 1}, ("hidden_size", "encoder")),
    ({"encoder": "convolutional+recurrent", "hidden_size": 1}, ("hidden_size", "encoder")),
    ({"bidirectional": True, "reversed_source": True}, ("reversed_source", "bidirectional")),
    ({"encoder": "convolutional", "reversed_source": True}, ("reversed_source", "causal")),
    ({"encoder": "attention", "reversed_source": True}, ("reversed_source", "causal")),
    ({"input_feeding": True}, ("input_feeding", "attention")),
    ({"attention_position": "before"}, ("attention_position", "attention")),
    ({"attention_size": 4}, ("attention_size", "attention")),
    ({"attention": "dot", "attention_size": 4}, ("attention_size", "attention")),
    ({"attention": "additive", "attention_heads": 2}, ("attention_heads", "attention")),
    (
        {"attention": "multihead", "attention_heads": 3, "hidden_size": 8},
        ("attention_heads", "hidden_size"),
    ),
    (
        {"attention": "multihead", "attention_heads": 3, "attention_size": 8},
        ("attention_heads", "attention_size"),
    ),
    ({"attention": "dot", "attention_coverage": True}, ("attention_coverage", "attention")),
    ({"attention_alignment": "monotonic"}, ("attention_alignment", "attention")),
    ({"attention": "dot", "attention_window": 4}, ("attention_window", "attention_alignment")),
    ({"output_reads": "previous", "feed_output": False}, ("output_reads", "feed_output")),
    ({"output_reads": "previous+context", "decoding": "parallel"}, ("output_reads", "decoding")),
    ({"attention": "dot", "input_feeding": True, "decoding": "parallel"}, ("input_feeding", "decoding")),
    (
        {"attention": "additive", "attention_coverage": True, "decoding": "parallel"},
        ("attention_coverage", "decoding"),
    ),
    ({"copy": True}, ("copy", "attention")),
    ({"attention": "dot", "copy": True, "decoding": "parallel"}, ("copy", "decoding")),
    ({"initial_state": "zeros"}, ("initial_state", "attention")),
    ({"initial_state": "learned"}, ("initial_state", "attention")),
    ({"initial_state": False, "attention": "dot", "context": "mean"}, ("context", "initial_state")),
    ({"initial_state": "learned", "attention": "dot", "context_size": 3}, ("context_size", "initial_state")),
    ({"residual": "value", "residual_seasons": 2}, ("residual_seasons", "residual")),
    ({"residual": None, "residual_weights": "learned"}, ("residual_weights", "residual")),
]


@pytest.mark.parametrize(("settings", "named"), INADMISSIBLE, ids=lambda value: str(value))
def test_it_is_refused_in_one_sentence_that_names_both_settings(settings, named):
    with pytest.raises(ParameterError) as refusal:
        Network(**settings)
    message = str(refusal.value)
    values = {**Network().get_params(), **settings}
    for name in named:
        assert f"{name} is {values[name]!r}" in message
    assert message.startswith("Network: ")
    assert ". " not in message


ADMISSIBLE = [
    {"encoder": "convolutional", "kernel_size": 5, "causal": True, "reversed_source": True},
    {"encoder": "convolutional+recurrent", "bidirectional": True, "convolution_layers": 3, "causal": True},
    {"encoder": "convolutional+recurrent", "reversed_source": True},
    {"encoder": "attention", "positions": "learned", "num_positions": 9, "encoder_heads": 3},
    {"encoder": "attention", "causal": True, "reversed_source": True, "feedforward_size": 7},
    {"hidden_size": 1},
    {"attention": "multihead", "attention_position": "before", "copy": True},
    {"output_reads": "context", "initial_state": "zeros", "context": "max"},
    {"output_reads": "context", "decoding": "parallel"},
    {"attention": "multihead", "attention_alignment": "predicted", "attention_window": 2},
    {"initial_state": "learned", "feed_context": True, "context": "attention", "context_size": 3},
]


@pytest.mark.parametrize("settings", ADMISSIBLE, ids=str)
def test_settings_that_agree(settings):
    assert Network(**settings).get_params() == {**Network().get_params(), **settings}


def test_an_encoder_of_ones_own_names_the_settings_that_it_takes():
    before = dict(ENCODERS._parts)
    try:

        class Own(Encoder, name="own"):
            takes = frozenset({"kernel_size"})

            @classmethod
            def from_settings(cls, network, *, input_size):
                return cls(input_size)

            def forward(self, inputs, lengths=None):
                raise NotImplementedError

        assert Network(encoder="own", kernel_size=4).kernel_size == 4
        with pytest.raises(ParameterError, match="causal is True but encoder is 'own'"):
            Network(encoder="own", causal=True)
        with pytest.raises(ParameterError, match="'own'"):
            Network(kernel_size=3)
    finally:
        ENCODERS._parts = before
