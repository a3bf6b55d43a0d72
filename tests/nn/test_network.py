"""Every value that a network cannot have is refused where it is declared."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import sklearn.base

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.nn.network import Network
from tsseq2seq.settings import Settings, replace_params

CHOICES = {
    "encoder": ("recurrent", "convolutional", "attention", "convolutional+recurrent"),
    "cell": ("lstm", "gru", "rnn", "mingru", "slstm"),
    "context": ("last", "mean", "max", "attention"),
    "attention": (None, "additive", "dot", "general", "concat", "scaled", "multihead", "location"),
    "attention_position": ("after", "before"),
    "decoding": ("autoregressive", "parallel"),
    "residual": (None, "value", "segment", "season"),
    "residual_weights": ("equal", "learned"),
    "bidirectional": (False, True),
    "initial_state": (False, True, "encoder", "zeros", "learned"),
    "causal": (False, True),
    "reversed_source": (False, True),
    "positions": (None, "sinusoidal", "learned"),
    "output_reads": (None, "previous", "context", "previous+context"),
    "attention_alignment": (None, "monotonic", "predicted"),
    "feed_context": (False, True),
    "feed_output": (False, True),
    "feed_base": (False, True),
    "input_feeding": (False, True),
    "attention_coverage": (False, True),
    "copy": (False, True),
}
SIZES = (
    "hidden_size",
    "decoder_hidden_size",
    "decoder_num_layers",
    "context_size",
    "attention_size",
    "attention_heads",
    "attention_window",
    "kernel_size",
    "convolution_layers",
    "encoder_heads",
    "feedforward_size",
    "num_positions",
    "residual_seasons",
    "num_layers",
)
#: What must be set besides, for a value to be admissible.
COMPANIONS = {
    "attention_size": {"attention": "additive"},
    "attention_heads": {"attention": "multihead"},
    "attention_coverage": {"attention": "additive"},
    "input_feeding": {"attention": "dot"},
    "copy": {"attention": "dot"},
    "attention_position": {"attention": "dot"},
    "attention_alignment": {"attention": "dot"},
    "attention_window": {"attention": "dot", "attention_alignment": "monotonic"},
    "kernel_size": {"encoder": "convolutional"},
    "causal": {"encoder": "convolutional"},
    "convolution_layers": {"encoder": "convolutional+recurrent"},
    "encoder_heads": {"encoder": "attention"},
    "feedforward_size": {"encoder": "attention"},
    "positions": {"encoder": "attention"},
    "num_positions": {"encoder": "attention", "positions": "learned"},
    "initial_state": {"feed_context": True},
    "feed_base": {"residual": "smoothing"},
}


def refused(error, field, value, wanted):
    with pytest.raises(error) as refusal:
        Network(**{**COMPANIONS.get(field, {}), field: value})
    for part in ("Network: ", field, f"is {value!r}", wanted):
        assert part in str(refusal.value)


def test_the_tables_above_hold_every_field():
    fields = {field.name for field in dataclasses.fields(Network)}
    assert fields == {*CHOICES, *SIZES, "dropout", "embedding_size"}


def test_only_a_seasonal_residual_has_seasons_to_take_the_mean_of():
    with pytest.raises(ParameterError, match="residual_seasons is 2 but residual is 'value'"):
        Network(residual="value", residual_seasons=2)
    assert Network(residual="value", residual_seasons=1).residual_seasons == 1


def test_only_a_seasonal_residual_has_seasons_to_weigh():
    with pytest.raises(ParameterError, match="residual_weights is 'learned' but residual is None"):
        Network(residual=None, residual_weights="learned")


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in CHOICES.items() for value in values]
)
def test_every_choice_is_accepted(field, value):
    assert getattr(Network(**{**COMPANIONS.get(field, {}), field: value}), field) is value


@pytest.mark.parametrize("field", CHOICES)
@pytest.mark.parametrize("value", ["LSTM", "", 7, "none"])
def test_anything_else_is_refused_and_the_choices_are_named(field, value, unchecked_types):
    for choice in CHOICES[field]:
        refused(ParameterError, field, value, repr(choice))


@pytest.mark.parametrize(
    "field", ["encoder", "cell", "context", "attention_position", "decoding", "bidirectional"]
)
def test_none_is_refused_where_it_means_nothing(field, unchecked_types):
    refused(ParameterError, field, None, "it must be one of")


@pytest.mark.parametrize("field", [*SIZES, "embedding_size"])
@pytest.mark.parametrize("value", ["8", 2.0, True, [8], float("nan")])
def test_a_size_must_be_an_integer(field, value, unchecked_types):
    refused(ParameterTypeError, field, value, "it must be an integer, at least ")


@pytest.mark.parametrize("field", SIZES)
@pytest.mark.parametrize("value", [0, -3])
def test_a_size_must_be_at_least_1(field, value):
    refused(ParameterError, field, value, "it must be an integer, at least 1")


@pytest.mark.parametrize("field", SIZES)
@pytest.mark.parametrize("value", [1, 17, np.int64(3)])
def test_a_size_may_be_any_integer_from_1(field, value, unchecked_types):
    assert getattr(Network(**{**COMPANIONS.get(field, {}), field: value}), field) is value


@pytest.mark.parametrize("field", [*SIZES, "embedding_size"])
def test_none_leaves_the_choice_of_a_size_open_except_for_the_depth(field, unchecked_types):
    if field == "num_layers":
        refused(ParameterTypeError, field, None, "an integer, at least 1")
    else:
        assert getattr(Network(**{field: None}), field) is None


def test_an_embedding_may_be_left_out():
    assert Network(embedding_size=0).embedding_size == 0
    refused(ParameterError, "embedding_size", -1, "at least 0")


@pytest.mark.parametrize("value", [-0.1, 0.991, 1, 5.0, math.nan, math.inf])
def test_dropout_outside_its_range_is_refused(value):
    refused(ParameterError, "dropout", value, "a number, at least 0 and at most 0.99")


@pytest.mark.parametrize("value", ["0.5", None, True])
def test_dropout_must_be_a_number(value, unchecked_types):
    refused(ParameterTypeError, "dropout", value, "a number, at least 0 and at most 0.99")


@pytest.mark.parametrize("value", [0, 0.5, 0.99, np.float32(0.25)])
def test_dropout_within_its_range(value, unchecked_types):
    assert Network(dropout=value).dropout is value


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"input_feeding": True}, ["input_feeding is True", "attention is None", "'additive'", "'dot'"]),
        ({"attention_size": 8}, ["attention_size is 8", "attention is None", "'additive'"]),
        (
            {"attention_size": 8, "attention": "dot"},
            ["attention_size is 8", "attention is 'dot'", "'additive'"],
        ),
        (
            {"decoding": "parallel", "attention": "dot", "input_feeding": True},
            ["input_feeding is True", "decoding is 'parallel'", "decoding='autoregressive'"],
        ),
        (
            {"initial_state": False},
            ["initial_state is False", "attention is None", "feed_context is False"],
        ),
        ({"feed_base": True}, ["feed_base is True", "residual is 'season'", "'smoothing'"]),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, named):
    with pytest.raises(ParameterError) as refusal:
        Network(**settings)
    for part in ["Network: ", *named]:
        assert part in str(refusal.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"initial_state": False, "feed_context": True},
        {"initial_state": False, "attention": "dot"},
        {"decoding": "parallel", "attention": "additive", "attention_position": "before"},
        {"attention": "additive", "input_feeding": True, "attention_size": 3},
        {"feed_output": False},
        {"feed_output": False, "feed_context": True},
        {"feed_output": False, "feed_base": True, "residual": "smoothing"},
    ],
)
def test_settings_that_agree(settings):
    assert Network(**settings).get_params() == {**Network().get_params(), **settings}


def test_an_error_is_of_the_kind_that_callers_expect():
    with pytest.raises(ValueError, match="cell"):
        Network(cell="transformer")


def test_a_wrong_type_is_of_the_kind_that_callers_expect(unchecked_types):
    with pytest.raises(TypeError, match="hidden_size"):
        Network(hidden_size="8")


def test_networks_are_values():
    network = Network(hidden_size=8, attention="dot")
    assert network == Network(hidden_size=8, attention="dot")
    assert hash(network) == hash(Network(hidden_size=8, attention="dot"))
    assert network != Network(hidden_size=9, attention="dot")
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.hidden_size = 9


def test_clone_replace_and_registry():
    network = Network(hidden_size=8, residual=None)
    assert sklearn.base.clone(network) == network
    assert replace_params(network, {"hidden_size": 9}) == Network(hidden_size=9, residual=None)
    assert Settings.registry["tsseq2seq.Network"] is Network


def test_a_replacement_is_checked_too():
    with pytest.raises(ParameterError, match="input_feeding"):
        replace_params(Network(attention="dot", input_feeding=True), {"attention": None})
