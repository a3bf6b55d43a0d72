"""What a saved model restores: fields of the types that classes declare, tensors of the right shapes."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import torch
from torch import Tensor

from tsseq2seq.errors import ModelFileError, ParameterTypeError, shown

__all__ = ["all_finite", "check_fields", "check_tensor"]

Stored = TypeVar("Stored")

# No length, width or count is larger, and most of them would exhaust the memory long before.
_LARGEST = 10_000_000


def check_fields(stored: Stored) -> Stored:
    """Return an instance of a dataclass, if its fields hold what its class declares.

    Whole numbers are lengths, widths and counts here: from 0 to 10⁷.

    Parameters
    ----------
    stored
        The instance. Its annotations must be classes, unions, tuples, sequences, mappings or literals; others
        are not checked.

    Raises
    ------
    ParameterTypeError
        If a field holds something else.

    Examples
    --------
    >>> @dataclasses.dataclass
    ... class Window:
    ...     length: int
    >>> check_fields(Window(3)).length
    3
    >>> check_fields(Window(10**9))
    Traceback (most recent call last):
    ...
    tsseq2seq.errors.ParameterTypeError: Window: length is 1000000000; it must be ...
    """
    hints = get_type_hints(type(stored))
    for field in dataclasses.fields(stored):  # type: ignore[arg-type]
        value = getattr(stored, field.name)
        if not _fits(value, hints[field.name]):
            raise ParameterTypeError(
                f"{type(stored).__name__}: {field.name} is {shown(value)}; it must be {hints[field.name]}, "
                f"at most {_LARGEST:,}"
            )
    return stored


def check_tensor(
    name: str, tensor: Tensor, shape: tuple[int, ...], dtype: torch.dtype, *, finite: bool = True
) -> None:
    """Refuse a stored tensor of another shape or type, or with numbers that are not finite.

    Parameters
    ----------
    name
        Its name in the file.
    tensor, shape, dtype
        The tensor, and the shape and type that the other parts of the model need.
    finite
        Whether its numbers must be finite.

    Raises
    ------
    ModelFileError
        If it differs.

    Examples
    --------
    >>> check_tensor("levels", torch.ones(2), (3,), torch.float32)
    Traceback (most recent call last):
    ...
    tsseq2seq.errors.ModelFileError: the tensor 'levels' is (2,) of torch.float32; the rest needs (3,) of ...
    """
    if tuple(tensor.shape) != shape or tensor.dtype != dtype:
        raise ModelFileError(
            f"the tensor {name!r} is {tuple(tensor.shape)} of {tensor.dtype}; the rest needs {shape} of "
            f"{dtype}"
        )
    if finite and not all_finite(tensor):
        raise ModelFileError(f"the tensor {name!r} holds numbers that are not finite")


def all_finite(tensor: Tensor) -> bool:
    """Return whether all numbers of a tensor are finite, without memory for the answer of each.

    Examples
    --------
    >>> all_finite(torch.tensor([1.0, float("nan")])), all_finite(torch.zeros(0))
    (False, True)
    """
    if not tensor.numel() or not tensor.is_floating_point():
        return True
    return all(map(torch.isfinite, tensor.aminmax()))  # NaN where one number is


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401 (any annotation)
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in inner)
    if origin is Literal:
        return value in inner
    if origin is tuple:
        items = inner[:1] * len(value) if isinstance(value, tuple) and inner[-1:] == (...,) else inner
        return isinstance(value, tuple) and len(items) == len(value) and all(map(_fits, value, items))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            _fits(key, inner[0]) and _fits(item, inner[1]) for key, item in value.items()
        )
    if origin is not None and isinstance(origin, type) and issubclass(origin, Sequence):
        return isinstance(value, Sequence) and all(_fits(item, inner[0]) for item in value)
    if hint in (int, float):
        return _is_number(value, whole=hint is int)
    return not isinstance(hint, type) or hint is Any or isinstance(value, hint)


def _is_number(value: object, *, whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return False
    return 0 <= value <= _LARGEST if whole else math.isfinite(value)
