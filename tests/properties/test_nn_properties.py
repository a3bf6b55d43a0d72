"""What holds for any numbers, masks and lengths."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tsseq2seq.errors import TsSeq2SeqError
from tsseq2seq.nn.attention import build_attention, masked_softmax
from tsseq2seq.nn.encoders import ENCODERS, ReversedEncoder
from tsseq2seq.nn.encoders.recurrent import RecurrentEncoder, reverse_valid
from tsseq2seq.nn.losses import masked_mean, quantile
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Quantiles
from tsseq2seq.nn.residuals import build_residual
from tsseq2seq.nn.segments import last_segments, to_segments
from tsseq2seq.settings import check_number

few = settings(max_examples=50)
CELLS = ["lstm", "gru", "rnn"]


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Networks this small gain nothing from a second thread, and wait long for it on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def reals(shape, largest=1e30, width=32):
    limit = float(np.float32(largest)) if width == 32 else largest
    elements = st.floats(-limit, limit, width=width)
    dtype = np.float32 if width == 32 else np.float64
    return arrays.arrays(dtype, shape, elements=elements).map(torch.from_numpy)


def booleans(shape):
    return arrays.arrays(np.bool_, shape).map(torch.from_numpy)


level_lists = st.sets(st.floats(0.001, 0.999), max_size=6).map(lambda levels: sorted({*levels, 0.5}))


# --- attention ---


@given(scores=reals((2, 3, 4)), mask=booleans((2, 3, 4)))
def test_attention_weights_are_a_distribution_over_the_valid_places(scores, mask):
    scores.requires_grad_()
    weights = masked_softmax(scores, mask)
    assert (weights >= 0).all()
    assert not weights[~mask].any()
    torch.testing.assert_close(weights.sum(-1), mask.any(-1).float())
    (gradient,) = torch.autograd.grad(weights.square().sum(), scores)
    assert gradient.isfinite().all()
    assert not gradient[~mask].any()


@given(scores=reals((2, 3, 4), 50, 64), shift=st.floats(-100, 100), mask=booleans((2, 1, 4)))
def test_attention_weights_do_not_change_with_a_shift_of_all_scores(scores, shift, mask):
    torch.testing.assert_close(masked_softmax(scores + shift, mask), masked_softmax(scores, mask))


@few
@given(
    name=st.sampled_from(["additive", "dot"]),
    values=reals((2, 4, 3), 5, 64),
    query=reals((2, 2, 5), 5, 64),
    mask=booleans((2, 1, 4)),
    order=st.permutations(range(4)),
)
def test_attention_does_not_care_for_the_order_of_the_memory(name, values, query, mask, order):
    torch.manual_seed(0)
    attention = build_attention(name, query_size=5, value_size=3).double()
    context, weights = attention(query, attention.project(values), values, mask)
    values, mask = values[:, order], mask[:, :, order]
    again, reordered = attention(query, attention.project(values), values, mask)
    torch.testing.assert_close(again, context, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(reordered, weights[:, :, order], rtol=1e-9, atol=1e-9)


# --- the encoder ---


@few
@given(
    network=st.sampled_from(
        [
            Network(encoder="convolutional"),
            Network(encoder="convolutional", causal=True, kernel_size=2),
            Network(encoder="attention"),
            Network(encoder="attention", causal=True),
            Network(encoder="attention", positions="learned", num_positions=5),
            Network(encoder="convolutional+recurrent", bidirectional=True),
            Network(encoder="convolutional+recurrent", reversed_source=True),
        ]
    ),
    layers=st.integers(1, 3),
    lengths=st.lists(st.integers(0, 5), min_size=1, max_size=5),
    poison=st.floats(width=32),
    data=st.data(),
)
def test_no_encoder_knows_a_rows_batch_nor_its_padding(network, layers, lengths, poison, data):
    """Whatever the padding holds: neither the states nor any gradient hears of it."""
    torch.manual_seed(0)
    network = dataclasses.replace(network, hidden_size=4, num_layers=layers)
    encoder_class = ReversedEncoder if network.reversed_source else ENCODERS[network.encoder]
    encoder = encoder_class.from_settings(network, input_size=2)
    inputs = torch.randn(len(lengths), 5, 2)
    for row, length in enumerate(lengths):
        inputs[row, length:] = poison
    batched = encoder(inputs.requires_grad_(), torch.tensor(lengths))
    row = data.draw(st.integers(0, len(lengths) - 1))
    length = lengths[row]
    if length:
        alone = encoder(inputs[row : row + 1, :length])
        torch.testing.assert_close(batched.states[row, :length], alone.states[0], rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(batched.last[row], alone.last[0], rtol=1e-4, atol=1e-5)
    assert not batched.states[row, length:].any()
    if not any(lengths):  # a recurrence has read nothing
        return
    batched.states.square().sum().backward()
    assert not inputs.grad[row, length:].any()
    assert all(parameter.grad.isfinite().all() for parameter in encoder.parameters())


@few
@given(
    cell=st.sampled_from(CELLS),
    layers=st.integers(1, 2),
    bidirectional=st.booleans(),
    lengths=st.lists(st.integers(0, 5), min_size=1, max_size=5),
    poison=st.floats(-1e9, 1e9),
    data=st.data(),
)
def test_a_row_does_not_know_its_batch_nor_its_padding(cell, layers, bidirectional, lengths, poison, data):
    torch.manual_seed(0)
    encoder = RecurrentEncoder(
        cell, input_size=2, hidden_size=3, num_layers=layers, bidirectional=bidirectional
    ).double()
    inputs = torch.randn(len(lengths), 5, 2, dtype=torch.float64)
    for row, length in enumerate(lengths):
        inputs[row, length:] = poison
    batched = encoder(inputs, torch.tensor(lengths))
    row = data.draw(st.integers(0, len(lengths) - 1))
    length = lengths[row]
    finals = [batched.final.hidden, batched.final.cell]
    assert not batched.states[row, length:].any()
    if not length:
        assert not any(leaf[row].any() for leaf in finals if leaf is not None)
        return
    alone = encoder(inputs[row : row + 1, :length])
    torch.testing.assert_close(batched.states[row, :length], alone.states[0], rtol=1e-11, atol=1e-12)
    for ours, expected in zip(finals, [alone.final.hidden, alone.final.cell], strict=True):
        if expected is not None:
            torch.testing.assert_close(ours[row], expected[0], rtol=1e-11, atol=1e-12)


@given(values=reals((3, 5, 2)), lengths=st.lists(st.integers(0, 5), min_size=3, max_size=3))
def test_reversing_twice_changes_nothing(values, lengths):
    lengths = torch.tensor(lengths)
    once = reverse_valid(values, lengths)
    assert torch.equal(reverse_valid(once, lengths), values)
    assert torch.equal(reverse_valid(reverse_valid(values, None), None), values)
    assert torch.equal(once.sort(dim=1).values, values.sort(dim=1).values)


# --- quantiles and losses ---


@given(levels=level_lists, data=st.data())
def test_quantiles_never_cross_for_any_finite_numbers(levels, data):
    largest = float(np.finfo(np.float32).max)
    raw = data.draw(reals((3, len(levels)), largest))
    base = data.draw(st.none() | reals((3,), 1e30))
    parameters = Quantiles(levels).parameters(raw, base)
    assert not parameters.isnan().any()
    assert (parameters[:, 1:] >= parameters[:, :-1]).all()
    middle = raw[:, levels.index(0.5)]
    assert torch.equal(Quantiles(levels).point(parameters), middle if base is None else middle + base)


@given(levels=level_lists, data=st.data())
def test_gradients_of_quantiles_are_finite(levels, data):
    raw = data.draw(reals((3, len(levels)), 1e4)).requires_grad_()
    output = Quantiles(levels)
    output.elementwise_loss(output.parameters(raw, None), torch.zeros(3)).sum().backward()
    assert raw.grad.isfinite().all()


@given(levels=st.lists(st.floats() | st.floats(0, 1) | st.just(0.5) | st.integers(-2, 2), max_size=4))
def test_levels_are_good_or_refused(levels):
    good = (
        all(0 < level < 1 for level in levels)
        and all(low < high for low, high in itertools.pairwise(levels))
        and 0.5 in levels
    )
    try:
        accepted = Quantiles(levels).levels is levels
    except TsSeq2SeqError:
        accepted = False
    assert accepted == good


@given(forecast=reals((4, 3), 1e6, 64), truth=reals((4,), 1e6, 64), levels=reals((3,), 1, 64))
def test_the_quantile_loss_is_the_definition(forecast, truth, levels):
    levels = levels.abs()
    losses = quantile(forecast, truth, levels)
    assert (losses >= 0).all()
    for row, place in itertools.product(range(4), range(3)):
        error, level = (truth[row] - forecast[row, place]).item(), levels[place].item()
        expected = 2 * (level * error if error >= 0 else (level - 1) * error)
        assert losses[row, place].item() == pytest.approx(expected, rel=1e-12, abs=1e-300)


@given(values=reals((3, 4), 1e6), mask=booleans((3, 4)))
def test_the_masked_mean_is_the_mean_of_what_is_left(values, mask):
    left = values[mask].double()
    expected = left.mean().item() if len(left) else 0.0
    tolerance = 1e-5 * max(1.0, left.abs().max().item() if len(left) else 0.0)
    assert masked_mean(values, mask).item() == pytest.approx(expected, abs=tolerance)


# --- segments and residuals ---


@given(length=st.integers(1, 4), count=st.integers(1, 4), features=st.integers(1, 3), data=st.data())
def test_segments_hold_every_value_and_mask_once(length, count, features, data):
    shape = (2, length * count, features)
    values, mask = data.draw(reals(shape)), data.draw(booleans(shape))
    segments = to_segments(values, mask, length)
    half = length * features
    assert torch.equal(segments[..., :half].reshape(shape), values)
    assert torch.equal(segments[..., half:].reshape(shape).bool(), mask)


@given(lengths=st.lists(st.integers(0, 5), min_size=2, max_size=2), count=st.integers(1, 8))
def test_the_last_segments_of_a_row_are_those_of_the_row_alone(lengths, count):
    segments = torch.arange(1.0, 21.0).reshape(2, 5, 2)
    taken = last_segments(segments, torch.tensor(lengths), count)
    for row, length in enumerate(lengths):
        alone = (
            last_segments(segments[row : row + 1, :length], None, count)
            if length
            else torch.zeros(1, count, 2)
        )
        assert torch.equal(taken[row : row + 1], alone)


@given(
    name=st.sampled_from(["season", "segment", "value"]),
    lag=st.integers(1, 5),
    length=st.integers(1, 3),
    seasons=st.integers(1, 3),
    steps=st.integers(1, 7),
    split=st.integers(0, 7),
)
def test_residual_bases_do_not_depend_on_where_a_run_is_cut(name, lag, length, seasons, steps, split):
    residual = build_residual(name, lag=lag, length=length, targets=1, seasons=seasons)
    shape = (2, residual.reach + steps, length)
    segments = torch.cat([torch.randn(shape), (torch.rand(shape) < 0.7).float()], dim=-1)
    values = residual.values(segments)
    history, previous = values[:, None, : residual.reach - 1], values[:, residual.reach - 1 : -1]
    split = min(split, steps)
    whole, after = residual.run(previous, history)
    head, middle = residual.run(previous[:, :split], history)
    tail, after_both = residual.run(previous[:, split:], middle)
    assert torch.equal(torch.cat([head, tail], dim=1), whole)
    assert torch.equal(after_both, after)


# --- settings ---


@given(value=st.floats(), low=st.floats(-10, 10), span=st.floats(0, 10), low_open=st.booleans())
def test_a_number_is_accepted_exactly_in_its_range(value, low, span, low_open):
    high = low + span
    inside = not math.isnan(value) and (low < value if low_open else low <= value) and value <= high
    message = None
    try:
        check_number("Owner", "size", value, low=low, high=high, low_open=low_open)
    except TsSeq2SeqError as refusal:
        message = str(refusal)
    assert (message is None) == inside
    assert inside or f"size is {value!r}" in message
