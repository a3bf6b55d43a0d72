"""Nests: dataclasses, tuples, lists and dicts of tensors, such as the state of a decoder.

What changes from step to step differs from model to model; whoever expands, reorders or pads it goes
through these functions and need not know what is in it. None, numbers and strings are left as they are.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator
from itertools import count
from numbers import Number
from typing import Any, TypeAlias

from torch import Tensor

from tsseq2seq.errors import ParameterTypeError

__all__ = [
    "Nest",
    "first_leaf",
    "map_nest",
    "named_leaves",
    "named_strangers",
    "same_structure",
    "with_first_leaf",
]

#: Any nest of dataclasses, tuples, lists, dicts and tensors; a tensor alone is one too.
Nest: TypeAlias = Any


def map_nest(function: Callable[..., Tensor], nest: Nest, *others: Nest) -> Nest:
    """Apply a function to every tensor of a nest, or to the tensors that stand at one place of several nests.

    Parameters
    ----------
    function
        Takes one tensor of each nest.
    nest, others
        Nests of one structure.

    Examples
    --------
    >>> import torch
    >>> map_nest(torch.add, {"h": torch.ones(2)}, {"h": torch.ones(2)})
    {'h': tensor([2., 2.])}
    """
    if isinstance(nest, Tensor):
        return function(nest, *others)
    if dataclasses.is_dataclass(nest) and not isinstance(nest, type):
        names = [field.name for field in dataclasses.fields(nest)]
        parts = {
            name: map_nest(function, getattr(nest, name), *(getattr(other, name) for other in others))
            for name in names
        }
        return _made_anew(nest, lambda: dataclasses.replace(nest, **parts))
    if isinstance(nest, dict):
        items = {key: map_nest(function, nest[key], *(other[key] for other in others)) for key in nest}
        return items if type(nest) is dict else _made_anew(nest, lambda: _with_items(nest, items))
    if isinstance(nest, list | tuple):
        mapped = [map_nest(function, *parts) for parts in zip(nest, *others, strict=True)]
        if hasattr(nest, "_fields"):
            return type(nest)(*mapped)
        return _made_anew(nest, lambda: type(nest)(mapped))
    return nest


def _made_anew(nest: Nest, make: Callable[[], Nest]) -> Nest:
    """Make a nest of new parts, or say of which class that was impossible."""
    try:
        return make()
    except (TypeError, ValueError, AttributeError) as error:
        raise ParameterTypeError(
            f"a state holds a {type(nest).__name__}, which cannot be made anew of its parts: {error}; take a "
            "dataclass whose fields are all arguments, a tuple, list or dict"
        ) from error


def _with_items(nest: dict[Any, Any], items: dict[Any, Any]) -> dict[Any, Any]:
    """Return a dict of the same class, as an OrderedDict or one with a default."""
    other = copy.copy(nest)
    other.update(items)
    return other


def named_leaves(nest: Nest, name: str = "") -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors of a nest with their names, such as ``hidden`` or ``layers.0``.

    Examples
    --------
    >>> import torch
    >>> [name for name, _ in named_leaves({"a": torch.ones(1), "b": (torch.ones(1), None)})]
    ['a', 'b.0']
    """
    if isinstance(nest, Tensor):
        yield name, nest
        return
    for key, part in _parts(nest) or ():
        yield from named_leaves(part, f"{name}.{key}" if name else str(key))


def named_strangers(nest: Nest, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield what a nest holds beside tensors, None, numbers and strings, with its names.

    No function of this module reaches the tensors in such an object, as of a user's own class.

    Examples
    --------
    >>> import torch
    >>> [name for name, _ in named_strangers({"a": torch.ones(1), "b": (None, 1, {2, 3})})]
    ['b.2']
    """
    if isinstance(nest, Tensor):
        return
    parts = _parts(nest)
    if parts is None:
        if nest is not None and not isinstance(nest, Number | str):
            yield name, nest
        return
    for key, part in parts:
        yield from named_strangers(part, f"{name}.{key}" if name else str(key))


def _parts(nest: Nest) -> list[tuple[object, Nest]] | None:
    """Return the parts of a nest by key; None if it has none, being a leaf."""
    if dataclasses.is_dataclass(nest) and not isinstance(nest, type):
        return [(field.name, getattr(nest, field.name)) for field in dataclasses.fields(nest)]
    if isinstance(nest, dict):
        return list(nest.items())
    return list(enumerate(nest)) if isinstance(nest, list | tuple) else None


def first_leaf(nest: Nest) -> Tensor:
    """Return the first tensor of a nest.

    Examples
    --------
    >>> import torch
    >>> first_leaf((torch.zeros(1), torch.ones(1)))
    tensor([0.])
    """
    return next(leaf for _, leaf in named_leaves(nest))


def with_first_leaf(nest: Nest, tensor: Tensor) -> Nest:
    """Return the nest with another tensor in the place of its first.

    Examples
    --------
    >>> import torch
    >>> with_first_leaf((torch.zeros(1), torch.ones(1)), torch.ones(1) * 5)
    (tensor([5.]), tensor([1.]))
    """
    others = count()
    return map_nest(lambda leaf: leaf if next(others) else tensor, nest)


def same_structure(one: Nest, other: Nest) -> bool:
    """Tell whether two nests have tensors of the same names.

    Examples
    --------
    >>> import torch
    >>> same_structure((torch.zeros(1), None), (torch.zeros(2), torch.zeros(2)))
    False
    """
    names = [[name for name, _ in named_leaves(nest)] for nest in (one, other)]
    return names[0] == names[1]
