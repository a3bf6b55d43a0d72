"""Dot scores against loops."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.nn.attention import DotAttention


@pytest.mark.parametrize(("query_size", "value_size"), [(3, 3), (3, 5)])
def test_scores_are_inner_products(query_size, value_size):
    attention = DotAttention(query_size=query_size, value_size=value_size).double()
    query = torch.randn(2, 4, query_size, dtype=torch.float64)
    values = torch.randn(2, 6, value_size, dtype=torch.float64)
    scores = attention.score(query, attention.project(values))
    for row in range(2):
        for q in range(4):
            for place in range(6):
                key = values[row, place].detach().tolist()
                if query_size != value_size:
                    weight = attention.key.weight.detach().tolist()
                    key = [sum(w * k for w, k in zip(line, key, strict=True)) for line in weight]
                expected = sum(a * b for a, b in zip(query[row, q].tolist(), key, strict=True))
                assert scores[row, q, place].item() == pytest.approx(expected, rel=1e-12, abs=1e-13)


def test_equal_widths_have_no_parameters_and_the_values_are_the_keys():
    attention = DotAttention(query_size=3, value_size=3)
    values = torch.randn(2, 6, 3)
    assert not list(attention.parameters())
    assert attention.project(values) is values


def test_unequal_widths_are_projected_without_a_bias():
    names = [name for name, _ in DotAttention(query_size=3, value_size=5).named_parameters()]
    assert names == ["key.weight"]
