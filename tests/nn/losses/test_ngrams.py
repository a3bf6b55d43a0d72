"""N-grams against the interpolation written out with dictionaries, and their expectations against sums."""

from __future__ import annotations

import math
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.losses.ngrams import NGrams

BEGIN, VOCABULARY = 0, 5
sequences = st.lists(st.lists(st.integers(1, VOCABULARY - 1), min_size=1, max_size=7), min_size=1, max_size=6)


def model_of(texts: list[list[int]], order: int) -> NGrams:
    lengths = torch.tensor([0, *map(len, texts)])
    flat = torch.tensor([token for text in texts for token in text])
    return NGrams(flat, lengths.cumsum(0), order, vocabulary=VOCABULARY, begin=BEGIN)


def by_hand(texts: list[list[int]], order: int, context: tuple[int, ...], token: int) -> float:
    """Witten & Bell's interpolation, straight from its definition."""
    padded = [[BEGIN] * (order - 1) + text for text in texts]
    after = Counter(
        row[t]
        for row in padded
        for t in range(order - 1, len(row))
        if tuple(row[t - len(context) : t]) == context
    )
    lower = 1 / VOCABULARY if not context else by_hand(texts, order, context[1:], token)
    if not after:
        return lower
    return (after[token] + len(after) * lower) / (sum(after.values()) + len(after))


@settings(max_examples=40, deadline=None)
@given(texts=sequences, order=st.integers(1, 4), data=st.data())
def test_probabilities_are_those_of_the_definition(texts: list[list[int]], order: int, data) -> None:
    model = model_of(texts, order)
    context = data.draw(st.lists(st.integers(0, VOCABULARY - 1), min_size=order - 1, max_size=order - 1))
    contexts = torch.tensor([context] * VOCABULARY, dtype=torch.int64).reshape(VOCABULARY, order - 1)
    found = model.log_probability(contexts, torch.arange(VOCABULARY)).exp()
    for token in range(VOCABULARY):
        assert found[token].item() == pytest.approx(by_hand(texts, order, tuple(context), token), rel=1e-9)
    assert found.sum().item() == pytest.approx(1, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(texts=sequences, order=st.integers(1, 4), seed=st.integers(0, 99))
def test_expectations_are_sums_over_the_vocabulary(texts: list[list[int]], order: int, seed: int) -> None:
    model = model_of(texts, order)
    generator = torch.Generator().manual_seed(seed)
    probabilities = torch.randn(6, VOCABULARY, dtype=torch.float64, generator=generator).softmax(-1)
    contexts = torch.randint(VOCABULARY, (6, order - 1), generator=generator)
    found = model.expected(probabilities, contexts)
    for row in range(6):
        repeated = contexts[row].expand(VOCABULARY, -1)
        scores = model.log_probability(repeated, torch.arange(VOCABULARY))
        assert found[row].item() == pytest.approx((probabilities[row] * scores).sum().item(), rel=1e-9)


def test_a_trigram_knows_what_a_bigram_cannot() -> None:
    texts = [[1, 2, 3], [4, 2, 1]] * 20
    third = model_of(texts, 3).log_probability(torch.tensor([[1, 2]]), torch.tensor([3]))
    second = model_of(texts, 2).log_probability(torch.tensor([[2]]), torch.tensor([3]))
    assert third.exp().item() > 0.9
    assert second.exp().item() == pytest.approx(0.5, abs=0.05)


def test_an_order_too_high_for_the_vocabulary_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"order is 8 but the vocabulary has 60000 tokens"):
        NGrams(torch.tensor([1]), torch.tensor([0, 1]), 8, vocabulary=60_000, begin=BEGIN)
    assert math.isfinite(
        float(NGrams(torch.tensor([1]), torch.tensor([0, 1]), 2, vocabulary=9, begin=0).base[1])
    )
