"""Greedy search against the likeliest token step by step."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.decoding.greedy import greedy_search
from tsseq2seq.errors import ParameterError

EOS = 0
LENGTHS = [3, 1, 4, 2]


def by_hand(reader, max_length, eos_id):
    tokens = ()
    while len(tokens) < max_length and (not tokens or tokens[-1] != eos_id):
        tokens += (int(np.argmax(reader.next(tokens))),)
    return tokens


@pytest.mark.parametrize("eos_id", [None, EOS, 3])
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["plain", "attention"])
def test_greedy_takes_the_likeliest_token(oracles, eos_id, lengths):
    model = oracles.Recurrent(4)
    source = oracles.make_source(4, lengths=lengths, padding=float("nan"))
    found = greedy_search(model, source, first=model.firsts(4), max_length=6, eos_id=eos_id)
    assert len(found) == 4
    for row, one in enumerate(found):
        reader = oracles.Reader(model, source, row)
        assert one.tokens == by_hand(reader, 6, eos_id)
        np.testing.assert_allclose(one.token_log_probabilities, reader.each(one.tokens), atol=1e-12)
        assert one.log_probability == one.score == pytest.approx(sum(one.token_log_probabilities))
        assert one.finished == (eos_id is None or one.tokens[-1] == eos_id)
        if lengths is None:
            assert one.alignment is None
        else:
            np.testing.assert_allclose(one.alignment.numpy(), reader.alignment(one.tokens), atol=1e-12)


def test_greedy_stops_when_all_rows_have_ended(oracles):
    model, source = oracles.Recurrent(4), oracles.make_source(12)
    readers = [oracles.Reader(model, source, row) for row in range(12)]
    ending = [row for row in range(12) if by_hand(readers[row], 50, EOS)[-1] == EOS]
    assert len(ending) > 1
    found = greedy_search(
        model, source.rows(ending), first=model.firsts(len(ending)), max_length=50, eos_id=EOS
    )
    assert len(model.calls) == max(len(one.tokens) for one in found) < 50


def test_rows_are_the_same_alone(oracles):
    model, source = oracles.Recurrent(4), oracles.make_source(4, lengths=LENGTHS)
    together = greedy_search(model, source, first=model.firsts(4), max_length=6, eos_id=EOS)
    for row in range(4):
        (alone,) = greedy_search(model, source.rows([row]), first=model.firsts(1), max_length=6, eos_id=EOS)
        assert alone.tokens == together[row].tokens
        assert alone.score == pytest.approx(together[row].score, abs=1e-12)


def test_log_probabilities_and_feedback_are_the_callers(oracles):
    model, source = oracles.Recurrent(4), oracles.make_source(2)
    # the caller forbids token 1 and renames what is fed back
    forbidden = torch.tensor([0.0, -torch.inf, 0.0, 0.0], dtype=torch.float64)
    swapped = torch.tensor([0, 1, 3, 2])
    found = greedy_search(
        model,
        source,
        first=model.firsts(2),
        max_length=4,
        log_probabilities=lambda output: (output + forbidden).log_softmax(-1),
        feedback=lambda tokens: swapped[tokens],
    )
    for row, one in enumerate(found):
        reader, fed = oracles.Reader(model, source, row), ()
        for token in one.tokens:
            values = reader.next(fed) + forbidden.numpy()
            assert token == np.argmax(values)
            fed += (int(swapped[token]),)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_outputs_of_lower_precision(oracles, dtype):
    model, source = oracles.Recurrent(4, dtype=dtype), oracles.make_source(2)
    for row, one in enumerate(greedy_search(model, source, first=model.firsts(2), max_length=4)):
        wanted = oracles.Reader(model, source, row).log_probability(one.tokens)
        assert one.log_probability == pytest.approx(wanted, abs={torch.float32: 1e-5}.get(dtype, 0.1))


@pytest.mark.parametrize("max_length", [0, -1])
def test_a_greatest_length_below_one_is_refused(oracles, max_length):
    model, source = oracles.Recurrent(4), oracles.make_source(2)
    with pytest.raises(ParameterError, match=f"greedy_search: max_length is {max_length}; it must be"):
        greedy_search(model, source, first=model.firsts(2), max_length=max_length)
