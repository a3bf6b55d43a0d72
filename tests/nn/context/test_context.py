"""The context vector against loops over rows and steps."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from tsseq2seq.nn.context import CONTEXTS
from tsseq2seq.nn.encoders import RecurrentEncoder, length_mask

LENGTHS = torch.tensor([4, 2, 1])


def encode(bidirectional=False, layers=2, lengths=LENGTHS):
    encoder = RecurrentEncoder(
        "lstm", input_size=2, hidden_size=3, num_layers=layers, bidirectional=bidirectional
    ).double()
    return encoder(torch.randn(len(lengths), 4, 2, dtype=torch.float64), lengths)


def build(kind, encoded, context_size=None):
    return CONTEXTS[kind](value_size=encoded.states.shape[-1], context_size=context_size).double()


def close(ours, expected):
    torch.testing.assert_close(ours, expected, rtol=1e-12, atol=1e-12)


def test_last_is_the_top_state_at_each_rows_last_valid_step():
    encoded = encode()
    expected = torch.stack([encoded.states[row, length - 1] for row, length in enumerate(LENGTHS.tolist())])
    close(build("last", encoded)(encoded), expected)


def test_last_of_two_directions_is_where_each_of_them_ends():
    encoded = encode(bidirectional=True)
    ends = [
        torch.cat([encoded.states[row, length - 1, :3], encoded.states[row, 0, 3:]])
        for row, length in enumerate(LENGTHS.tolist())
    ]
    close(build("last", encoded)(encoded), torch.stack(ends))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_mean_is_over_valid_steps_only(bidirectional):
    encoded = encode(bidirectional)
    expected = [
        sum(encoded.states[row, step] for step in range(length)) / length
        for row, length in enumerate(LENGTHS.tolist())
    ]
    close(build("mean", encoded)(encoded), torch.stack(expected))


@pytest.mark.parametrize("kind", ["last", "mean", "max", "attention"])
def test_without_a_mask_all_steps_are_valid(kind):
    encoded = encode(lengths=torch.full((3,), 4))
    assert encoded.mask.all()
    bare = dataclasses.replace(encoded, mask=None)
    context = build(kind, encoded)
    close(context(bare), context(encoded))


def test_mean_reads_the_mask_and_not_the_zeros_behind_it():
    encoded = encode()
    mask = length_mask(LENGTHS, 4)
    dirty = dataclasses.replace(encoded, states=encoded.states.masked_fill(~mask[:, :, None], 1e9))
    context = build("mean", encoded)
    assert torch.equal(context(dirty), context(encoded))


@pytest.mark.parametrize("kind", ["last", "mean", "max", "attention"])
def test_an_empty_row_gives_zeros(kind):
    encoded = encode(lengths=torch.tensor([0, 3]))
    context = build(kind, encoded)(encoded)
    assert not context[0].any()
    assert context[1].all()


@pytest.mark.parametrize("kind", ["last", "mean", "max", "attention"])
def test_the_projection_is_a_linear_layer(kind):
    encoded = encode()
    projected = build(kind, encoded, context_size=5)
    plain = build(kind, encoded)(encoded)
    close(projected(encoded), plain @ projected.projection.weight.T + projected.projection.bias)
    assert projected.output_size == 5
    assert build(kind, encoded).output_size == 3
    assert [name for name, _ in build(kind, encoded).named_parameters()] == ["query"] * (kind == "attention")
