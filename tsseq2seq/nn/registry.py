"""Classes that settings choose by name: cells, encoders, attentions, context vectors.

A class gives its own name where it is defined (``class GRU(TorchLayers, name="gru")``). There is no list of
names to keep up to date, and a user's class is chosen in the same way as one of the library's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from tsseq2seq.errors import ParameterError

__all__ = ["Registry"]

Part = TypeVar("Part", bound=type[Any])


class Registry(Generic[Part]):
    """Classes by name, in the order in which they were added.

    Parameters
    ----------
    kind
        What the classes are, for messages: ``"cell"``.

    Examples
    --------
    >>> cells: Registry[type[int]] = Registry("cell")
    >>> cells.add("int", int)
    >>> "int" in cells, list(cells), cells["int"]
    (True, ['int'], <class 'int'>)
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._parts: dict[str, Part] = {}

    def add(self, name: str, part: Part) -> None:
        """Add a class. The same class may be defined again, as when a notebook's cell runs twice.

        Raises
        ------
        ParameterError
            If another class has the name.
        """
        earlier = self._parts.get(name)
        if earlier is not None and _full_name(earlier) != _full_name(part):
            raise ParameterError(
                f"{self.kind} {name!r} is {_full_name(part)}, but {_full_name(earlier)} has that name "
                "already; give the class another name="
            )
        self._parts[name] = part

    def __getitem__(self, name: str) -> Part:
        """Return the class of a name.

        Raises
        ------
        ParameterError
            If no class has the name.
        """
        if name not in self._parts:
            raise ParameterError(
                f"{self.kind} is {name!r}; it must be one of {', '.join(map(repr, self._parts))}"
            )
        return self._parts[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._parts)

    def __len__(self) -> int:
        """Return the number of classes."""
        return len(self._parts)

    def __contains__(self, name: object) -> bool:
        """Whether a class has the name."""
        return name in self._parts


def _full_name(part: type) -> str:
    return f"{part.__module__}.{part.__qualname__}"
