"""Additive scores against loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from tsseq2seq.nn.attention import AdditiveAttention

ROWS, QUERIES, PLACES, QUERY, VALUE, WIDTH = 2, 5, 4, 3, 6, 7


@pytest.mark.parametrize("coverage", [False, True])
def test_scores_equal_the_papers_formula(coverage):
    attention = AdditiveAttention(
        query_size=QUERY, value_size=VALUE, attention_size=WIDTH, coverage=coverage
    ).double()
    query = torch.randn(ROWS, QUERIES, QUERY, dtype=torch.float64)
    values = torch.randn(ROWS, PLACES, VALUE, dtype=torch.float64)
    covered = torch.rand(ROWS, QUERIES, PLACES, dtype=torch.float64) * 3
    given = [covered] if coverage else []
    scores = attention.score(query, attention.project(values), *given).detach().numpy()
    w, b = attention.query.weight.detach().numpy(), attention.query.bias.detach().numpy()
    u, v = attention.key.weight.detach().numpy(), attention.energy.weight.detach().numpy()[0]
    c = attention.cover.weight.detach().numpy()[:, 0] if coverage else np.zeros(WIDTH)
    for row, q, place in itertools.product(range(ROWS), range(QUERIES), range(PLACES)):
        state, annotation = query[row, q].numpy(), values[row, place].numpy()
        hidden = w @ state + b + u @ annotation + covered[row, q, place].item() * c
        assert scores[row, q, place] == pytest.approx(v @ np.tanh(hidden), rel=1e-12, abs=1e-14)


def test_coverage_is_one_vector_more():
    names = [
        {name: parameter.shape for name, parameter in AdditiveAttention(
            query_size=QUERY, value_size=VALUE, attention_size=WIDTH, coverage=coverage
        ).named_parameters()}
        for coverage in (False, True)
    ]  # fmt: skip
    assert names[1] == {**names[0], "cover.weight": torch.Size([WIDTH, 1])}
