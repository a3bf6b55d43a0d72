"""Scaled dot-product attention against torch's."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from tsseq2seq.nn.attention import DotAttention, ScaledAttention

MASK = torch.tensor([[True, True, False, True], [True, False, False, False]])[:, None]


@pytest.mark.parametrize(("query_size", "value_size"), [(3, 3), (3, 5)])
def test_context_equals_torchs(query_size, value_size):
    attention = ScaledAttention(query_size=query_size, value_size=value_size).double()
    query = torch.randn(2, 6, query_size, dtype=torch.float64)
    values = torch.randn(2, 4, value_size, dtype=torch.float64)
    keys = attention.project(values)
    context, weights = attention(query, keys, values, MASK)
    expected = functional.scaled_dot_product_attention(query, keys, values, attn_mask=MASK)
    torch.testing.assert_close(context, expected, rtol=1e-12, atol=1e-14)
    identity = torch.eye(4, dtype=torch.float64).expand(2, 4, 4)
    expected = functional.scaled_dot_product_attention(query, keys, identity, attn_mask=MASK)
    torch.testing.assert_close(weights, expected, rtol=1e-12, atol=1e-14)


def test_it_is_dot_attention_over_the_root_of_the_width():
    query, values = torch.randn(2, 6, 16), torch.randn(2, 4, 16)
    scores = [
        kind(query_size=16, value_size=16).score(query, values) for kind in (ScaledAttention, DotAttention)
    ]
    torch.testing.assert_close(4 * scores[0], scores[1])


def test_equal_widths_have_no_parameters():
    assert not list(ScaledAttention(query_size=3, value_size=3).parameters())
    names = [name for name, _ in ScaledAttention(query_size=3, value_size=5).named_parameters()]
    assert names == ["key.weight"]
