"""What enters a decoder step, against loops over rows and queries."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tsseq2seq.nn.decoder_inputs import (
    DecoderCovariates,
    FeedBase,
    FeedContext,
    NoInput,
    Position,
    PreviousOutput,
    at_step,
)
from tsseq2seq.nn.decoder_state import Memory

ROWS, STEPS, WIDTH = 2, 5, 3
MEMORY = Memory(context=torch.randn(ROWS, 4), covariates=torch.randn(ROWS, STEPS, WIDTH))
TIMES = [
    pytest.param(0, 1, id="the first step"),
    pytest.param(3, 1, id="one step"),
    pytest.param(4, 3, id="one step, three queries"),
    pytest.param(torch.arange(STEPS), STEPS, id="all steps"),
    pytest.param(torch.tensor([2, 2, 0]), 3, id="a step for each query"),
]


def step_of(t, query):
    return t if isinstance(t, int) else int(t[query])


def previous(queries):
    return torch.randn(ROWS, queries, 7)


@pytest.mark.parametrize(("t", "queries"), TIMES)
def test_at_takes_one_step_for_each_query(t, queries):
    values = torch.randn(ROWS, STEPS, WIDTH)
    taken = at_step(values, t, queries)
    assert taken.shape == (ROWS, queries, WIDTH)
    for query in range(queries):
        assert torch.equal(taken[:, query], values[:, step_of(t, query)])


@pytest.mark.parametrize(("t", "queries"), TIMES)
def test_known_covariates_are_those_of_the_step(t, queries):
    entered = DecoderCovariates()(previous(queries), t, MEMORY)
    for query in range(queries):
        assert torch.equal(entered[:, query], MEMORY.covariates[:, step_of(t, query)])


def test_known_covariates_that_are_not_there_are_an_error():
    with pytest.raises(RuntimeError, match="built with covariates, but the memory holds none"):
        DecoderCovariates()(previous(1), 0, Memory(context=torch.zeros(ROWS, 4)))


@pytest.mark.parametrize(("t", "queries"), TIMES)
def test_position_looks_its_step_up_in_a_table_that_learns(t, queries):
    position = Position(STEPS, WIDTH)
    entered = position(previous(queries), t, MEMORY)
    assert entered.shape == (ROWS, queries, WIDTH)
    for query in range(queries):
        for row in range(ROWS):
            assert torch.equal(entered[row, query], position.weight[step_of(t, query)])
    entered.sum().backward()
    counts = [sum(step_of(t, query) == step for query in range(queries)) for step in range(STEPS)]
    assert position.weight.grad[:, 0].tolist() == [ROWS * count for count in counts]


@pytest.mark.parametrize(("t", "queries"), TIMES)
def test_the_context_vector_is_the_same_for_each_query(t, queries):
    entered = FeedContext()(previous(queries), t, MEMORY)
    assert entered.shape == (ROWS, queries, 4)
    for query in range(queries):
        assert torch.equal(entered[:, query], MEMORY.context)


@pytest.mark.parametrize(("t", "queries"), TIMES)
def test_the_previous_output_is_embedded(t, queries):
    embedding = nn.Linear(7, WIDTH)
    before = previous(queries)
    assert torch.equal(PreviousOutput(embedding)(before, t, MEMORY), embedding(before))


@pytest.mark.parametrize(("t", "queries"), TIMES)
def test_no_input_is_a_single_zero(t, queries):
    assert torch.equal(NoInput()(previous(queries), t, MEMORY), torch.zeros(ROWS, queries, 1))


def test_nothing_but_the_previous_output_depends_on_it():
    for part in (FeedContext(), DecoderCovariates(), Position(STEPS, WIDTH), NoInput()):
        assert torch.equal(part(previous(2), 1, MEMORY), part(previous(2), 1, MEMORY))


@pytest.mark.parametrize(("t", "queries"), TIMES)
def test_bases_are_those_of_the_step(t, queries):
    memory = Memory(context=torch.randn(ROWS, 4), recent=torch.randn(ROWS, STEPS, WIDTH))
    entered = FeedBase()(previous(queries), t, memory)
    for query in range(queries):
        assert torch.equal(entered[:, query], memory.recent[:, step_of(t, query)])


def test_bases_that_are_not_there_are_an_error():
    with pytest.raises(RuntimeError, match="the memory holds none"):
        FeedBase()(previous(1), 0, Memory(context=torch.zeros(ROWS, 4)))
