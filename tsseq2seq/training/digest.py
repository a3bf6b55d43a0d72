"""digest: a short text that tells the data of a training from others."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from torch import Tensor

__all__ = ["digest"]


def digest(*data: object) -> str:
    """Return the SHA-256 of values, arrays, tensors, frames, and of the dataclasses that hold them.

    Parameters
    ----------
    data
        Nests of dataclasses, mappings, lists, and objects with ``to_parts``.

    Raises
    ------
    TypeError
        If a value is of another type, whose contents are not known.

    Examples
    --------
    >>> import torch
    >>> first, other = torch.zeros(2), torch.tensor([0.0, 1.0])
    >>> digest([first], "a") == digest([first.clone()], "a"), digest(first) == digest(other)
    (True, False)
    """
    sha = hashlib.sha256()
    for piece in _pieces(data):
        sha.update(piece)
    return sha.hexdigest()


def _pieces(value: object) -> Iterator[bytes]:
    """Yield the bytes of a value after its type and size, so that no two values share them."""
    yield f"<{type(value).__name__}>".encode()
    if isinstance(value, Tensor):
        yield from _array_pieces(value.detach().cpu().numpy())
    elif isinstance(value, np.ndarray):
        yield from _array_pieces(value)
    elif isinstance(value, pd.Index | pd.Series):
        yield from _array_pieces(value.to_numpy())
    elif value is None or isinstance(value, bool | int | float | str | bytes | np.generic | pd.Timestamp):
        yield repr(value).encode()
    elif isinstance(value, list | tuple):
        yield str(len(value)).encode()
        for item in value:
            yield from _pieces(item)
    elif isinstance(value, Mapping):
        yield from _pieces(list(value.items()))
    elif hasattr(value, "to_parts"):
        yield from _pieces(value.to_parts())
    elif dataclasses.is_dataclass(value):
        yield from _pieces({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    elif hasattr(value, "alias"):  # a frequency
        yield str(value.alias).encode()
    else:
        raise TypeError(f"the contents of a {type(value).__name__} are not known: {value!r}")


def _array_pieces(array: np.ndarray) -> Iterator[bytes]:
    yield f"{array.dtype}{array.shape}".encode()
    if array.dtype == object:
        yield from (repr(item).encode() + b"," for item in array.ravel().tolist())
    else:
        yield np.ascontiguousarray(array).tobytes()
