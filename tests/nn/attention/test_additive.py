"""Additive scores against loops, and in chunks against all at once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.nn.attention import additive, energies

ROWS, QUERIES, PLACES, QUERY, VALUE, WIDTH = 2, 5, 4, 3, 6, 7
SCORES_OF_ONE_QUERY = ROWS * PLACES * WIDTH
#: Queries a chunk: one (twice), two with a rest, four with a rest.
CHUNKS = [1, SCORES_OF_ONE_QUERY, 2 * SCORES_OF_ONE_QUERY, 5 * SCORES_OF_ONE_QUERY - 1]


def build():
    attention = additive.AdditiveAttention(query_size=QUERY, value_size=VALUE, attention_size=WIDTH)
    query = torch.randn(ROWS, QUERIES, QUERY, dtype=torch.float64, requires_grad=True)
    values = torch.randn(ROWS, PLACES, VALUE, dtype=torch.float64, requires_grad=True)
    return attention.double(), query, values


def test_scores_equal_the_papers_formula():
    attention, query, values = build()
    scores = attention.score(query, attention.project(values)).detach().numpy()
    w, b = attention.query.weight.detach().numpy(), attention.query.bias.detach().numpy()
    u, v = attention.key.weight.detach().numpy(), attention.energy.weight.detach().numpy()[0]
    for row in range(ROWS):
        for q in range(QUERIES):
            for place in range(PLACES):
                state, annotation = query[row, q].detach().numpy(), values[row, place].detach().numpy()
                expected = v @ np.tanh(w @ state + b + u @ annotation)
                assert scores[row, q, place] == pytest.approx(expected, rel=1e-12, abs=1e-14)


def gradients(attention, query, values):
    scores = attention.score(query, attention.project(values))
    return scores, torch.autograd.grad(scores.sin().sum(), [query, values, *attention.parameters()])


@pytest.mark.parametrize("chunk", CHUNKS)
def test_chunks_change_neither_values_nor_gradients(monkeypatch, chunk):
    parts = build()
    whole, whole_gradients = gradients(*parts)
    monkeypatch.setattr(energies, "_CHUNK", chunk)
    chunked, chunked_gradients = gradients(*parts)
    torch.testing.assert_close(chunked, whole, rtol=1e-13, atol=1e-15)
    for ours, expected in zip(chunked_gradients, whole_gradients, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("chunk", CHUNKS)
def test_chunks_without_gradients(monkeypatch, chunk):
    attention, query, values = build()
    whole = attention.score(query, attention.project(values))
    monkeypatch.setattr(energies, "_CHUNK", chunk)
    with torch.no_grad():
        chunked = attention.score(query, attention.project(values))
    torch.testing.assert_close(chunked, whole.detach(), rtol=1e-13, atol=1e-15)
    assert not chunked.requires_grad


def test_chunks_keep_no_activations_for_the_backward_pass(monkeypatch):
    attention, query, values = build()

    def largest_kept():
        sizes = [0]

        def note(tensor):
            sizes.append(tensor.numel())
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            attention.score(query, attention.project(values))
        return max(sizes)

    assert largest_kept() == QUERIES * SCORES_OF_ONE_QUERY
    monkeypatch.setattr(energies, "_CHUNK", 2 * SCORES_OF_ONE_QUERY)
    assert largest_kept() < 2 * SCORES_OF_ONE_QUERY


def test_chunks_under_bf16_autocast(monkeypatch):
    attention, query, values = build()
    attention, query, values = attention.float(), query.detach().float(), values.detach().float()
    exact = attention.score(query, attention.project(values))
    monkeypatch.setattr(energies, "_CHUNK", 1)
    with torch.autocast("cpu", torch.bfloat16):
        scores = attention.score(query, attention.project(values))
    torch.testing.assert_close(scores.float(), exact, rtol=0, atol=0.05)
    scores.float().square().sum().backward()
    assert all(p.grad.isfinite().all() for p in attention.parameters())
