"""Edit distances of many pairs at once, against the recursion that defines them."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.data.text import edit_distance as module
from tsseq2seq.data.text.edit_distance import edit_distance, edit_distances

words = st.lists(st.integers(0, 2), max_size=7).map(tuple)


@cache
def recursive_distance(one: tuple, other: tuple) -> int:
    if not one or not other:
        return len(one) + len(other)
    if one[-1] == other[-1]:
        return recursive_distance(one[:-1], other[:-1])
    return 1 + min(
        recursive_distance(one[:-1], other),
        recursive_distance(one, other[:-1]),
        recursive_distance(one[:-1], other[:-1]),
    )


@given(st.lists(st.tuples(words, words), max_size=9), st.sampled_from([1, 10, 500_000]))
def test_many_at_once_equal_the_recursion(pairs: list[tuple[tuple, tuple]], cells: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CELLS", cells)
        found = edit_distances([one for one, _ in pairs], [other for _, other in pairs])
    assert found.tolist() == [recursive_distance(one, other) for one, other in pairs]


def test_one_long_line_among_short_ones_takes_no_table_for_all() -> None:
    long = "ab" * 50_000
    found = edit_distances(["x"] * 3000 + [""], ["y"] * 3000 + [long])
    assert found[:3000].tolist() == [1] * 3000
    assert found[3000] == 100_000


def test_it_takes_anything_that_can_be_hashed() -> None:
    assert edit_distance([1, "1", None], ["1", None]) == 1


def test_unequal_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        edit_distances(["a"], [])
