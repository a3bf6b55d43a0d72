"""General scores against loops."""

from __future__ import annotations

import itertools

import pytest
import torch

from tsseq2seq.nn.attention import GeneralAttention

ROWS, QUERIES, PLACES, QUERY, VALUE = 2, 4, 6, 3, 5


@pytest.mark.parametrize("coverage", [False, True])
def test_scores_equal_the_papers_formula(coverage):
    attention = GeneralAttention(query_size=QUERY, value_size=VALUE, coverage=coverage).double()
    query = torch.randn(ROWS, QUERIES, QUERY, dtype=torch.float64)
    values = torch.randn(ROWS, PLACES, VALUE, dtype=torch.float64)
    covered = torch.rand(ROWS, QUERIES, PLACES, dtype=torch.float64)
    scores = attention.score(query, attention.project(values), *[covered] * coverage)
    # the map, read as a matrix: with coverage it has one column more
    matrix = attention.key.weight.detach().numpy()
    column = attention.cover.weight.detach().numpy()[0] if coverage else 0
    for row, q, place in itertools.product(range(ROWS), range(QUERIES), range(PLACES)):
        key = matrix @ values[row, place].numpy() + column * covered[row, q, place].item()
        expected = query[row, q].numpy() @ key
        assert scores[row, q, place].item() == pytest.approx(expected, rel=1e-12, abs=1e-13)


def test_equal_widths_are_mapped_too():
    attention = GeneralAttention(query_size=3, value_size=3)
    assert {name: tuple(p.shape) for name, p in attention.named_parameters()} == {"key.weight": (3, 3)}
