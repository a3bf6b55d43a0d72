"""Attention with a learned query, against loops in Python."""

from __future__ import annotations

import math

import torch

from tsseq2seq.nn.context import AttendedState, MeanState
from tsseq2seq.nn.encoders import Encoded, length_mask

LENGTHS = torch.tensor([5, 2, 0])


def encoded(dtype=torch.float64):
    return Encoded.of(torch.randn(3, 5, 4, dtype=dtype), length_mask(LENGTHS, 5))


def test_it_equals_a_softmax_over_the_valid_steps_by_loops():
    context, found = AttendedState(value_size=4).double(), encoded()
    torch.nn.init.normal_(context.query, std=3)
    ours = context(found)
    query = context.query.tolist()
    for row, length in enumerate(LENGTHS.tolist()):
        states = found.states[row, :length].tolist()
        powers = [math.exp(sum(q * x for q, x in zip(query, state, strict=True)) / 2) for state in states]
        for unit in range(4):
            mean = sum(p * state[unit] for p, state in zip(powers, states, strict=True))
            expected = mean / sum(powers) if powers else 0.0
            assert abs(ours[row, unit].item() - expected) < 1e-12


def test_it_begins_as_the_mean_and_its_query_learns():
    context, found = AttendedState(value_size=4).double(), encoded()
    torch.testing.assert_close(context(found), MeanState(value_size=4)(found))
    context(found).sin().sum().backward()
    assert context.query.grad.all()


def test_the_projection_reads_the_mean():
    context, found = AttendedState(value_size=4, context_size=2).double(), encoded()
    plain = AttendedState(value_size=4).double()(found)
    expected = plain @ context.projection.weight.T + context.projection.bias
    torch.testing.assert_close(context(found), expected)


def test_bf16_autocast_on_a_cpu():
    context, found = AttendedState(value_size=4), encoded(torch.float32)
    torch.nn.init.normal_(context.query)
    with torch.autocast("cpu", torch.bfloat16):
        half = context(found)
    torch.testing.assert_close(half.float(), context(found), rtol=0, atol=0.03)
