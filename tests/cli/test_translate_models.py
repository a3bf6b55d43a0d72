"""From options to a translator."""

from __future__ import annotations

import dataclasses
import inspect
from typing import get_args

import pytest

import tsseq2seq
from tsseq2seq.cli import translate_options
from tsseq2seq.cli.translate_models import make_translator
from tsseq2seq.cli.translate_options import Architecture, BeamSearch, Learning, Sampling, Tokens
from tsseq2seq.decoding import sampling
from tsseq2seq.nn.attention import ATTENTIONS
from tsseq2seq.nn.encoders import ENCODERS


def test_options_left_open_are_the_defaults_of_the_library():
    found = make_translator(Tokens(), Architecture(), Learning()).get_params(deep=False)
    assert found == tsseq2seq.Seq2SeqTranslator().get_params(deep=False)
    settings = {field.name: field.default for field in dataclasses.fields(BeamSearch)}
    assert (settings.pop("max_length"), settings.pop("seed")) == (None, None)
    assert {**settings, "n_best": 1} == tsseq2seq.Beam().get_params()


def test_all_options_reach_the_translator():
    tokens = Tokens(
        tokenizer="word",
        target_tokenizer="char",
        min_count=2,
        max_vocabulary=50,
        lowercase=True,
        punctuation="separate",
        truncate=20,
        truncate_side="front",
    )
    learning = Learning(
        label_smoothing=0.2,
        learning_rate=0.01,
        batch_size=8,
        validation_size=3,
        members=2,
        max_steps=5,
        max_time=7.0,
        seed=4,
        device="cpu",
        progress=True,
    )
    architecture = Architecture(encoder="attention", hidden_size=16, layers=3, attention="dot", dropout=0.5)
    for group in (tokens, learning, architecture):
        for field in dataclasses.fields(group):
            assert getattr(group, field.name) != field.default, f"{field.name} would not be tested"
    expected = tsseq2seq.Seq2SeqTranslator(
        "word",
        target_tokenizer="char",
        cleaning=tsseq2seq.Cleaning(lowercase=True, punctuation="separate"),
        min_count=2,
        max_vocabulary=50,
        truncation=tsseq2seq.Truncation(20, side="front"),
        output=tsseq2seq.Tokens(label_smoothing=0.2),
        network=tsseq2seq.Network(
            encoder="attention", hidden_size=16, num_layers=3, attention="dot", dropout=0.5
        ),
        training=tsseq2seq.Training(
            learning_rate=0.01,
            batch_size=8,
            validation_size=3,
            members=2,
            max_steps=5,
            max_time=7.0,
            device="cpu",
            progress=True,
        ),
        seed=4,
    )
    found = make_translator(tokens, architecture, learning)
    assert found.get_params(deep=False) == expected.get_params(deep=False)


@pytest.mark.parametrize("kind", get_args(translate_options.Attention))
def test_attentions(kind):
    translator = make_translator(Tokens(), Architecture(attention=kind), Learning())
    assert translator.network.attention == (None if kind == "none" else kind)


@pytest.mark.parametrize("kind", get_args(translate_options.Encoder))
def test_encoders_read_both_ways_where_they_can(kind):
    network = make_translator(Tokens(), Architecture(encoder=kind), Learning()).network
    assert network.encoder == kind
    assert network.bidirectional == ("recurrent" in kind)


def test_the_choices_are_those_of_the_library():
    library = {name for name in ENCODERS if ENCODERS[name].__module__.startswith("tsseq2seq.")}
    assert set(get_args(translate_options.Encoder)) == library
    assert set(get_args(translate_options.Attention)) == {"none", *ATTENTIONS}
    for kind in get_args(translate_options.Punctuation):
        assert tsseq2seq.Cleaning(punctuation=kind).punctuation == kind
    for kind in get_args(translate_options.Normalization):
        assert tsseq2seq.Beam(length_normalization=None if kind == "none" else kind)
    searched = set(inspect.signature(tsseq2seq.Beam).parameters) | {"max_length", "seed"}
    assert {field.name for field in dataclasses.fields(BeamSearch)} | {"n_best"} == searched
    assert {field.name for field in dataclasses.fields(Sampling)} == set(sampling.Sampling().get_params())
