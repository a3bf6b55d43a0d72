"""Concat scores against loops that really concatenate."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from tsseq2seq.nn.attention import AdditiveAttention, ConcatAttention

ROWS, QUERIES, PLACES, QUERY, VALUE, WIDTH = 2, 5, 4, 3, 6, 7


@pytest.mark.parametrize("coverage", [False, True])
def test_scores_equal_the_papers_formula(coverage):
    attention = ConcatAttention(
        query_size=QUERY, value_size=VALUE, attention_size=WIDTH, coverage=coverage
    ).double()
    query = torch.randn(ROWS, QUERIES, QUERY, dtype=torch.float64)
    values = torch.randn(ROWS, PLACES, VALUE, dtype=torch.float64)
    covered = torch.rand(ROWS, QUERIES, PLACES, dtype=torch.float64)
    scores = attention.score(query, attention.project(values), *[covered] * coverage)
    w, v = (layer.weight.detach().numpy() for layer in (attention.hidden, attention.energy))
    for row, q, place in itertools.product(range(ROWS), range(QUERIES), range(PLACES)):
        read = [query[row, q].numpy(), values[row, place].numpy()]
        read += [covered[row, q, place : place + 1].numpy()] * coverage
        expected = v[0] @ np.tanh(w @ np.concatenate(read))
        assert scores[row, q, place].item() == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_it_is_additive_attention_without_a_bias():
    concat = ConcatAttention(query_size=QUERY, value_size=VALUE, attention_size=WIDTH)
    additive = AdditiveAttention(query_size=QUERY, value_size=VALUE, attention_size=WIDTH)
    with torch.no_grad():
        additive.query.weight.copy_(concat.hidden.weight[:, :QUERY])
        additive.query.bias.zero_()
        additive.key.weight.copy_(concat.hidden.weight[:, QUERY:])
        additive.energy.weight.copy_(concat.energy.weight)
    query, values = torch.randn(ROWS, QUERIES, QUERY), torch.randn(ROWS, PLACES, VALUE)
    torch.testing.assert_close(
        concat.score(query, concat.project(values)), additive.score(query, additive.project(values))
    )


def test_one_layer_without_a_bias_and_one_vector():
    shapes = {
        name: tuple(parameter.shape)
        for name, parameter in ConcatAttention(
            query_size=QUERY, value_size=VALUE, attention_size=WIDTH
        ).named_parameters()
    }
    assert shapes == {"hidden.weight": (WIDTH, QUERY + VALUE), "energy.weight": (1, WIDTH)}
