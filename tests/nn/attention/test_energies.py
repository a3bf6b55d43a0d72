"""Energies in chunks: the same numbers and gradients as all at once, in little memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tsseq2seq.nn.attention import AdditiveAttention, energies

ROWS, QUERIES, PLACES, WIDTH = 3, 5, 4, 7
ONE_QUERY = PLACES * WIDTH
#: One query of one row; two queries and a rest; a whole row; two rows and a rest; all.
CHUNKS = [1, 2 * ONE_QUERY, 5 * ONE_QUERY, 11 * ONE_QUERY, 100 * ONE_QUERY]
each_chunk = pytest.mark.parametrize("chunk", CHUNKS)
each_coverage = pytest.mark.parametrize("coverage", [False, True])


class Largest(TorchDispatchMode):
    """Notes the size of the largest tensor that any operation gives."""

    numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for part in result if isinstance(result, list | tuple) else [result]:
            if isinstance(part, torch.Tensor):
                self.numbers = max(self.numbers, part.untyped_storage().nbytes() // part.element_size())
        return result


def parts(coverage, dtype=torch.float64):
    shapes = [(ROWS, QUERIES, WIDTH), (ROWS, PLACES, WIDTH), (WIDTH,)]
    shapes += [(ROWS, QUERIES, PLACES), (WIDTH,)] if coverage else []
    return [torch.randn(*shape, dtype=dtype, requires_grad=True) for shape in shapes]


def in_chunks(monkeypatch, chunk):
    monkeypatch.setattr(energies, "_CHUNK", {"cpu": chunk})
    monkeypatch.setattr(energies, "_KEPT", 0)


def scores_and_gradients(given):
    scores = energies.tanh_energies(*given)
    return [scores, *torch.autograd.grad(scores.sin().sum(), given)]


@each_coverage
def test_energies_equal_numpys(coverage):
    given = parts(coverage)
    query, keys, energy, *cover = (part.detach().numpy() for part in given)
    hidden = query[:, :, None] + keys[:, None]
    if coverage:
        hidden = hidden + cover[0][..., None] * cover[1]
    np.testing.assert_allclose(
        energies.tanh_energies(*given).detach().numpy(), np.tanh(hidden) @ energy, rtol=1e-12, atol=1e-14
    )


@each_coverage
@each_chunk
def test_chunks_change_neither_values_nor_gradients(monkeypatch, chunk, coverage):
    given = parts(coverage)
    whole = scores_and_gradients(given)
    in_chunks(monkeypatch, chunk)
    for ours, expected in zip(scores_and_gradients(given), whole, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-12, atol=1e-13)


@each_coverage
@pytest.mark.parametrize("chunk", [None, *CHUNKS[:3]])
def test_gradients_equal_finite_differences(monkeypatch, chunk, coverage):
    if chunk is not None:
        in_chunks(monkeypatch, chunk)
    assert torch.autograd.gradcheck(energies.tanh_energies, parts(coverage))


@each_chunk
def test_chunks_without_gradients(monkeypatch, chunk):
    given = parts(True)
    whole = energies.tanh_energies(*given).detach()
    in_chunks(monkeypatch, chunk)
    with torch.no_grad():
        chunked = energies.tanh_energies(*given)
    torch.testing.assert_close(chunked, whole, rtol=1e-13, atol=1e-15)
    assert not chunked.requires_grad


@each_coverage
def test_no_activations_are_kept_or_ever_made_all_at_once(monkeypatch, coverage):
    given = parts(coverage)

    def largest():
        with Largest() as seen:
            energies.tanh_energies(*given).sum().backward()
        return seen.numbers

    assert largest() == ROWS * QUERIES * ONE_QUERY
    in_chunks(monkeypatch, 2 * ONE_QUERY)
    assert largest() <= max(part.numel() for part in given) < ROWS * QUERIES * ONE_QUERY


@pytest.mark.parametrize("training", [False, True])
def test_textbook_sizes_take_megabytes_not_a_gigabyte(training):
    rows, queries, places, width = 64, 100 if not training else 20, 100, 512
    attention = AdditiveAttention(query_size=8, value_size=8, attention_size=width)
    query, values = torch.randn(rows, queries, 8), torch.randn(rows, places, 8)
    mask = torch.ones(rows, 1, places, dtype=torch.bool)
    with torch.set_grad_enabled(training), Largest() as seen:
        context, _ = attention(query, attention.project(values), values, mask)
        if training:
            context.sum().backward()
    # keys and projected queries are the largest: 13 MB each
    assert seen.numbers <= max(places, queries) * rows * width
    assert context.isfinite().all()


def test_bf16_autocast(monkeypatch):
    attention = AdditiveAttention(query_size=3, value_size=6, attention_size=WIDTH, coverage=True)
    query, values = torch.randn(ROWS, QUERIES, 3), torch.randn(ROWS, PLACES, 6)
    covered = torch.rand(ROWS, QUERIES, PLACES)

    def scores_and_gradients():
        attention.zero_grad()
        scores = attention.score(query, attention.project(values), covered)
        scores.float().square().sum().backward()
        return [scores.float(), *(p.grad for p in attention.parameters())]

    exact = scores_and_gradients()
    in_chunks(monkeypatch, 1)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = scores_and_gradients()
    for ours, expected in zip(rounded, exact, strict=True):
        torch.testing.assert_close(ours, expected, rtol=0.05, atol=0.1)


def test_nothing_to_score():
    given = torch.zeros(2, 3, 4), torch.zeros(2, 0, 4), torch.ones(4)
    assert energies.tanh_energies(*given).shape == (2, 3, 0)
