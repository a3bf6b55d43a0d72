"""Values as texts that are the same in every process: functions by name and content, never by address."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping
from types import CodeType, FunctionType
from typing import Any

__all__ = ["value_as_text"]

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
# Values inside values inside values: an object that holds itself ends here.
_DEEPEST = 6
_DIGITS = 12


def value_as_text(value: object, depth: int = 0) -> str:
    """Return a text of a value that another process, or a later one, finds too.

    Parameters
    ----------
    value
        Any value: of functions it is the name, with a digest of the code where the name says nothing (as of a
        lambda); of objects without a repr of their own it is the class and the attributes.
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
    if isinstance(value, tuple | list):
        texts = ", ".join(inner(part) for part in value)
        return f"[{texts}]" if isinstance(value, list) else f"({texts},)" if len(value) == 1 else f"({texts})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{inner(key)}: {inner(part)}' for key, part in value.items())}}}"
    if isinstance(value, functools.partial):
        return f"partial({inner(value.func)}, {inner(value.args)}, {inner(value.keywords)})"
    name = getattr(value, "__qualname__", None)
    if name is not None:
        return _named(str(name), value, depth)
    text = repr(value)
    if not _ADDRESS.search(text):
        return text
    return f"{type(value).__qualname__}({inner(getattr(value, '__dict__', {}))})"


def _named(name: str, value: Any, depth: int) -> str:  # noqa: ANN401
    """Return a text of a function, a method or a class."""
    owner = getattr(value, "__self__", None)
    if owner is not None and type(owner).__name__ != "module":
        return f"{name} of {value_as_text(owner, depth + 1)}"
    if not isinstance(value, FunctionType) or ("<lambda>" not in name and value.__closure__ is None):
        return name
    cells = [cell.cell_contents for cell in value.__closure__ or ()]
    content = f"{_code(value.__code__)} {value_as_text([*cells, value.__defaults__], depth + 1)}"
    return f"{name} {hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]}"


def _code(code: CodeType) -> str:
    constants = [_code(part) if isinstance(part, CodeType) else repr(part) for part in code.co_consts]
    return f"{code.co_code.hex()} {code.co_names} {constants}"
