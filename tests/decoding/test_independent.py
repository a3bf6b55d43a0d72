"""Tokens chosen for each query by itself: forced beginnings, lengths, and the hypotheses spelt at the end."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tsseq2seq.decoding.independent import decode_independently, make_hypotheses
from tsseq2seq.decoding.token_scores import log_softmax
from tsseq2seq.errors import ParameterError, ParameterTypeError

EOS = 0


def decoded(model, source, choose, rows, **arguments):
    settings = {"max_length": 6, "eos_id": EOS, "queries": 1, "prefix": None} | arguments
    forms = {"log_probabilities": log_softmax, "feedback": lambda tokens: tokens}
    return decode_independently(
        "decode", choose, model, source, first=model.firsts(rows), **forms, **settings
    )


def always(token):
    return lambda scores: torch.full(scores.shape[:2], token)


@pytest.mark.parametrize("queries", [1, 3])
def test_the_choice_is_the_callers(oracles, queries):
    model, source = oracles.Recurrent(5), oracles.make_source(3, lengths=[2, 1, 3])
    found = decoded(model, source, always(4), 3, queries=queries)
    for row in range(3):
        reader = oracles.Reader(model, source, row)
        assert len(found[row]) == queries
        for one in found[row]:
            assert one.tokens == (4,) * 6
            assert not one.finished
            np.testing.assert_allclose(one.token_log_probabilities, reader.each(one.tokens), atol=1e-12)
            assert one.score == one.log_probability == pytest.approx(reader.log_probability(one.tokens))
            np.testing.assert_allclose(one.alignment.numpy(), reader.alignment(one.tokens), atol=1e-12)


def test_each_query_goes_on_from_its_own_tokens(oracles):
    model, source = oracles.Recurrent(5), oracles.make_source(2)
    (one, other), _ = decoded(model, source, lambda scores: torch.tensor([[1, 2], [3, 4]]), 2, queries=2)
    assert (one.tokens, other.tokens) == ((1,) * 6, (2,) * 6)
    reader = oracles.Reader(model, source, 0)
    for found in (one, other):
        np.testing.assert_allclose(found.token_log_probabilities, reader.each(found.tokens), atol=1e-12)


def test_prefixes_of_different_lengths_come_first(oracles):
    model, source = oracles.Recurrent(5), oracles.make_source(3)
    prefix = torch.tensor([[1, 2, 3], [4, -1, -1], [-1, -1, -1]])
    found = decoded(model, source, always(2), 3, queries=2, prefix=prefix)
    for row, beginning in enumerate([(1, 2, 3), (4,), ()]):
        reader = oracles.Reader(model, source, row)
        for one in found[row]:
            assert one.tokens == beginning + (2,) * (6 - len(beginning))
            np.testing.assert_allclose(one.token_log_probabilities, reader.each(one.tokens), atol=1e-12)


def test_a_prefix_may_be_a_whole_sequence(oracles):
    model, source = oracles.Recurrent(3), oracles.make_source(2)
    found = decoded(model, source, always(1), 2, max_length=2, prefix=torch.tensor([[2, EOS], [2, 1]]))
    assert [row[0].tokens for row in found] == [(2, EOS), (2, 1)]
    assert [row[0].finished for row in found] == [True, False]


def test_rows_end_at_their_own_lengths_and_steps_at_the_longest(oracles):
    model, source = oracles.Recurrent(5), oracles.make_source(3)
    found = decoded(model, source, always(3), 3, max_length=torch.tensor([2, 5, 1]))
    assert [row[0].tokens for row in found] == [(3, 3), (3,) * 5, (3,)]
    assert len(model.calls) == 5
    # an end token behind a row's greatest length is none of its tokens
    tokens = iter([3, EOS, EOS])
    found = decoded(
        model,
        source,
        lambda scores: torch.full(scores.shape[:2], next(tokens)),
        3,
        max_length=torch.tensor([1, 5, 3]),
    )
    assert [row[0].tokens for row in found] == [(3,), (3, EOS), (3, EOS)]
    assert [row[0].finished for row in found] == [False, True, True]


def test_decoding_stops_when_no_row_is_open(oracles):
    model, source = oracles.Recurrent(5), oracles.make_source(2)
    decoded(model, source, always(EOS), 2, max_length=50)
    assert len(model.calls) == 1
    prefix = torch.tensor([[1, -1], [1, 1]])
    decoded(model, source, always(EOS), 2, max_length=torch.tensor([50, 2]), prefix=prefix)
    assert len(model.calls) == 2
    decoded(model, source, always(EOS), 2, max_length=7, eos_id=None)
    assert len(model.calls) == 7


@pytest.mark.parametrize(
    ("arguments", "error", "named"),
    [
        ({"max_length": 0}, ParameterError, "max_length is 0"),
        ({"max_length": torch.tensor([3, -2])}, ParameterError, "max_length is -2"),
        ({"max_length": 2.5}, ParameterTypeError, "max_length is 2.5"),
        ({"eos_id": 9}, ParameterError, "eos_id is 9"),
        ({"prefix": torch.tensor([[1], [3]])}, ParameterError, r"prefix\[1, 0\] is 3"),
        ({"prefix": torch.tensor([[1], [-3]])}, ParameterError, r"prefix\[1, 0\] is -3"),
        ({"prefix": torch.ones(3, 1, dtype=torch.int64)}, ParameterError, "prefix has 3 rows"),
        ({"prefix": torch.ones(2, 7, dtype=torch.int64)}, ParameterError, "prefix has 7 tokens"),
        ({"prefix": torch.tensor([[1, 1], [EOS, 1]])}, ParameterError, r"prefix\[1, 1\] is 1"),
    ],
    ids=["zero", "negative", "float", "end", "unknown", "marker", "rows", "long", "behind"],
)
def test_refusals(oracles, unchecked_types, arguments, error, named):
    model, source = oracles.Recurrent(3), oracles.make_source(2)
    with pytest.raises(error, match=f"decode: {named}"):
        decoded(model, source, always(1), 2, **arguments)


def test_sequences_are_cut_behind_their_first_end():
    tokens = [torch.tensor([[3, EOS]]), torch.tensor([[EOS, 2]]), torch.tensor([[EOS, EOS]])]
    chosen = [torch.tensor([[-1.0, -2.0]]), torch.tensor([[-0.5, -9.0]]), torch.tensor([[-7.0, -7.0]])]
    weights = [torch.full((1, 2, 4), float(t)) for t in range(3)]
    ((one, other),) = make_hypotheses(tokens, chosen, weights, EOS)
    assert one.tokens == (3, EOS)
    assert one.token_log_probabilities == (-1.0, -0.5)
    assert one.score == one.log_probability == -1.5
    assert one.alignment[:, 0].tolist() == [0.0, 1.0]
    assert one.finished
    assert other.tokens == (EOS,)
    assert other.score == -2.0
    ((one, _),) = make_hypotheses(tokens, chosen, [None] * 3, 5)
    assert one.tokens == (3, EOS, EOS)
    assert one.alignment is None
    assert not one.finished
    assert make_hypotheses(tokens, chosen, [None] * 3, None)[0][0].finished


def test_sequences_are_cut_at_the_greatest_length_of_their_row():
    tokens = [torch.tensor([[3], [3], [3]]), torch.tensor([[4], [EOS], [4]]), torch.tensor([[EOS], [4], [4]])]
    chosen = [torch.full((3, 1), -1.0)] * 3
    found = make_hypotheses(tokens, chosen, [None] * 3, EOS, torch.tensor([2, 3, 3]))
    assert [row[0].tokens for row in found] == [(3, 4), (3, EOS), (3, 4, 4)]
    assert [row[0].finished for row in found] == [False, True, False]
    assert [row[0].score for row in found] == [-2.0, -2.0, -3.0]
