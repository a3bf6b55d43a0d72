"""Local attention against loops in numpy over rows, steps and places."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from tsseq2seq.nn.attention import (
    ALIGNMENTS,
    Alignment,
    Attention,
    MonotonicAlignment,
    PredictedAlignment,
    build_attention,
)
from tsseq2seq.nn.network import Network
from tsseq2seq.translation.network import TokenShape, build_translator

ROWS, STEPS, PLACES, WIDTH, VALUE = 3, 4, 6, 3, 5
LENGTHS = [6, 3, 0]
MASK = (torch.arange(PLACES) < torch.tensor(LENGTHS)[:, None])[:, None]
SCORES = ["additive", "dot", "general", "concat", "scaled", "multihead"]


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def centre_of(alignment, query, length):
    """The place that a query looks at: length · σ(v · tanh(W query))."""
    hidden = np.tanh(alignment.hidden.weight.detach().numpy() @ query)
    energy = float(alignment.centre.weight.detach().numpy()[0] @ hidden)
    return length / (1 + math.exp(-energy))


@pytest.mark.parametrize("window", [1, 2, 10])
@pytest.mark.parametrize("masked", [False, True])
def test_monotonic_places_are_those_near_the_step(window, masked):
    alignment = MonotonicAlignment(query_size=WIDTH, window=window)
    mask = MASK if masked else None
    steps = torch.arange(STEPS)
    together, bias = alignment(normal(ROWS, STEPS, WIDTH), steps, mask, PLACES)
    assert bias is None
    for row, t, place in itertools.product(range(ROWS), range(STEPS), range(PLACES)):
        valid = place < LENGTHS[row] or not masked
        assert bool(together[row, t, place]) == (valid and t - window <= place <= t + window)
    for t in range(STEPS):
        alone, _ = alignment(normal(ROWS, 1, WIDTH), t, mask, PLACES)
        assert torch.equal(alone, together[:, t : t + 1])


@pytest.mark.parametrize("window", [1, 2, 10])
@pytest.mark.parametrize("masked", [False, True])
def test_predicted_places_and_their_bias_equal_loops(window, masked):
    alignment = PredictedAlignment(query_size=WIDTH, window=window).double()
    torch.nn.init.normal_(alignment.centre.weight, std=3)
    query = normal(ROWS, STEPS, WIDTH)
    mask, bias = alignment(query, 0, MASK if masked else None, PLACES)
    for row, t, place in itertools.product(range(ROWS), range(STEPS), range(PLACES)):
        length = LENGTHS[row] if masked else PLACES
        distance = place - centre_of(alignment, query[row, t].numpy(), length)
        valid = place < LENGTHS[row] or not masked
        assert bool(mask[row, t, place]) == (valid and abs(distance) <= window)
        deviation = window / 2
        assert bias[row, t, place].item() == pytest.approx(-(distance**2) / (2 * deviation**2))


@pytest.mark.parametrize("name", SCORES)
def test_weights_are_those_of_the_paper_made_to_add_up_to_1(name):
    """Softmax within the window, times the Gaussian around the predicted place."""
    attention = build_attention(name, query_size=WIDTH, value_size=VALUE, attention_size=4, heads=1).double()
    alignment = PredictedAlignment(query_size=WIDTH, window=2).double()
    query, values = normal(ROWS, STEPS, WIDTH), normal(ROWS, PLACES, VALUE)
    keys, values = attention.read(values, MASK[:, 0])
    mask, bias = alignment(query, 0, MASK, PLACES)
    context, weights = attention(query, keys, values, mask, bias=bias)
    _, within = attention(query, keys, values, mask)
    for row, t in itertools.product(range(ROWS), range(STEPS)):
        length = LENGTHS[row]
        centre = centre_of(alignment, query[row, t].numpy(), length)
        gaussian = [math.exp(-((place - centre) ** 2) / 2) for place in range(PLACES)]
        expected = within[row, t].detach().numpy() * np.array(gaussian)
        total = expected.sum()
        np.testing.assert_allclose(
            weights[row, t].detach().numpy(), expected / total if total else expected, atol=1e-12
        )
        assert not weights[row, t, length:].any()
    assert not context[2].any()


@pytest.mark.parametrize("alignment", ["monotonic", "predicted"])
@pytest.mark.parametrize("name", SCORES)
def test_where_nothing_may_be_seen_the_context_is_0_with_finite_gradients(alignment, name):
    attention = build_attention(name, query_size=WIDTH, value_size=VALUE, attention_size=4).double()
    window = ALIGNMENTS[alignment](query_size=WIDTH, window=1).double()
    query = normal(ROWS, 1, WIDTH).requires_grad_()
    keys, values = attention.read(normal(ROWS, PLACES, VALUE), MASK[:, 0])
    mask, bias = window(query, 5, MASK, PLACES)
    context, weights = attention(query, keys, values, mask, **({} if bias is None else {"bias": bias}))
    empty = ~mask.any(-1).expand(-1, 1)
    assert empty[2]  # a row without a place
    assert alignment == "predicted" or empty[1]  # step 5 lies beyond the third place
    assert not weights[empty].any()
    assert not context[empty].any()
    context.square().sum().backward()
    assert query.grad.isfinite().all()


def test_the_predicted_place_is_learned():
    """Its weights get gradients through the Gaussian, which the window alone would not give them."""
    network = Network(hidden_size=6, attention="dot", attention_alignment="predicted", residual=None)
    model = build_translator(network, TokenShape(20, 20)).double()
    state, memory = model.start(model.encode(torch.randint(3, 20, (2, 5)), torch.tensor([5, 4])))
    model.run(torch.randint(3, 20, (2, 3)), state, memory)[0].sin().sum().backward()
    for parameter in model.decoder.alignment.parameters():
        assert parameter.grad.any()


def test_a_network_without_an_alignment_has_no_module_for_one():
    names = {name for name, _ in build_translator(
        Network(hidden_size=6, attention="dot", residual=None), TokenShape(20, 20)
    ).named_modules()}  # fmt: skip
    assert not any("alignment" in name or "readout" in name or "learned" in name for name in names)


def test_bf16_autocast_on_a_cpu():
    alignment = PredictedAlignment(query_size=WIDTH, window=2)
    query = torch.randn(ROWS, STEPS, WIDTH)
    _, exact = alignment(query, 0, MASK, PLACES)
    with torch.autocast("cpu", torch.bfloat16):
        _, bias = alignment(query, 0, MASK, PLACES)
    assert bias.dtype == torch.float32
    torch.testing.assert_close(bias, exact, rtol=0.1, atol=0.1)


def test_an_alignment_and_an_attention_of_ones_own(registries):
    class EveryThird(Alignment, name="every third"):
        def forward(self, query, t, mask, places):
            near = (torch.arange(places) % 3 == 0).expand(len(query), 1, -1)
            return near if mask is None else mask & near, None

    class First(Attention, name="first"):
        def __init__(self, *, query_size, value_size):
            super().__init__()

        def project(self, values):
            return values

        def forward(self, query, keys, values, mask, coverage=None):
            weights = torch.zeros(len(query), query.shape[1], keys.shape[1], dtype=values.dtype)
            weights = weights + (mask.to(values.dtype) if mask is not None else 1.0)
            weights = weights / weights.sum(-1, keepdim=True)
            return torch.bmm(weights, values), weights

    network = Network(hidden_size=6, attention="first", attention_alignment="every third", residual=None)
    model = build_translator(network, TokenShape(20, 20))
    state, memory = model.start(model.encode(torch.randint(3, 20, (2, 5)), torch.tensor([5, 4])))
    _, _, weights = model.run(torch.randint(3, 20, (2, 3)), state, memory)
    assert weights[0, 0].tolist() == [0.5, 0, 0, 0.5, 0]


@pytest.fixture
def registries():
    from tsseq2seq.nn.attention import ATTENTIONS

    before = dict(ATTENTIONS._parts), dict(ALIGNMENTS._parts)
    yield
    ATTENTIONS._parts, ALIGNMENTS._parts = before
