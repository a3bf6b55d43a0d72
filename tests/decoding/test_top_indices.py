"""The indices of the largest numbers, against a full sort."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.decoding import top_indices as module
from tsseq2seq.decoding.top_indices import top_indices


@pytest.mark.parametrize("width", [1, 5, 128, 4095, 4096, 4097, 4223, 50_000])
@pytest.mark.parametrize("count", [1, 2, 5, 31, 64])
def test_top_indices_are_those_of_a_sort(width: int, count: int) -> None:
    if count > width:
        pytest.skip("there are not so many")
    values = torch.from_numpy(
        np.random.default_rng(width).permuted(np.tile(np.arange(width, dtype=np.float32), (3, 1)), axis=1)
    )
    found = top_indices(values, count)
    assert torch.equal(found, values.argsort(dim=1, descending=True)[:, :count])


@pytest.mark.parametrize("alive", [0, 1, 3])
def test_few_finite_numbers_come_first(alive: int) -> None:
    values = torch.full((2, 9000), -torch.inf)
    values[:, 7000 : 7000 + alive] = torch.arange(alive, dtype=torch.float32)
    found = top_indices(values, 4)
    assert found[:, :alive].tolist() == [list(range(7000 + alive - 1, 6999, -1))] * 2
    assert all(len(set(row)) == 4 for row in found.tolist())


def test_indices_of_equal_numbers_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MANY", 10)
    monkeypatch.setattr(module, "_CHUNK", 3)
    found = top_indices(torch.zeros(1, 40), 7)
    assert len(set(found[0].tolist())) == 7
    assert top_indices(torch.zeros(1, 40), 1).tolist() == [[0]]
