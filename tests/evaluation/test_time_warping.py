"""Dynamic time warping against all alignments one by one, and what a distance must be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.evaluation.metrics.time_warping import time_warping_distance


def alignments(rows: int, columns: int) -> Iterator[list[tuple[int, int]]]:
    """Every path from the first pair to the last by steps down, right, and both."""
    last = (rows - 1, columns - 1)
    if last == (0, 0):
        yield [last]
        return
    for down, right in ((1, 0), (0, 1), (1, 1)):
        if rows - down >= 1 and columns - right >= 1:
            for path in alignments(rows - down, columns - right):
                yield [*path, last]


def by_enumeration(one: np.ndarray, other: np.ndarray) -> float:
    costs = [
        sum(float(np.mean(np.abs(one[i] - other[j]))) for i, j in path)
        for path in alignments(len(one), len(other))
    ]
    return min(costs) / max(len(one), len(other))


def by_recursion(one: np.ndarray, other: np.ndarray) -> float:
    """The textbook's table, cell by cell."""

    @cache
    def total(i: int, j: int) -> float:
        here = float(np.mean(np.abs(one[i] - other[j])))
        if i == j == 0:
            return here
        before = [total(a, b) for a, b in ((i - 1, j), (i, j - 1), (i - 1, j - 1)) if a >= 0 and b >= 0]
        return here + min(before)

    return total(len(one) - 1, len(other) - 1) / max(len(one), len(other))


def numbers(length: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(length, 2))


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 1000))
def test_no_alignment_is_cheaper(rows: int, columns: int, seed: int) -> None:
    one, other = numbers(rows, seed), numbers(columns, seed + 1)
    assert time_warping_distance(one, other) == pytest.approx(by_enumeration(one, other), rel=1e-12)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 1000))
def test_the_table_of_the_textbook(rows: int, columns: int, seed: int) -> None:
    one, other = numbers(rows, seed), numbers(columns, seed + 1)
    found = time_warping_distance(one, other)
    assert found == pytest.approx(by_recursion(one, other), rel=1e-12)
    assert found == pytest.approx(time_warping_distance(other, one), rel=1e-12)


@given(st.integers(1, 20), st.integers(0, 1000), st.integers(1, 4))
def test_slowness_costs_nothing(length: int, seed: int, times: int) -> None:
    one = numbers(length, seed)
    assert time_warping_distance(one, one.repeat(times, axis=0)) == 0
    assert time_warping_distance(one + 2.0, one) <= 2.0 + 1e-12


def test_single_precision_is_as_good() -> None:
    one, other = numbers(30, 0).astype(np.float32), numbers(20, 1).astype(np.float32)
    assert time_warping_distance(one, other) == pytest.approx(by_recursion(one, other), rel=1e-6)
