"""What a network is told of the length of its inputs."""

from __future__ import annotations

import dataclasses
import warnings

import pytest

from tsseq2seq.errors import ParameterError, TrainingWarning
from tsseq2seq.nn.encoder_steps import for_encoder_steps
from tsseq2seq.nn.network import Network

LEARNED = Network(encoder="attention", positions="learned")


@pytest.mark.parametrize("steps", [1, 24])
def test_learned_positions_are_as_many_as_the_longest_input_has(steps):
    assert for_encoder_steps(LEARNED, steps, "it").num_positions == steps


def test_at_least_one_position_is_learned():
    assert for_encoder_steps(LEARNED, 0, "all sources are empty").num_positions == 1


def test_a_number_that_suffices_stays_and_a_lower_one_is_refused_by_both_names():
    nine = dataclasses.replace(LEARNED, num_positions=9)
    assert for_encoder_steps(nine, 9, "it") is nine
    with pytest.raises(ParameterError, match=r"num_positions is 9 but context_length is 10; .*at least 10"):
        for_encoder_steps(nine, 10, "context_length is 10")


@pytest.mark.parametrize(
    "network", [Network(), Network(encoder="attention"), Network(encoder="convolutional")]
)
def test_other_networks_stay_as_they_are(network):
    assert for_encoder_steps(network, 3, "it") is network


@pytest.mark.parametrize(
    ("settings", "seen"),
    [
        ({}, 3),
        ({"causal": True}, 5),
        ({"num_layers": 2}, 7),
        ({"kernel_size": 5}, 5),
        ({"kernel_size": 2}, 3),
    ],
)
def test_steps_that_a_convolution_does_not_see_are_said(settings, seen):
    network = Network(encoder="convolutional", **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for_encoder_steps(network, seen, "it")
    with pytest.warns(TrainingWarning, match=f"context_length is 99.* depends on {seen} of .*num_layers"):
        for_encoder_steps(network, seen + 1, "context_length is 99")


@pytest.mark.parametrize("settings", [{"attention": "dot"}, {"context": "mean"}, {"context": "attention"}])
def test_where_more_than_the_last_state_reaches_the_decoder_nothing_is_said(settings):
    network = Network(encoder="convolutional", **settings)
    assert for_encoder_steps(network, 100, "it") is network
