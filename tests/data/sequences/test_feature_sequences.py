"""Feature sequences held against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.data.sequences.feature_sequences import FeatureSequences
from tsseq2seq.data.text.token_batches import bucketed_batches
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences


def arrays(lengths: tuple[int, ...] = (3, 0, 5, 1), width: int = 2) -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    return [generator.normal(size=(length, width)).astype(np.float32) for length in lengths]


def test_padding_equals_a_loop_over_the_rows() -> None:
    given = arrays()
    index = torch.tensor([2, 1, 0])
    values, lengths = FeatureSequences.of(given).pad(index)
    assert lengths.tolist() == [5, 0, 3]
    for row, number in enumerate(index.tolist()):
        expected = np.zeros((5, 2), np.float32)
        expected[: len(given[number])] = given[number]
        assert (values[row].numpy() == expected).all()


def test_a_subset_holds_the_sequences_in_the_order_asked_for() -> None:
    given = arrays()
    subset = FeatureSequences.of(given).subset(torch.tensor([3, 2, 3]))
    assert len(subset) == 3
    for row, number in enumerate((3, 2, 3)):
        assert (subset[row].numpy() == given[number]).all()


def test_only_empty_sequences_are_padded_to_one_step() -> None:
    values, lengths = FeatureSequences.of(arrays((0, 0))).pad(torch.tensor([0, 1]))
    assert values.shape == (2, 1, 2)
    assert lengths.tolist() == [0, 0]


def test_a_sequence_outside_is_refused() -> None:
    sequences = FeatureSequences.of(arrays())
    assert len(sequences[-1]) == 1
    with pytest.raises(IndexError):
        sequences[4]


def test_front_padding_is_refused() -> None:
    with pytest.raises(ValueError, match="front"):
        FeatureSequences.of(arrays()).pad(torch.tensor([0]), "front")


def test_features_are_sources_of_pairs_and_of_bucketed_batches() -> None:
    pairs = TokenPairs(
        FeatureSequences.of(arrays((3, 2, 5, 1))), TokenSequences.of([[5], [6, 7], [5], [8]], end=2)
    )
    batch = pairs.batch(torch.tensor([1, 2]))
    assert batch.source.shape == (2, 5, 2)
    assert batch.source_mask.sum(1).tolist() == [2, 5]
    numbers = torch.cat(list(bucketed_batches(pairs, tokens=12, generator=None, shuffle=False)))
    assert sorted(numbers.tolist()) == [0, 1, 2, 3]
    assert pairs.sources.steps == 11
