"""Classes by the names that saved models hold: the module, and the name inside it.

A user's class may have the name of one of the library's. A class of the library is named without its
file, so that files may move and saved models stay.
"""

from __future__ import annotations

from typing import TypeVar

from tsseq2seq.errors import ModelFileError, ParameterError

__all__ = ["class_key", "enter", "look_up"]

_LIBRARY = __name__.partition(".")[0]

T = TypeVar("T")


def class_key(kind: type) -> str:
    """Return the name of a class in saved models.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from tsseq2seq.nn.network import Network
    >>> class_key(Network), class_key(Fraction)
    ('tsseq2seq.Network', 'fractions.Fraction')
    """
    ours = kind.__module__.partition(".")[0] == _LIBRARY
    return f"{_LIBRARY if ours else kind.__module__}.{kind.__qualname__}"


def enter(registry: dict[str, type[T]], kind: type[T]) -> None:
    """Enter a class under its key.

    A class that is defined again by the same module, as when a notebook's cell is run again, takes the
    place of the one before.

    Raises
    ------
    ParameterError
        If another module defines a class with this key.

    Examples
    --------
    >>> from fractions import Fraction
    >>> registry: dict[str, type] = {}
    >>> enter(registry, Fraction)
    >>> registry
    {'fractions.Fraction': <class 'fractions.Fraction'>}
    """
    key = class_key(kind)
    known = registry.get(key)
    if known is not None and known.__module__ != kind.__module__:
        raise ParameterError(
            f"the class {key} is defined by {known.__module__} and by {kind.__module__}; saved models could "
            "not tell them apart, so one of them must have another name"
        )
    registry[key] = kind


def look_up(registry: dict[str, type[T]], name: object) -> type[T]:
    """Return the class of a name in a saved model.

    Parameters
    ----------
    registry
        Classes by key.
    name
        A key; or the bare name of a class of the library, as in models saved by format 1.

    Raises
    ------
    ModelFileError
        If no such class is known.

    Examples
    --------
    >>> from tsseq2seq.nn.network import Network
    >>> registry = {"tsseq2seq.Network": Network}
    >>> look_up(registry, "tsseq2seq.Network") is look_up(registry, "Network") is Network
    True
    """
    key = name if not isinstance(name, str) or "." in name else f"{_LIBRARY}.{name}"
    if isinstance(key, str) and key in registry:
        return registry[key]
    if isinstance(key, str) and not key.startswith(f"{_LIBRARY}."):
        raise ModelFileError(
            f"class is {name!r}, which is not known; import the module that defines it first, or run the "
            "notebook cell that does"
        )
    # a name without a module is one of the library's: classes of others would only crowd the message
    ours = sorted(key for key in registry if key.startswith(f"{_LIBRARY}."))
    raise ModelFileError(f"class is {name!r}; known are {', '.join(ours)}")
