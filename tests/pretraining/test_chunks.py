"""Chunks by number: the same whoever makes them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from tests.pretraining.small import GENERATOR, SETTINGS
from tsseq2seq.pretraining.chunk import Chunk
from tsseq2seq.pretraining.chunks import Chunks, panel_of

CHUNKS = Chunks(SETTINGS, GENERATOR)


def same(left: Chunk, right: Chunk) -> bool:
    return all(torch.equal(getattr(left, name), getattr(right, name)) for name in vars(left))


def test_a_number_determines_the_chunk() -> None:
    assert same(CHUNKS[3], CHUNKS[3])
    assert not same(CHUNKS[3].rows(slice(4)), CHUNKS[4].rows(slice(4)))


@pytest.mark.parametrize("processes", [0, 1])
def test_processes_make_the_same_chunks_in_their_order(processes: int) -> None:
    made = list(itertools.islice(CHUNKS.beginning_at(5, processes=processes), 3))
    assert all(same(chunk, CHUNKS[5 + place]) for place, chunk in enumerate(made))


def test_the_horizon_is_within_its_bounds_and_half_of_the_steps() -> None:
    draws = torch.Generator().manual_seed(0)
    horizons = [CHUNKS._horizon(1000, draws) for _ in range(300)]
    assert min(horizons) >= SETTINGS.shortest_horizon
    assert max(horizons) <= SETTINGS.longest_horizon
    assert len(set(horizons)) > 5
    assert CHUNKS._horizon(6, draws) <= 3


def test_held_back_chunks_are_a_batch_each() -> None:
    held_back = CHUNKS.held_back()
    assert len(held_back) == SETTINGS.held_back
    assert all(len(chunk) <= SETTINGS.batch_size for chunk in held_back)


def test_a_series_begins_at_its_first_value_and_keeps_its_gaps() -> None:
    panel = panel_of(np.array([[np.nan, 1.0, np.nan, 3.0], [np.nan] * 4, [5.0, 6.0, 7.0, 8.0]]))
    assert panel.lengths.tolist() == [3, 4]
    np.testing.assert_allclose(panel.original(0)[:, 0], [1.0, np.nan, 3.0])
    np.testing.assert_allclose(panel.original(1)[:, 0], [5.0, 6.0, 7.0, 8.0])
