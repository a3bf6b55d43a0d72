"""Location attention: against loops in numpy, and what its score depends on."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.attention import LocationAttention
from tsseq2seq.nn.attention.location import _FILTERS, _REACH
from tsseq2seq.nn.network import Network

ROWS, QUERIES, PLACES, QUERY, VALUE, WIDTH = 2, 3, 20, 4, 5, 6


@pytest.fixture
def attention() -> LocationAttention:
    return LocationAttention(query_size=QUERY, value_size=VALUE, attention_size=WIDTH).double()


def inputs() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    double = {"dtype": torch.float64}
    return (
        torch.randn(ROWS, QUERIES, QUERY, **double),
        torch.randn(ROWS, PLACES, VALUE, **double),
        torch.rand(ROWS, QUERIES, PLACES, **double),
    )


def test_the_score_is_that_of_the_paper(attention):
    query, values, coverage = inputs()
    scores = attention.score(query, attention.project(values), coverage).detach().numpy()
    weights = {name: tensor.detach().numpy() for name, tensor in attention.named_parameters()}
    padded = np.pad(coverage.numpy(), ((0, 0), (0, 0), (_REACH, _REACH)))
    for b, q, s in np.ndindex(ROWS, QUERIES, PLACES):
        near = padded[b, q, s : s + 2 * _REACH + 1]
        seen = [weights["filters.weight"][f, 0] @ near for f in range(_FILTERS)]
        hidden = (
            weights["query.weight"] @ query[b, q].numpy()
            + weights["query.bias"]
            + weights["key.weight"] @ values[b, s].numpy()
            + weights["location.weight"] @ seen
        )
        np.testing.assert_allclose(scores[b, q, s], weights["energy.weight"][0] @ np.tanh(hidden), rtol=1e-10)


def test_without_attention_so_far_only_contents_count(attention):
    query, values, _ = inputs()
    none = torch.zeros(ROWS, QUERIES, PLACES, dtype=torch.float64)
    values[:, 7] = values[:, 2]
    _, weights = attention(query, attention.project(values), values, None, none)
    torch.testing.assert_close(weights[..., 7], weights[..., 2])


def test_the_same_surroundings_elsewhere_have_the_same_score(attention):
    """So nothing is learned by heart of how far along the source a place lies."""
    query = torch.randn(1, 1, QUERY, dtype=torch.float64)
    values = torch.randn(1, 60, VALUE, dtype=torch.float64)
    coverage = torch.zeros(1, 1, 60, dtype=torch.float64)
    coverage[..., 15:20] = torch.rand(5)
    there = attention.score(query, attention.project(values), coverage)
    later = attention.score(query, attention.project(values.roll(20, 1)), coverage.roll(20, -1))
    torch.testing.assert_close(later[..., 30:50], there[..., 10:30])


def test_it_cannot_do_without_the_attention_so_far(attention):
    query, values, _ = inputs()
    with pytest.raises(ParameterError, match="coverage is None"):
        attention(query, attention.project(values), values, None)


def test_gradients(attention):
    query, values, coverage = inputs()
    mask = torch.rand(ROWS, 1, PLACES) < 0.7
    tensors = [tensor[:, :2].clone().requires_grad_() for tensor in (query, coverage)]
    values.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda q, v, c: attention(q, attention.project(v), v, mask, c), (tensors[0], values, tensors[1])
    )


def test_a_parallel_decoder_has_no_attention_so_far():
    with pytest.raises(ParameterError, match="attention is 'location' but decoding is 'parallel'"):
        Network(attention="location", decoding="parallel")
