"""Nests against their tensors listed by hand."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from tsseq2seq.errors import ParameterTypeError
from tsseq2seq.nests import first_leaf, map_nest, named_leaves, same_structure, with_first_leaf


@dataclass(frozen=True)
class Inner:
    one: Tensor
    none: Tensor | None
    word: str = "kept"


class Pair(NamedTuple):
    left: Any
    right: Any


def nest(number: float = 1.0) -> dict[str, Any]:
    def leaf(value: float) -> Tensor:
        return torch.tensor([number * value])

    return {"a": Inner(leaf(1), None), "b": [leaf(2), (leaf(3), 7)], "c": Pair(leaf(4), None)}


def test_every_tensor_is_named_once_in_order() -> None:
    assert {name: leaf.item() for name, leaf in named_leaves(nest())} == {
        "a.one": 1,
        "b.0": 2,
        "b.1.0": 3,
        "c.0": 4,
    }


def test_a_map_keeps_the_structure() -> None:
    doubled = map_nest(lambda leaf: 2 * leaf, nest())
    assert [leaf.item() for _, leaf in named_leaves(doubled)] == [2, 4, 6, 8]
    assert isinstance(doubled["a"], Inner)
    assert isinstance(doubled["c"], Pair)
    assert doubled["a"].word == "kept"
    assert doubled["b"][1][1] == 7


def test_several_nests_are_mapped_place_by_place() -> None:
    total = map_nest(lambda x, y, z: x + y + z, nest(1), nest(10), nest(100))
    assert [leaf.item() for _, leaf in named_leaves(total)] == [111, 222, 333, 444]


def test_the_first_leaf_is_taken_and_replaced() -> None:
    other = torch.tensor([9.0])
    replaced = with_first_leaf(nest(), other)
    assert first_leaf(replaced) is other
    assert [leaf.item() for _, leaf in named_leaves(replaced)] == [9, 2, 3, 4]
    shared = torch.ones(1)
    assert [leaf.item() for _, leaf in named_leaves(with_first_leaf((shared, shared), other))] == [9, 1]


def test_structures_are_compared_by_their_tensors() -> None:
    assert same_structure(nest(1), nest(2))
    assert not same_structure(nest(), {**nest(), "c": Pair(None, None)})
    assert same_structure(torch.ones(1), torch.ones(2))


class Named(dict):
    __getattr__ = dict.__getitem__


class Two(tuple):
    def __new__(cls, one, two):
        return super().__new__(cls, (one, two))


@dataclass
class Late:
    one: Tensor
    two: Tensor | None = field(default=None, init=False)


@pytest.mark.parametrize("kind", [OrderedDict, lambda items: defaultdict(list, items), Named])
def test_a_dict_keeps_its_class(kind) -> None:
    before = kind({"b": torch.ones(1), "a": 3})
    after = map_nest(torch.neg, before)
    assert type(after) is type(before)
    assert list(after) == ["b", "a"]
    assert (after["b"].item(), before["b"].item()) == (-1, 1)


@pytest.mark.parametrize("nest", [Two(torch.ones(1), None), Late(torch.ones(1))])
def test_a_class_that_cannot_be_made_anew_is_named(nest) -> None:
    with pytest.raises(ParameterTypeError, match=type(nest).__name__):
        map_nest(torch.neg, [nest])
