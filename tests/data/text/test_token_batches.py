"""Batches of like length: what must hold for any lengths, and how little is padding."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given

from tsseq2seq.data.text.token_batches import bucketed_batches
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.errors import ParameterError

LENGTHS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), max_size=60)


def pairs_of(lengths) -> TokenPairs:
    sources, targets = ([[4] * int(pair[side]) for pair in lengths] for side in (0, 1))
    return TokenPairs(TokenSequences.of(sources), TokenSequences.of(targets))


def batches_of(pairs: TokenPairs, tokens: int, seed: int | None = 0) -> list[list[int]]:
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    found = bucketed_batches(pairs, tokens=tokens, generator=generator, shuffle=seed is not None)
    return [batch.tolist() for batch in found]


def size_of(pairs: TokenPairs, batch: list[int]) -> int:
    padded = pairs.batch(torch.tensor(batch))
    return padded.source.numel() + padded.target.numel()


@given(lengths=LENGTHS, tokens=st.integers(1, 300), seed=st.none() | st.integers(0, 9))
def test_every_pair_comes_once_and_the_budget_is_kept(
    lengths: list[tuple[int, int]], tokens: int, seed: int | None
) -> None:
    pairs = pairs_of(lengths)
    batches = batches_of(pairs, tokens, seed)
    assert sorted(pair for batch in batches for pair in batch) == list(range(len(pairs)))
    for batch in batches:
        assert batch
        assert size_of(pairs, batch) <= tokens or len(batch) == 1, "only a single pair may exceed it"


@given(lengths=LENGTHS, tokens=st.integers(1, 300), seed=st.none() | st.integers(0, 9))
def test_the_same_generator_gives_the_same_batches(
    lengths: list[tuple[int, int]], tokens: int, seed: int | None
) -> None:
    pairs = pairs_of(lengths)
    assert batches_of(pairs, tokens, seed) == batches_of(pairs, tokens, seed)


def test_batches_and_pairs_of_the_same_lengths_are_shuffled() -> None:
    pairs = pairs_of([(length, length) for length in range(1, 9) for _ in range(50)])
    one, other, sorted_ones = (batches_of(pairs, 100, seed) for seed in (1, 2, None))
    assert one != other
    assert {frozenset(batch) for batch in one} != {frozenset(batch) for batch in other}, "pairs are shuffled"
    widths = [int(pairs.sources.lengths[batch].max()) for batch in one]
    assert widths != sorted(widths), "batches are shuffled"
    assert sorted(widths) == sorted(int(pairs.sources.lengths[batch].max()) for batch in sorted_ones)


def test_an_epoch_after_the_other_differs() -> None:
    pairs = pairs_of([(3, 3)] * 40)
    generator = torch.Generator().manual_seed(0)
    first, second = (
        [batch.tolist() for batch in bucketed_batches(pairs, tokens=60, generator=generator)]
        for _ in range(2)
    )
    assert first != second
    assert [len(batch) for batch in first] == [10] * 4


def test_a_pair_that_is_too_long_is_a_batch_of_its_own() -> None:
    pairs = pairs_of([(2, 2), (50_000, 100_000), (2, 2), (3, 1)])
    batches = batches_of(pairs, 20)
    assert [1] in batches
    assert sorted(pair for batch in batches for pair in batch) == [0, 1, 2, 3]
    assert len(batches) == 2


@pytest.mark.parametrize("noise", [0.0, 0.3], ids=["alike", "loose"])
@pytest.mark.parametrize("tokens", [1500, 4000])
def test_little_is_padding_for_lognormal_lengths(noise: float, tokens: int) -> None:
    rng = np.random.default_rng(0)
    source = rng.lognormal(2.5, 0.6, 29_000)  # as many pairs as Multi30k has
    target = source * np.exp(noise * rng.normal(size=len(source)))
    lengths = np.stack([source, target], axis=1).round().clip(1).astype(int)
    pairs = pairs_of(lengths)
    batches = batches_of(pairs, tokens)
    padded = sum(len(batch) * lengths[batch].max(axis=0).sum() for batch in batches)
    wasted = 1 - lengths.sum() / padded
    # sorted by source alone, as a plain loader does, up to 17% of these is padding
    assert wasted < 0.10
    drawn = rng.permutation(len(pairs))
    count = -(-len(pairs) // len(batches))
    random_batches = [drawn[k : k + count] for k in range(0, len(drawn), count)]
    at_random = sum(len(batch) * lengths[batch].max(axis=0).sum() for batch in random_batches)
    assert wasted < 0.25 * (1 - lengths.sum() / at_random), "random batches of the same number waste far more"


@pytest.mark.parametrize("tokens", [0, -5])
def test_a_budget_without_tokens_is_refused(tokens: int) -> None:
    with pytest.raises(ParameterError, match=f"tokens is {tokens}; it must be an integer, at least 1"):
        bucketed_batches(pairs_of([(1, 1)]), tokens=tokens, generator=None)


def test_no_pairs_give_no_batches() -> None:
    assert batches_of(pairs_of([]), 10) == []
    assert batches_of(pairs_of([]), 10, None) == []
