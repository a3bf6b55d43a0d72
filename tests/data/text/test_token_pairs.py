"""Sequences in one tensor, against lists."""

from __future__ import annotations

import dataclasses

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given

from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.vocabulary import EOS, PAD
from tsseq2seq.errors import DataError, ParameterError

LISTS = st.lists(st.lists(st.integers(4, 99), max_size=6), min_size=1, max_size=6)


def padded(rows: list[list[int]], padding: str) -> list[list[int]]:
    """Fill rows up one by one."""
    width = max([1, *(len(row) for row in rows)])
    fills = [[PAD] * (width - len(row)) for row in rows]
    if padding == "front":
        return [fill + row for row, fill in zip(rows, fills, strict=True)]
    return [row + fill for row, fill in zip(rows, fills, strict=True)]


@pytest.mark.parametrize("padding", ["back", "front"])
@given(lists=LISTS, data=st.data())
def test_padding_equals_a_loop(padding: str, lists: list[list[int]], data: st.DataObject) -> None:
    index = data.draw(st.lists(st.integers(0, len(lists) - 1), min_size=1, max_size=8))
    sequences = TokenSequences.of(lists)
    tokens, lengths = sequences.pad(torch.tensor(index), padding)
    assert tokens.tolist() == padded([lists[number] for number in index], padding)
    assert lengths.tolist() == [len(lists[number]) for number in index]
    assert tokens.dtype == lengths.dtype == torch.int64


@given(lists=LISTS, data=st.data())
def test_a_subset_holds_the_chosen_sequences(lists: list[list[int]], data: st.DataObject) -> None:
    index = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=8))
    subset = TokenSequences.of(lists).subset(torch.tensor(index, dtype=torch.int64))
    assert [subset[number] for number in range(len(subset))] == [lists[number] for number in index]
    assert len(subset.tokens) == int(subset.offsets[-1])


@given(lists=LISTS)
def test_sequences_lie_one_after_the_other(lists: list[list[int]]) -> None:
    sequences = TokenSequences.of(lists)
    assert sequences.tokens.tolist() == [number for numbers in lists for number in numbers]
    assert sequences.lengths.tolist() == [len(numbers) for numbers in lists]
    assert len(sequences) == len(lists)
    ended = TokenSequences.of(lists, end=EOS)
    assert [ended[number] for number in range(len(ended))] == [[*numbers, EOS] for numbers in lists]


def test_one_sequence_by_its_number() -> None:
    sequences = TokenSequences.of([[4, 5], [], [6]])
    assert sequences[-1] == [6]
    assert sequences[1] == []
    for index in (3, -4):
        with pytest.raises(IndexError, match=f"sequence {index} of 3"):
            sequences[index]


def test_only_empty_sequences_give_one_column_of_padding() -> None:
    tokens, lengths = TokenSequences.of([[], []]).pad(torch.tensor([1, 0]))
    assert tokens.tolist() == [[PAD], [PAD]]
    assert lengths.tolist() == [0, 0]


def test_no_sequence_at_all() -> None:
    sequences = TokenSequences.of([])
    assert len(sequences) == 0
    tokens, lengths = sequences.pad(torch.empty(0, dtype=torch.int64))
    assert tokens.shape == (0, 1)
    assert lengths.shape == (0,)


def test_an_unknown_side_is_refused() -> None:
    with pytest.raises(ParameterError, match="padding is 'left'; it must be one of 'back', 'front'"):
        TokenSequences.of([[4]]).pad(torch.tensor([0]), "left")


@pytest.mark.parametrize("padding", ["back", "front"])
@given(lists=LISTS, data=st.data())
def test_a_batch_of_pairs(padding: str, lists: list[list[int]], data: st.DataObject) -> None:
    index = data.draw(st.lists(st.integers(0, len(lists) - 1), min_size=1, max_size=5))
    backwards = [numbers[::-1] for numbers in lists]
    pairs = TokenPairs(TokenSequences.of(lists), TokenSequences.of(backwards, end=EOS))
    batch = pairs.batch(torch.tensor(index), padding)
    assert batch.source.tolist() == padded([lists[number] for number in index], padding)
    assert batch.target.tolist() == padded([[*backwards[number], EOS] for number in index], padding)
    # padding is the one number that is never a token here
    assert torch.equal(batch.source_mask, batch.source != PAD)
    assert torch.equal(batch.target_mask, batch.target != PAD)
    assert torch.equal(batch.target_mask.sum(1), batch.target_lengths)
    assert len(pairs) == len(lists)


def test_a_subset_of_pairs() -> None:
    sequences = TokenSequences.of([[4], [5, 6], [7]])
    chosen = TokenPairs(sequences, sequences).subset(torch.tensor([2, 0]))
    assert [chosen.sources[0], chosen.targets[1]] == [[7], [4]]


def test_sources_without_targets_are_refused() -> None:
    with pytest.raises(DataError, match="there are 2 sources and 1 targets"):
        TokenPairs(TokenSequences.of([[4], [5]]), TokenSequences.of([[4]]))


def test_tensors_move_to_a_device() -> None:
    pairs = TokenPairs(TokenSequences.of([[4]]), TokenSequences.of([[5, EOS]]))
    moved = pairs.to(torch.device("meta"))
    for sequences in (moved.sources, moved.targets):
        assert all(getattr(sequences, field.name).is_meta for field in dataclasses.fields(sequences))


@pytest.mark.gpu
def test_batches_on_a_gpu_equal_those_on_the_cpu() -> None:
    sequences = TokenSequences.of([[4, 5, 6], [7], []])
    pairs = TokenPairs(sequences, sequences)
    index = torch.tensor([2, 0, 1])
    here, there = pairs.batch(index), pairs.to(torch.device("cuda")).batch(index)
    assert there.source.is_cuda
    assert torch.equal(there.source.cpu(), here.source)
    assert torch.equal(there.target_lengths.cpu(), here.target_lengths)
