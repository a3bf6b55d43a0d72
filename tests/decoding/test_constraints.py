"""Blocked tokens, against loops over single sequences."""

from __future__ import annotations

import itertools

import pytest
import torch

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.constraints import blocked_tokens, forced_tokens, repeating_tokens

EOS = 2


def blocked(history, t, *, vocabulary=3, eos_id=EOS, prefix=None, **settings):
    """Blocked tokens of one row, as a list of lists."""
    scores = torch.zeros(1, len(history[0]) if history else 1, vocabulary)
    told = torch.tensor(history) if history else None
    prefix = None if prefix is None else torch.tensor([prefix])
    beam = Beam(**settings)
    mask = blocked_tokens(scores, told, t, beam=beam, eos_id=eos_id, prefix=prefix)
    if mask is None:
        mask = torch.zeros_like(scores, dtype=torch.bool)
    return [[token for token in range(vocabulary) if query[token]] for query in mask[0].tolist()]


@pytest.mark.parametrize(("size", "length"), [(n, m) for n in (1, 2, 3) for m in range(n, 6)])
def test_repeated_ngrams_against_counting(size, length):
    histories = list(itertools.product(range(3), repeat=length))
    mask = repeating_tokens(torch.tensor([histories]), size, 3)[0].tolist()
    for history, row in zip(histories, mask, strict=True):
        grams = [history[at : at + size] for at in range(length - size + 1)]
        expected = [(*history[length - size + 1 :], token) in grams for token in range(3)]
        assert row == expected


def test_nothing_is_blocked_by_default():
    assert blocked([], 0) == [[]]
    assert blocked([], 5) == [[]]


@pytest.mark.parametrize(("t", "expected"), [(0, [EOS]), (1, [EOS]), (2, [])])
def test_the_end_is_blocked_before_the_least_length(t, expected):
    assert blocked([], t, min_length=2) == [expected]


def test_without_an_end_token_the_least_length_says_nothing():
    assert blocked([], 0, min_length=2, eos_id=None) == [[]]


def test_ngrams_are_blocked_from_the_step_at_which_one_can_repeat():
    assert blocked([], 0, no_repeat_ngram=1) == [[]]
    assert blocked([[[1]]], 1, no_repeat_ngram=1) == [[1]]
    assert blocked([[[1]]], 1, no_repeat_ngram=2) == [[]]
    assert blocked([[[1, 1]]], 2, no_repeat_ngram=2) == [[1]]
    assert blocked([[[1, 0, 1], [0, 1, 1]]], 3, no_repeat_ngram=2) == [[0], [1]]


def test_a_prefix_blocks_all_other_tokens_until_it_ends():
    assert blocked([], 0, prefix=[1, 0]) == [[0, 2]]
    assert blocked([], 1, prefix=[1, 0]) == [[1, 2]]
    assert blocked([], 2, prefix=[1, 0]) == [[]]


def test_nothing_is_forced_behind_a_shorter_prefix():
    assert blocked([], 1, prefix=[1, -1]) == [[]]
    assert blocked([], 1, prefix=[1, -1], min_length=3) == [[EOS]]


def test_a_forced_token_may_come_whatever_else_is_blocked():
    assert blocked([], 0, prefix=[EOS], min_length=3) == [[0, 1]]
    assert blocked([[[1]]], 1, prefix=[1, 1], no_repeat_ngram=1) == [[0, EOS]]


def test_rows_have_their_own_prefixes():
    prefix = torch.tensor([[0], [-1], [EOS]])
    mask = blocked_tokens(torch.zeros(3, 2, 3), None, 0, beam=Beam(min_length=1), eos_id=EOS, prefix=prefix)
    assert mask[:, 0].tolist() == [[False, True, True], [False, False, True], [True, True, False]]
    assert torch.equal(mask[:, 0], mask[:, 1])


def test_forced_tokens_are_those_of_the_step():
    prefix = torch.tensor([[5, 6], [7, -1]])
    assert [forced_tokens(prefix, t) is None for t in range(4)] == [False, False, True, True]
    assert forced_tokens(prefix, 0).tolist() == [[5], [7]]
    assert forced_tokens(prefix, 1).tolist() == [[6], [-1]]
    assert forced_tokens(None, 0) is None
