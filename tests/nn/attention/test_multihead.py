"""Multi-head attention against torch's with the same weights, and against loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.attention import MultiHeadAttention

ROWS, QUERIES, PLACES = 2, 5, 4
MASK = torch.tensor([[True, True, False, True], [True, False, False, False]])[:, None]


def build(query_size, value_size, attention_size, heads):
    attention = MultiHeadAttention(
        query_size=query_size, value_size=value_size, attention_size=attention_size, heads=heads
    ).double()
    query = torch.randn(ROWS, QUERIES, query_size, dtype=torch.float64)
    return attention, query, torch.randn(ROWS, PLACES, value_size, dtype=torch.float64)


def torchs(attention, width):
    theirs = nn.MultiheadAttention(width, attention.heads, batch_first=True).double()
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([attention.query.weight, attention.key_value.weight]))
        theirs.in_proj_bias.zero_()
        theirs.in_proj_bias[:width] = attention.query.bias
        theirs.out_proj.weight.copy_(attention.output.weight)
        theirs.out_proj.bias.zero_()
    return theirs


@pytest.mark.parametrize("heads", [1, 2, 3, 6])
def test_it_equals_torchs_with_the_same_weights(heads):
    attention, query, values = build(6, 6, 6, heads)
    context, weights = attention(query, attention.project(values), values, MASK)
    expected = torchs(attention, 6)(query, values, values, key_padding_mask=~MASK[:, 0])
    torch.testing.assert_close(context, expected[0], rtol=1e-11, atol=1e-13)
    torch.testing.assert_close(weights, expected[1], rtol=1e-11, atol=1e-13)


def test_gradients_equal_torchs():
    attention, query, values = build(6, 6, 6, 2)
    query.requires_grad_()
    values.requires_grad_()
    theirs = torchs(attention, 6)
    context, weights = attention(query, attention.project(values), values, MASK)
    ours = torch.autograd.grad(
        context.sin().sum() + weights.square().sum(), [query, values, attention.output.weight]
    )
    context, weights = theirs(query, values, values, key_padding_mask=~MASK[:, 0])
    expected = torch.autograd.grad(
        context.sin().sum() + weights.square().sum(), [query, values, theirs.out_proj.weight]
    )
    for gradient, other in zip(ours, expected, strict=True):
        torch.testing.assert_close(gradient, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("query_size", "value_size", "attention_size"), [(3, 5, 8), (6, 4, 4)])
def test_it_equals_a_loop_over_heads(query_size, value_size, attention_size):
    heads = 2
    attention, query, values = build(query_size, value_size, attention_size, heads)
    context, weights = attention(query, attention.project(values), values, MASK)
    width = attention_size // heads
    w_query, b_query = attention.query.weight.detach().numpy(), attention.query.bias.detach().numpy()
    w_key, w_value = np.split(attention.key_value.weight.detach().numpy(), 2)
    for row, q in itertools.product(range(ROWS), range(QUERIES)):
        found, seen = [], []
        there = MASK[row, 0].numpy()
        memory = values[row].numpy()
        for head in range(heads):
            own = slice(head * width, (head + 1) * width)
            state = w_query[own] @ query[row, q].numpy() + b_query[own]
            scores = np.array([state @ (w_key[own] @ value) for value in memory]) / np.sqrt(width)
            powers = np.where(there, np.exp(scores), 0)
            seen.append(powers / powers.sum())
            found.append(
                sum(weight * (w_value[own] @ value) for weight, value in zip(seen[-1], memory, strict=True))
            )
        expected = attention.output.weight.detach().numpy() @ np.concatenate(found)
        np.testing.assert_allclose(context[row, q].detach().numpy(), expected, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(weights[row, q].detach().numpy(), np.mean(seen, 0), rtol=1e-11, atol=1e-13)


def test_heads_are_views_of_the_memory(monkeypatch):
    attention, query, values = build(6, 6, 6, 3)
    keys, starts = attention.project(values), []
    whole = torch.bmm
    monkeypatch.setattr(
        torch, "bmm", lambda a, b: starts.append(b.untyped_storage().data_ptr()) or whole(a, b)
    )
    attention(query, keys, values, MASK)
    assert starts == [keys.untyped_storage().data_ptr()] * 6


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(ParameterError, match=r"heads is 4.*6"):
        MultiHeadAttention(query_size=6, value_size=6, attention_size=6, heads=4)
