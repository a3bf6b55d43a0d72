"""Forbidden tokens, dead ends and NaN, in every search; against an enumeration of all paths."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.beam_search import beam_search
from tsseq2seq.decoding.greedy import greedy_search
from tsseq2seq.decoding.sampling import Sampling, sample_sequences
from tsseq2seq.errors import ParameterError

V, END, LENGTH = 5, 4, 4


class Table:
    """Logits of each token after another; −∞ where a token is not allowed."""

    def __init__(self, logits):
        self.logits = logits

    def start(self, encoding):
        return {}, None

    def step(self, previous, t, state, memory):
        return self.logits[previous], state, None


def paths(logits, first: int):
    """Return the log-probability of every possible finished sequence and of those cut at the greatest length."""
    scores = [[-math.inf if row.max() == -math.inf else value for value in row.log_softmax(-1).tolist()]
              for row in logits]  # fmt: skip
    found, open_ = {}, {(): (first, 0.0)}
    for _ in range(LENGTH):
        after = {}
        for tokens, (last, total) in open_.items():
            for token in range(V):
                value = total + scores[last][token]
                if value == -math.inf:
                    continue
                (found if token == END else after)[(*tokens, token)] = (
                    value if token == END else (token, value)
                )
        open_ = after
    return found, {tokens: value for tokens, (_, value) in open_.items()}


masks = st.lists(st.lists(st.booleans(), min_size=V, max_size=V), min_size=V, max_size=V)


@given(masks, st.integers(0, 1000), st.sampled_from(["plain", "groups", "stochastic"]))
def test_what_is_forbidden_never_returns(mask, seed, kind) -> None:
    logits = torch.randn(V, V, generator=torch.Generator().manual_seed(seed)).double()
    logits[torch.tensor(mask)] = -torch.inf
    finished, cut = paths(logits, 0)
    beam = Beam(
        beam_size=V**LENGTH, n_best=V**LENGTH, groups=5 if kind == "groups" else 1, length_penalty=0.0
    )
    generator = torch.Generator().manual_seed(seed) if kind == "stochastic" else None
    (row,) = beam_search(
        Table(logits), None, first=torch.tensor([[0]]), max_length=LENGTH, eos_id=END, beam=beam,
        generator=generator,
    )  # fmt: skip
    expected = finished | cut
    assert {one.tokens for one in row} <= set(expected)
    for one in row:
        assert one.log_probability == pytest.approx(expected[one.tokens])
        assert math.isfinite(one.score)
        assert one.finished == (one.tokens in finished)
    if kind == "plain" and finished:
        assert row[0].log_probability == pytest.approx(max(finished.values()))


@given(masks, st.integers(0, 1000))
def test_greedy_search_and_samples_stop_before_a_dead_end(mask, seed) -> None:
    logits = torch.randn(V, V, generator=torch.Generator().manual_seed(seed)).double()
    logits[torch.tensor(mask)] = -torch.inf
    first = torch.tensor([[0], [1]])
    rows = [[one] for one in greedy_search(Table(logits), None, first=first, max_length=LENGTH, eos_id=END)]
    for found in (rows, sample_sequences(
        Table(logits), None, first=first, max_length=LENGTH, eos_id=END, sampling=Sampling(num_samples=3)
    )):  # fmt: skip
        for row in found:
            for one in row:
                assert all(math.isfinite(value) for value in one.token_log_probabilities)
                if not one.finished and len(one.tokens) < LENGTH:
                    last = one.tokens[-1] if one.tokens else int(first[found.index(row), 0])
                    assert logits[last].max() == -math.inf


SEARCHES = {
    "greedy": lambda model, **options: greedy_search(model, None, **options),
    "beam": lambda model, **options: beam_search(model, None, beam=Beam(3, n_best=3), **options),
    "one beam": lambda model, **options: beam_search(model, None, beam=Beam(1), **options),
    "stochastic": lambda model, **options: beam_search(
        model, None, beam=Beam(2), generator=torch.Generator().manual_seed(0), **options
    ),
    "sample": lambda model, **options: sample_sequences(model, None, **options),
}


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("own", [False, True], ids=["logits", "own log-probabilities"])
def test_nan_is_refused_with_row_and_step(search, bad, own) -> None:
    logits = torch.zeros(V, V)
    logits[:, END] = -torch.inf
    model = Table(logits)

    def step(previous, t, state, memory):
        output = logits[previous].clone()
        if t == 2:
            output[1, :, 3] = bad
        return output, state, None

    model.step = step
    options = {"log_probabilities": lambda output: output} if own else {}
    with pytest.raises(ParameterError, match="in row 1 at step 2"):
        search(model, first=torch.zeros(2, 1, dtype=torch.int64), max_length=6, eos_id=END, **options)


def test_nan_behind_the_end_harms_nobody() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0], [0.0, 0.0, 0.0], [math.nan] * 3])
    for search in SEARCHES.values():
        search(Table(logits), first=torch.zeros(2, 1, dtype=torch.int64), max_length=5, eos_id=2)
    (row,) = beam_search(
        Table(logits), None, first=torch.tensor([[0]]), max_length=4, eos_id=2, beam=Beam(4, n_best=4)
    )
    assert all(math.isfinite(one.score) for one in row)
