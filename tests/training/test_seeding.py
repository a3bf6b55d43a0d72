"""Random state is borrowed and given back."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from tsseq2seq.training.seeding import own_generator, seeded

CPU = torch.device("cpu")


def test_the_same_seed_gives_the_same_numbers() -> None:
    drawn = []
    for _ in range(2):
        with seeded(7, CPU) as seed:
            assert seed == 7
            drawn.append(torch.rand(5))
        torch.rand(3)  # what the caller draws in between is of no importance
    assert torch.equal(*drawn)


def test_different_seeds_differ() -> None:
    drawn = []
    for seed in (0, 1):
        with seeded(seed, CPU):
            drawn.append(torch.rand(5))
    assert not torch.equal(*drawn)


@pytest.mark.parametrize("seed", [0, 3])
def test_the_callers_states_are_untouched(seed: int) -> None:
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    with seeded(seed, CPU):
        torch.rand(5)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    assert random.getstate() == before[2]


def test_the_state_is_given_back_after_an_error() -> None:
    before = torch.get_rng_state()
    with pytest.raises(KeyError), seeded(0, CPU):
        raise KeyError
    assert torch.equal(torch.get_rng_state(), before)


def test_without_a_seed_every_time_is_different_but_follows_the_caller() -> None:
    used = []
    for _ in range(2):
        torch.manual_seed(11)
        for _ in range(2):
            with seeded(None, CPU) as seed:
                used.append((seed, torch.rand(()).item()))
    assert used[:2] == used[2:]
    assert used[0] != used[1]


def test_blocks_may_be_nested() -> None:
    with seeded(1, CPU):
        expected = torch.rand(2)
    with seeded(1, CPU):
        with seeded(2, CPU):
            torch.rand(9)
        assert torch.equal(torch.rand(2), expected)


def test_without_a_seed_a_generator_follows_the_caller() -> None:
    drawn = []
    for _ in range(2):
        torch.manual_seed(11)
        drawn.append([torch.rand((), generator=own_generator(None, CPU)).item() for _ in range(2)])
    assert drawn[0] == drawn[1]
    assert drawn[0][0] != drawn[0][1]


def test_a_generator_neither_waits_for_another_threads_block_nor_takes_of_its_numbers() -> None:
    with seeded(1, CPU):
        expected = torch.rand(2)
    with seeded(1, CPU), ThreadPoolExecutor(1) as threads:
        found = threads.submit(own_generator, None, CPU).result(timeout=60)
        assert torch.equal(torch.rand(2), expected)
    with seeded(1, CPU):
        following = own_generator(None, CPU)
    assert found.initial_seed() != following.initial_seed()


@pytest.mark.gpu
def test_the_gpus_state_is_given_back_too() -> None:
    device = torch.device("cuda", torch.cuda.current_device())
    before = torch.cuda.get_rng_state(device)
    with seeded(0, device):
        one = torch.rand(3, device=device)
    assert torch.equal(torch.cuda.get_rng_state(device), before)
    with seeded(0, device):
        assert torch.equal(torch.rand(3, device=device), one)
