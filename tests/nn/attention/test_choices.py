"""Attention as a network declares it: what is refused, what is built, and that each kind forecasts."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Network, Seq2SeqForecaster, Training, load
from tsseq2seq.errors import ParameterError
from tsseq2seq.forecasting.network import SeriesShape, build_forecaster
from tsseq2seq.nn.attention import ATTENTIONS, MultiHeadAttention
from tsseq2seq.nn.outputs import Point

KINDS = list(ATTENTIONS)
each_kind = pytest.mark.parametrize("kind", KINDS)
#: Attention, position, input feeding, coverage: all that may stand together.
FORMS = [
    form
    for form in itertools.product(KINDS, ["after", "before"], [False, True], [False, True])
    if not form[3] or form[0] in ("additive", "general", "concat")
]


def refusal(**settings):
    with pytest.raises(ParameterError) as caught:
        Network(**settings)
    return str(caught.value)


@pytest.mark.parametrize("kind", [None, "dot", "general", "scaled"])
def test_a_width_where_there_is_none_is_refused(kind):
    message = refusal(attention=kind, attention_size=8)
    assert f"attention_size is 8 but attention is {kind!r}" in message
    assert all(repr(name) in message for name in ("additive", "concat", "multihead"))


@pytest.mark.parametrize("kind", [None, *(kind for kind in KINDS if kind != "multihead")])
def test_heads_where_there_are_none_are_refused(kind):
    message = refusal(attention=kind, attention_heads=2)
    assert f"attention_heads is 2 but attention is {kind!r}" in message


@pytest.mark.parametrize(
    ("sizes", "named"),
    [
        ({"hidden_size": 10}, "hidden_size is 10"),
        ({"hidden_size": 8, "decoder_hidden_size": 9}, "decoder_hidden_size is 9"),
        ({"hidden_size": 8, "attention_size": 6}, "attention_size is 6"),
    ],
)
def test_heads_that_do_not_divide_the_width_are_refused(sizes, named):
    assert named in refusal(attention="multihead", attention_heads=4, **sizes)


@pytest.mark.parametrize(
    "sizes", [{}, {"hidden_size": 8}, {"hidden_size": 9, "decoder_hidden_size": 8}, {"hidden_size": 9, "attention_size": 4}]
)  # fmt: skip
def test_heads_that_divide_the_width(sizes):
    assert Network(attention="multihead", attention_heads=4, **sizes).attention_heads == 4


def test_input_feeding_without_attention_names_every_kind():
    assert ", ".join(map(repr, KINDS)) in refusal(input_feeding=True)


def test_heads_and_width_reach_the_module():
    network = Network(hidden_size=4, attention="multihead", attention_heads=3, attention_size=6)
    attention = build_forecaster(network, Point(), SeriesShape(segment_length=2, steps=2)).decoder.attention
    assert isinstance(attention, MultiHeadAttention)
    assert attention.heads == 3
    assert attention.query.out_features == 6


@pytest.mark.parametrize(("kind", "position", "feeding", "coverage"), FORMS)
def test_every_form_decodes_and_learns(kind, position, feeding, coverage):
    network = Network(
        hidden_size=4,
        bidirectional=True,
        attention=kind,
        attention_position=position,
        input_feeding=feeding,
        attention_coverage=coverage,
        residual=None,
    )
    model = build_forecaster(network, Point(), SeriesShape(segment_length=2, steps=3)).double()
    assert model.fused == (position == "after" and not feeding and not coverage and kind != "location")
    state, memory = model.start(model.encode(torch.randn(3, 5, 4).double(), torch.tensor([5, 2, 1])))
    previous = torch.randn(3, 3, 4).double()
    outputs, all_weights, now = [], [], state
    for t in range(3):
        output, now, weights = model.step(previous[:, t : t + 1], t, now, memory)
        outputs.append(output)
        all_weights.append(weights)
    stacked = torch.cat(outputs, 1)
    torch.testing.assert_close(torch.cat(all_weights, 1).sum(-1), torch.ones(3, 3).double())
    if model.fused:
        fused, _, fused_weights = model.run(previous, state, memory)
        torch.testing.assert_close(fused, stacked, rtol=1e-10, atol=1e-12, check_dtype=False)
        torch.testing.assert_close(fused_weights, torch.cat(all_weights, 1), rtol=1e-10, atol=1e-12)
    stacked.square().sum().backward()
    for name, parameter in model.decoder.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


@pytest.mark.parametrize("coverage", [False, True])
@each_kind
def test_a_forecaster_fits_predicts_saves_and_loads(kind, coverage, tmp_path):
    if coverage and kind in ("dot", "scaled", "multihead", "location"):
        coverage = False
        position = "before"
    else:
        position = "after"
    t = np.arange(72)
    df = pd.DataFrame(
        {"ds": pd.date_range("2000-01-31", periods=72, freq="ME"), "y": 10 + t / 9 + np.sin(t * np.pi / 6)}
    )
    network = Network(hidden_size=4, attention=kind, attention_position=position, attention_coverage=coverage)
    model = Seq2SeqForecaster(
        horizon=6,
        context_length=12,
        segment_length=3,
        network=network,
        training=Training(max_steps=3, teacher_forcing=1.0),
        seed=0,
    ).fit(df)
    forecast = model.predict()
    assert len(forecast) == 6
    assert np.isfinite(forecast["Seq2Seq"]).all()
    weights = model.attention(df)
    np.testing.assert_allclose(weights.groupby("step")["weight"].sum(), 1, rtol=1e-5)
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.network == network
    pd.testing.assert_frame_equal(again.predict(), forecast)
