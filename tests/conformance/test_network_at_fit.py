"""What a network's settings mean at the start of a fit, for what was saved, and for a warm start."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

import tsseq2seq.forecasting.fitting
import tsseq2seq.translation.fitting
from tsseq2seq import Network, Seq2SeqForecaster, Seq2SeqTranslator, Training, Truncation, load
from tsseq2seq.errors import DataError, DataWarning, ParameterError, TrainingWarning

STEPS = Training(max_steps=4, batch_size=8, progress=False, device="cpu")
SOURCES, TARGETS = (
    ["abca", "b", "cab", "acbb", "cc", "bca"] * 3,
    ["acba", "b", "bac", "bbca", "cc", "acb"] * 3,
)
LEARNED = Network(encoder="attention", hidden_size=4, positions="learned")


def frame(length: int = 60) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=length, freq="D")
    return pd.DataFrame({"unique_id": "a", "ds": days, "y": 9 + np.sin(np.arange(length) * 2 * np.pi / 7)})


def forecaster(network: Network, **settings) -> Seq2SeqForecaster:
    usual = {"context_length": 14, "segment_length": 2, "training": STEPS, "seed": 0}
    return Seq2SeqForecaster(4, network=network, **usual | settings)


def translator(network: Network, **settings) -> Seq2SeqTranslator:
    usual = {"tokenizer": "char", "training": STEPS, "seed": 0}
    return Seq2SeqTranslator(network=network, **usual | settings)


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("it was trained")

    for module in (tsseq2seq.forecasting.fitting, tsseq2seq.translation.fitting):
        monkeypatch.setattr(module, "train_members", refuse)


# --- learned positions ---


def test_learned_positions_are_resolved_from_the_longest_input():
    assert forecaster(LEARNED).fit(frame()).network_.num_positions == 7
    assert translator(LEARNED).fit(SOURCES, TARGETS).network_.num_positions == 4


def test_fewer_positions_than_the_context_has_are_refused_before_training(no_training):
    short = dataclasses.replace(LEARNED, num_positions=3)
    with pytest.raises(
        ParameterError, match=r"num_positions is 3 but context_length is 14 \(7 segments of 2\)"
    ):
        forecaster(short).fit(frame())
    with pytest.raises(ParameterError, match=r"num_positions is 3 but sources\[0\] has 4 tokens"):
        translator(short).fit(SOURCES, TARGETS)


def test_longer_sources_than_those_of_training_are_refused_by_their_number():
    model = translator(LEARNED).fit(SOURCES, TARGETS)
    longer = ["abca", "abcabca"]
    with pytest.raises(
        DataError, match=r"sources\[1\] has 7 tokens, but the network learned positions for 4"
    ):
        model.predict(longer)
    with pytest.raises(DataError, match=r"sources\[1\] has 7 tokens"):
        model.score_pairs(longer, ["a", "b"])
    cut = translator(LEARNED, truncation=Truncation(4)).fit(SOURCES, TARGETS)
    with pytest.warns(DataWarning):
        assert len(cut.predict(longer)) == 2


def test_sinusoids_go_on():
    model = translator(Network(encoder="attention", hidden_size=4)).fit(SOURCES, TARGETS)
    assert len(model.predict(["abca" * 20])) == 1


# --- what a convolution does not see ---


def test_a_context_of_which_the_decoder_would_get_little_is_said():
    network = Network(encoder="convolutional", hidden_size=4)
    with pytest.warns(TrainingWarning, match=r"context_length is 14 .* depends on 3 of"):
        forecaster(network).fit(frame())
    with pytest.warns(TrainingWarning, match=r"sources\[0\] has 4 tokens, .* depends on 3 of"):
        translator(network).fit(SOURCES, TARGETS)


# --- what a translator would ignore ---


@pytest.mark.parametrize(
    "settings", [{"residual": "value"}, {"residual_seasons": 3}, {"residual_weights": "learned"}]
)
def test_a_translator_refuses_settings_of_a_base(settings, no_training):
    name, value = next(iter(settings.items()))
    with pytest.raises(ParameterError, match=f"Seq2SeqTranslator: network has {name}={value!r}"):
        translator(Network(hidden_size=4, **settings)).fit(SOURCES, TARGETS)


def test_a_translator_refuses_tokens_without_an_embedding(no_training):
    with pytest.raises(ParameterError, match="network has embedding_size=0"):
        translator(Network(hidden_size=4, embedding_size=0)).fit(SOURCES, TARGETS)


def test_a_translator_takes_a_network_without_a_residual():
    translator(Network(hidden_size=4, residual=None)).fit(SOURCES, TARGETS)


# --- warm starts ---


@pytest.mark.parametrize("encoder", ["convolutional", "attention", "convolutional+recurrent"])
def test_a_warm_start_refuses_another_encoder(encoder):
    model = forecaster(Network(hidden_size=4)).fit(frame())
    model.set_params(network__encoder=encoder)
    with pytest.raises(
        ParameterError, match=rf"warm_start: .*encoder='{encoder.replace('+', '.')}'.*'recurrent'"
    ):
        model.fit(frame(), warm_start=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"network__kernel_size": 5},
        {"network__causal": True},
        {"network__context": "max"},
        {"network__output_reads": "context"},
        {"network__initial_state": "learned", "network__feed_context": True},
    ],
    ids=str,
)
def test_a_warm_start_refuses_other_parts(changes):
    model = forecaster(Network(encoder="convolutional", hidden_size=4, num_layers=3)).fit(frame())
    model.set_params(**changes)
    with pytest.raises(
        ParameterError, match=f"warm_start: .*{next(iter(changes)).removeprefix('network__')}"
    ):
        model.fit(frame(), warm_start=True)


def test_a_warm_start_goes_on_with_learned_positions_and_either_name_of_the_first_state():
    model = forecaster(LEARNED).fit(frame())
    model.set_params(network__initial_state="encoder")
    model.fit(frame(70), warm_start=True)
    assert model.network_.num_positions == 7


# --- what was saved before ---


@pytest.mark.parametrize("initial_state", [True, False])
def test_a_model_saved_before_there_were_these_settings_loads_and_forecasts_the_same(initial_state, tmp_path):
    network = Network(hidden_size=4, initial_state=initial_state, feed_context=True)
    model = forecaster(network).fit(frame())
    model.save(tmp_path / "model")
    path = tmp_path / "model" / "model.json"
    content = json.loads(path.read_text())
    later = {
        "kernel_size", "causal", "convolution_layers", "encoder_heads", "feedforward_size", "positions",
        "num_positions", "reversed_source", "output_reads", "attention_alignment", "attention_window",
    }  # fmt: skip
    removed = forget(content, later)
    assert removed == 2 * len(later)  # as asked for, and as resolved
    del content["sha256"]["model"]  # the change is meant
    path.write_text(json.dumps(content))
    loaded = load(tmp_path / "model")
    assert loaded.network.initial_state is initial_state
    pd.testing.assert_frame_equal(loaded.predict(), model.predict(), check_exact=True)


def forget(content, names) -> int:
    """Remove the settings of these names wherever they stand, and count them."""
    if isinstance(content, list):
        return sum(forget(item, names) for item in content)
    if not isinstance(content, dict):
        return 0
    found = [name for name in names if name in content]
    for name in found:
        del content[name]
    return len(found) + sum(forget(item, names) for item in content.values())


# --- half precision, and searches ---


@pytest.mark.parametrize("encoder", ["convolutional", "attention", "convolutional+recurrent"])
@pytest.mark.parametrize("attention", ["additive", "multihead"])
def test_training_in_half_precision_stays_finite(encoder, attention):
    network = Network(
        encoder=encoder,
        hidden_size=8,
        attention=attention,
        attention_alignment="predicted",
        context="attention",
        output_reads="previous+context",
    )
    half = dataclasses.replace(STEPS, precision="bf16")
    forecast = forecaster(network, training=half).fit(frame()).predict()
    assert np.isfinite(forecast["Seq2Seq"]).all()
    model = translator(network, training=half).fit(SOURCES, TARGETS)
    assert np.isfinite(model.history_["loss"]).all()


def test_a_search_offers_both_directions_only_where_the_encoder_has_them():
    for encoder, offered in (("recurrent", True), ("convolutional+recurrent", True), ("attention", False)):
        model = translator(Network(encoder=encoder, hidden_size=16))
        space = model.tuning_problem(SOURCES, TARGETS).default_space()
        assert ("network__bidirectional" in space) == offered


@pytest.mark.parametrize(
    ("settings", "name", "left"),
    [
        ({"attention": "dot", "attention_position": "before"}, "network__attention", ["dot", "additive"]),
        ({"attention": "dot", "attention_alignment": "monotonic"}, "network__attention", ["dot", "additive"]),
        ({"initial_state": "learned", "attention": "dot"}, "network__attention", ["dot", "additive"]),
        ({}, "network__attention", [None, "dot", "additive"]),
        ({"output_reads": "previous"}, "network__decoding", None),
        ({"output_reads": "context"}, "network__decoding", ["autoregressive", "parallel"]),
    ],
)
def test_a_search_offers_no_value_that_the_network_would_refuse(settings, name, left):
    space = forecaster(Network(hidden_size=8, **settings)).tuning_problem(frame()).default_space()
    assert space.get(name) == left


@pytest.mark.parametrize(("reversed_source", "offered"), [(False, True), (True, False)])
def test_a_search_of_a_reversed_encoder_has_one_direction(reversed_source, offered):
    model = translator(Network(hidden_size=16, reversed_source=reversed_source))
    space = model.tuning_problem(SOURCES, TARGETS).default_space()
    assert ("network__bidirectional" in space) == offered
