"""States of a training on disk: a safetensors file, with plain values as JSON in its header."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import torch
from torch import Tensor

from tsseq2seq.atomic_files import replacing
from tsseq2seq.errors import ModelFileError
from tsseq2seq.training.state import State

__all__ = ["read_state", "write_state"]

_FORMAT = "1"


def write_state(state: State, path: str | os.PathLike[str]) -> None:
    """Write a state to a file, whole or not at all; an older file is replaced.

    Parameters
    ----------
    state
        Numbers, strings, None and tensors in dicts, lists and tuples.
    path
        The file.

    Raises
    ------
    TypeError
        If the state holds a value of another type.
    """
    from safetensors.torch import save_file

    tensors: dict[str, Tensor] = {}
    text = json.dumps(_to_json(state, tensors))
    header = {"format": _FORMAT, "state": text, "sha256": _digest(text, tensors)}
    with replacing(path) as staged:
        save_file(tensors, staged, metadata=header)


def read_state(path: str | os.PathLike[str]) -> State:
    """Read a state that :func:`write_state` wrote.

    Raises
    ------
    ModelFileError
        If the file is missing, truncated, of another format, or was changed after it was written.

    Examples
    --------
    >>> import tempfile, torch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_state({"steps": 3, "weights": [torch.ones(2)]}, f"{folder}/state")
    ...     read_state(f"{folder}/state")
    {'steps': 3, 'weights': [tensor([1., 1.])]}
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (OSError, SafetensorError) as error:
        raise ModelFileError(f"{path} holds no state of a training: {error}") from error
    if header.get("format") != _FORMAT or "state" not in header:
        raise ModelFileError(
            f"{path} holds a state of format {header.get('format')!r}; this version reads format {_FORMAT!r}"
        )
    # states of before checksums have none
    if header.get("sha256", "") not in ("", _digest(header["state"], tensors)):
        raise ModelFileError(f"{path} was changed after it was written: its SHA-256 is another")
    try:
        state: State = _from_json(json.loads(header["state"]), tensors)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelFileError(f"{path} holds no whole state of a training: {error}") from error
    return state


def _digest(text: str, tensors: dict[str, Tensor]) -> str:
    """Return the SHA-256 of plain values and of the bytes of tensors, by their names."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        # through numpy, which hands over its memory; bytes() would copy it
        digest.update(tensors[name].cpu().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _to_json(value: Any, tensors: dict[str, Tensor]) -> Any:  # noqa: ANN401 (any part of a state)
    """Return a value in a form that JSON keeps without loss; tensors go into ``tensors`` by number."""
    if isinstance(value, Tensor):
        name = str(len(tensors))
        # safetensors refuses tensors that share memory
        tensors[name] = value.detach().clone(memory_format=torch.contiguous_format)
        return {"tensor": name}
    if isinstance(value, dict):  # in JSON a key cannot be a number
        return {"dict": [[_to_json(key, tensors), _to_json(item, tensors)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_to_json(item, tensors) for item in value]}
    if isinstance(value, list):
        return [_to_json(item, tensors) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a state holds {value!r}, a {type(value).__name__}, which cannot be written")


def _from_json(value: Any, tensors: dict[str, Tensor]) -> Any:  # noqa: ANN401 (any part of a state)
    """Undo :func:`_to_json`."""
    if isinstance(value, list):
        return [_from_json(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    ((type_name, content),) = value.items()
    if type_name == "tensor":
        return tensors[content]
    if type_name == "tuple":
        return tuple(_from_json(item, tensors) for item in content)
    return {_from_json(key, tensors): _from_json(item, tensors) for key, item in content}
