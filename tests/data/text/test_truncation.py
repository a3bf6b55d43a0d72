"""Truncation, against slices of lists."""

from __future__ import annotations

import warnings

import hypothesis.strategies as st
import pytest
from hypothesis import given

from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences
from tsseq2seq.data.text.truncation import Truncation
from tsseq2seq.data.text.vocabulary import EOS
from tsseq2seq.errors import DataWarning, ParameterError

LISTS = st.lists(st.lists(st.integers(4, 99), max_size=8), min_size=1, max_size=6)


def lists_of(sequences: TokenSequences) -> list[list[int]]:
    return [sequences[number] for number in range(len(sequences))]


@pytest.mark.parametrize("side", ["back", "front"])
@given(lists=LISTS, max_length=st.integers(1, 9))
def test_what_is_left_equals_a_slice(side: str, lists: list[list[int]], max_length: int) -> None:
    pairs = TokenPairs(TokenSequences.of(lists), TokenSequences.of(lists[::-1], end=EOS))
    long = sum(len(numbers) > max_length for numbers in lists)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cut = Truncation(max_length, side).pairs(pairs)
    expected = [numbers[:max_length] if side == "back" else numbers[-max_length:] for numbers in lists]
    assert lists_of(cut.sources) == expected
    assert lists_of(cut.targets) == [[*numbers, EOS] for numbers in expected[::-1]]
    assert len(caught) == (1 if long else 0), "one warning for both sides"
    if long:
        wanted = f"{long} of {len(lists)} sources and {long} of {len(lists)} targets are longer than "
        assert str(caught[0].message).startswith(
            f"{wanted}max_length={max_length} tokens; the {side} of them"
        )


def test_a_warning_counts_only_what_was_cut() -> None:
    short, long = TokenSequences.of([[4], [5, 6]]), TokenSequences.of([[4, 5, 6], [4, 5, 6, 7]])
    with pytest.warns(
        DataWarning, match=r"^2 of 2 sources are longer than max_length=2 tokens; the back of them"
    ):
        assert lists_of(Truncation(2).pairs(TokenPairs(long, short)).sources) == [[4, 5], [4, 5]]
    with pytest.warns(DataWarning, match="^2 of 2 sources are longer"):
        Truncation(2).sources(long)
    with pytest.warns(
        DataWarning, match=r"^1 of 2 sources is longer than max_length=1 tokens; the front of it was"
    ):
        Truncation(1, "front").sources(short)


def test_nothing_is_cut_without_a_limit() -> None:
    pairs = TokenPairs(TokenSequences.of([[4] * 1000]), TokenSequences.of([[5] * 1000], end=EOS))
    kept = Truncation().pairs(pairs)
    assert lists_of(kept.sources) == [[4] * 1000]
    assert lists_of(kept.targets) == [[5] * 1000 + [EOS]]


def test_settings_are_checked() -> None:
    with pytest.raises(ParameterError, match="max_length is 0; it must be an integer, at least 1"):
        Truncation(0)
    with pytest.raises(ParameterError, match="side is 'left'; it must be one of 'back', 'front'"):
        Truncation(5, "left")
