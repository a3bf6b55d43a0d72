"""Streams of random numbers: the distributions of scipy, and nothing of the rows beside."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tsseq2seq.nn.outputs.random_streams import RandomStreams, mixed

KEYS = torch.arange(40)
SHAPE = (40, 50, 10)


def streams(keys: torch.Tensor = KEYS, **options: int) -> RandomStreams:
    return RandomStreams(keys, **options)


def test_the_hash_is_that_of_splitmix64() -> None:
    """Steele et al.'s generator, in Python's integers: the golden ratio is added, then the hash taken."""
    mask = 2**64 - 1
    state, expected = 1234567, []
    for _ in range(5):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        expected.append(z ^ (z >> 31))
    assert expected[0] == 6457827717110365317, "as published"
    states = [(1234567 + n * 0x9E3779B97F4A7C15) & mask for n in range(1, 6)]
    signed = torch.tensor([value - 2**64 if value >= 2**63 else value for value in states])
    assert [value % 2**64 for value in mixed(signed).tolist()] == expected


def test_uniform_and_normal_numbers() -> None:
    own = streams()
    share, noise = own.uniform(SHAPE).flatten().numpy(), own.normal(SHAPE).flatten().numpy()
    assert stats.kstest(share, "uniform").pvalue > 1e-3
    assert stats.kstest(noise, "norm").pvalue > 1e-3
    for numbers in (share, noise):
        assert abs(np.corrcoef(numbers[1:], numbers[:-1])[0, 1]) < 0.03
    assert abs(np.corrcoef(share, noise)[0, 1]) < 0.03


@pytest.mark.parametrize("shape", [0.05, 0.6, 1.0, 1.7, 30.0, 1e5])
def test_gamma_numbers(shape: float) -> None:
    drawn = streams().gamma(torch.full(SHAPE, shape, dtype=torch.float64)).flatten().numpy()
    assert stats.kstest(drawn, "gamma", args=(shape,)).pvalue > 1e-3


@pytest.mark.parametrize("rate", [0.0, 0.02, 1.0, 9.9, 10.1, 80.0, 1e5])
def test_poisson_numbers(rate: float) -> None:
    drawn = streams().poisson(torch.full(SHAPE, rate, dtype=torch.float64)).flatten().numpy()
    low, high = stats.poisson.ppf([0.01, 0.99], rate)
    edges = np.unique(np.linspace(low, max(high, low), 15).round())
    edges = np.concatenate([[-1], edges, [np.inf]])
    expected = np.diff(stats.poisson.cdf(edges, rate)) * len(drawn)
    found = np.diff([(drawn <= edge).sum() for edge in edges])
    counted = expected > 5
    assert (found[expected == 0] == 0).all()
    if counted.sum() > 1:
        total = found[counted].sum() / expected[counted].sum()
        assert stats.chisquare(found[counted], expected[counted] * total).pvalue > 1e-3


@given(
    keys=st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=5, unique=True),
    place=st.integers(0, 4),
    first=st.integers(0, 3),
    mean=st.floats(0.01, 60),
)
def test_a_stream_is_the_same_alone_and_whatever_the_others_draw(
    keys: list[int], place: int, first: int, mean: float
) -> None:
    place %= len(keys)
    generator = torch.Generator().manual_seed(place)

    def drawn(own: RandomStreams, parameter: torch.Tensor) -> list[torch.Tensor]:
        return [own.gamma(parameter), own.poisson(parameter), own.normal(parameter.shape)]

    others = torch.rand((len(keys), 4, 3), generator=generator, dtype=torch.float64) * 50 + 0.01
    others[place] = mean
    together = drawn(streams(torch.tensor(keys)), others)
    alone = drawn(streams(torch.tensor(keys[place : place + 1])), others[place : place + 1])
    later = drawn(streams(torch.tensor(keys), first_path=first), others[:, first:])
    for all_rows, one_row, paths in zip(together, alone, later, strict=True):
        # torch's vectorised functions may round the last bit otherwise than those for a remainder
        rounding = {"rtol": 4 * torch.finfo(all_rows.dtype).eps, "atol": 0.0}
        torch.testing.assert_close(all_rows[place], one_row[0], **rounding)
        torch.testing.assert_close(all_rows[place, first:], paths[place], **rounding)  # paths are numbered


def test_generators_are_the_rows_own() -> None:
    def drawn(keys: list[int]) -> list[float]:
        own = streams(torch.tensor(keys))
        return [torch.rand((), generator=generator).item() for generator in own.generators()]

    assert drawn([3, 4, 5])[1:] == drawn([4, 5])
    own = streams(torch.tensor([3]))
    once, again = (next(iter(own.generators())).initial_seed() for _ in range(2))
    assert once != again
