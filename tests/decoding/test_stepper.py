"""The protocol, and the two functions that walk through states."""

from __future__ import annotations

import collections
import typing
from dataclasses import dataclass

import pytest
import torch

from tsseq2seq.decoding.stepper import FusedStepper, Stepper, expand_queries
from tsseq2seq.nests import map_nest


@dataclass(frozen=True)
class Inner:
    leaf: torch.Tensor
    nothing: None = None


@dataclass(frozen=True)
class Outer:
    inner: Inner
    pair: tuple
    table: dict
    number: int = 3


class Pair(typing.NamedTuple):
    hidden: torch.Tensor
    cell: torch.Tensor | None


class OnlySteps:
    def start(self, encoding): ...

    def step(self, previous, t, state, memory): ...


class Fused(OnlySteps):
    fused = True
    parallel = False

    def run(self, previous, state, memory): ...


def leaf(value, *shape):
    return torch.full(shape or (2, 1, 3), float(value))


def nest():
    return Outer(Inner(leaf(1)), (leaf(2), None, [leaf(3), "text"]), {"a": leaf(4), "b": {"c": leaf(5)}})


def test_map_nest_reaches_every_tensor_and_keeps_the_nest():
    state = nest()
    doubled = map_nest(lambda tensor: tensor * 2, state)
    assert type(doubled) is Outer
    assert torch.equal(doubled.inner.leaf, leaf(2))
    assert doubled.inner.nothing is None
    assert type(doubled.pair) is tuple
    assert torch.equal(doubled.pair[0], leaf(4))
    assert doubled.pair[1] is None
    assert type(doubled.pair[2]) is list
    assert torch.equal(doubled.pair[2][0], leaf(6))
    assert doubled.pair[2][1] == "text"
    assert list(doubled.table) == ["a", "b"]
    assert torch.equal(doubled.table["a"], leaf(8))
    assert torch.equal(doubled.table["b"]["c"], leaf(10))
    assert doubled.number == 3


def test_map_nest_leaves_the_original_as_it_was():
    state = nest()
    map_nest(lambda tensor: tensor * 2, state)
    assert torch.equal(state.inner.leaf, leaf(1))
    assert torch.equal(state.table["b"]["c"], leaf(5))


def test_map_nest_visits_each_tensor_once_in_the_order_of_the_nest():
    seen = []
    map_nest(lambda tensor: seen.append(tensor.flatten()[0].item()) or tensor, nest())
    assert seen == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("state", [None, 3, "text", (), [], {}])
def test_map_nest_of_no_tensors_is_the_state(state):
    assert map_nest(lambda tensor: tensor * 2, state) == state


def test_map_nest_of_a_single_tensor():
    assert torch.equal(map_nest(lambda tensor: tensor + 1, leaf(1)), leaf(2))


def test_map_nest_keeps_named_tuples():
    # what torch.nn.LSTM's users often carry their state in
    doubled = map_nest(lambda tensor: tensor * 2, Pair(leaf(1), None))
    assert type(doubled) is Pair
    assert torch.equal(doubled.hidden, leaf(2))
    assert doubled.cell is None


def test_map_nest_does_not_take_a_dataclass_itself_for_an_instance():
    assert map_nest(lambda tensor: tensor * 2, Inner) is Inner


@pytest.mark.parametrize("queries", [1, 4])
@pytest.mark.parametrize("shape", [(2, 1), (2, 1, 3), (2, 1, 3, 5)])
def test_expand_queries_repeats_without_copying(queries, shape):
    tensor = torch.randn(shape)
    expanded = expand_queries({"a": (tensor, None)}, queries)["a"][0]
    assert expanded.shape == (2, queries, *shape[2:])
    assert expanded.data_ptr() == tensor.data_ptr()
    for query in range(queries):
        assert torch.equal(expanded[:, query], tensor[:, 0])


def test_a_stepper_needs_start_and_step_only():
    assert isinstance(OnlySteps(), Stepper)
    assert not isinstance(OnlySteps(), FusedStepper)
    assert isinstance(Fused(), FusedStepper)
    assert not isinstance(object(), Stepper)


def test_an_ordered_dict_may_be_a_state():
    state = collections.OrderedDict(b=leaf(1), a=leaf(2))
    assert list(map_nest(lambda tensor: tensor, state)) == ["b", "a"]
