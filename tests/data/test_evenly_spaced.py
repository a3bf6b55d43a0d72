"""A few of many are all different, ascending, and apart by the same number of others but for one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.evenly_spaced import evenly_spaced, evenly_spaced_tensor

COUNTS = st.integers(1, 5000)
MOST = st.integers(1, 4096)


@given(COUNTS, MOST)
def test_they_are_the_nearest_to_exact_fractions(count: int, most: int) -> None:
    chosen = min(count, most)
    exact = [Fraction(i * (count - 1), max(1, chosen - 1)) for i in range(chosen)]
    for numbers in (evenly_spaced(count, most).tolist(), evenly_spaced_tensor(count, most).tolist()):
        assert len(numbers) == chosen
        # float32 holds numbers below 5,000 to 2⁻¹²
        assert all(
            abs(n - x) <= Fraction(1, 2) + Fraction(1, 1000) for n, x in zip(numbers, exact, strict=True)
        )


@given(COUNTS, MOST)
def test_they_ascend_and_end_with_the_last(count: int, most: int) -> None:
    for numbers in (evenly_spaced(count, most), evenly_spaced_tensor(count, most).numpy()):
        assert (np.diff(numbers) > 0).all()
        assert numbers[0] == 0
        assert numbers[-1] == (count - 1 if len(numbers) > 1 else 0)


@given(COUNTS, MOST)
def test_the_numbers_stay_what_they_were(count: int, most: int) -> None:
    """Which windows are looked at decides over bins and couplings: written out, as it was in seven places."""
    chosen = min(most, count)
    assert torch.equal(evenly_spaced_tensor(count, most), torch.linspace(0, count - 1, chosen).round().long())
    assert np.array_equal(evenly_spaced(count, most), np.linspace(0, count - 1, chosen).round().astype(int))


def test_nothing_is_chosen_of_nothing() -> None:
    assert evenly_spaced(0, 5).tolist() == evenly_spaced_tensor(0, 5).tolist() == []


@pytest.mark.parametrize("count", [2**24 + 4, 2**25 + 4, 2**31])
def test_none_lies_behind_the_last_where_float32_rounds_up(count: int) -> None:
    assert evenly_spaced_tensor(count, 1000).max() == count - 1
