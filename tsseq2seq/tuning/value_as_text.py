"""Values as texts that are the same in every process: functions by name and content, never by address."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import re
from collections.abc import Mapping
from types import CodeType, FunctionType
from typing import Any

import numpy as np
from torch import Tensor

__all__ = ["value_as_text"]

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
# Values inside values inside values: an object that holds itself ends here.
_DEEPEST = 6
_DIGITS = 12
# Global names of these types are constants of the functions that use them.
_CONSTANT = (type(None), bool, int, float, complex, str, bytes, tuple, frozenset, re.Pattern)


def value_as_text(value: object, depth: int = 0) -> str:
    """Return a text of a value that another process, or a later one, finds too; other values have others.

    Parameters
    ----------
    value
        Any value: of a Python function it is the name with a digest of its code and constants; of objects the
        class and the attributes, with their ``repr`` if it is one of their own.
    depth
        How deep inside another value it stands.

    Examples
    --------
    >>> value_as_text((str.upper, "-".join, 3))
    "(str.upper, str.join of '-', 3)"
    """
    if depth > _DEEPEST:
        return _ADDRESS.sub("", repr(value))
    inner = functools.partial(value_as_text, depth=depth + 1)
    if isinstance(value, tuple | list | set | frozenset | Mapping):
        return _nested(value, inner)
    if isinstance(value, functools.partial):
        return f"partial({inner(value.func)}, {inner(value.args)}, {inner(value.keywords)})"
    if isinstance(value, re.Pattern):
        # its repr is cut
        return f"re.compile({value.pattern!r}, {value.flags})"
    if isinstance(value, Tensor):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray):
        content = inner(value.tolist()).encode() if value.dtype == object else value.tobytes()
        return f"{type(value).__name__} {value.dtype} {value.shape} {_digest(content)}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
        return f"{type(value).__qualname__}({', '.join(f'{n}={inner(part)}' for n, part in fields.items())})"
    name = getattr(value, "__qualname__", None)
    return _object(value, inner) if name is None else _named(str(name), value, depth)


def _nested(value: Any, inner: functools.partial[str]) -> str:  # noqa: ANN401
    """Return a text of a container; sets have an order that differs from process to process."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{inner(key)}: {inner(part)}' for key, part in value.items())}}}"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(inner(part) for part in value))}}}"
    texts = ", ".join(inner(part) for part in value)
    return f"[{texts}]" if isinstance(value, list) else f"({texts},)" if len(value) == 1 else f"({texts})"


def _object(value: object, inner: functools.partial[str]) -> str:
    """Return a text of an object: its ``repr``, and its attributes, of which a ``repr`` may say nothing."""
    names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    attributes = {name: getattr(value, name) for name in names if hasattr(value, name)}
    attributes |= getattr(value, "__dict__", {})
    text = repr(value)
    own = type(value).__qualname__ if _ADDRESS.search(text) else text
    return f"{own}({inner(attributes)})" if attributes or own != text else text


def _named(name: str, value: Any, depth: int) -> str:  # noqa: ANN401
    """Return a text of a function, a method or a class."""
    owner = getattr(value, "__self__", None)
    if owner is not None and type(owner).__name__ != "module":
        function = getattr(value, "__func__", None)
        bound = name if function is None else _named(name, function, depth)
        return f"{bound} of {value_as_text(owner, depth + 1)}"
    if not isinstance(value, FunctionType):
        return name
    parts = [cell.cell_contents for cell in value.__closure__ or ()]
    parts += [value.__defaults__, value.__kwdefaults__]
    known = {name: value.__globals__.get(name) for name in value.__code__.co_names}
    parts += [{name: part for name, part in known.items() if isinstance(part, _CONSTANT)}]
    return f"{name} {_digest(f'{_code(value.__code__)} {value_as_text(parts, depth + 1)}'.encode())}"


def _code(code: CodeType) -> str:
    constants = [
        _code(part) if isinstance(part, CodeType) else value_as_text(part) for part in code.co_consts
    ]
    return f"{code.co_code.hex()} {code.co_names} {constants}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]
