"""Nests against their tensors listed by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

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
