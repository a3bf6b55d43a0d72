"""Settings: frozen dataclasses that speak scikit-learn's parameter protocol.

``Network``, ``Training``, the outputs and the schedules are settings. Each declares its fields
once; estimators take the instances, scikit-learn's ``clone`` rebuilds them from ``get_params``,
and nested names (``network__hidden_size``) reach into them through :func:`changed_params`, of
estimators and of settings alike.
"""

from __future__ import annotations

import dataclasses
import numbers
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import numpy as np

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.registry import enter

__all__ = ["Settings", "changed_params", "check_choice", "check_number", "replace_params"]


class Settings:
    """Mixin of all settings classes: parameters from the dataclass fields, and a registry.

    Attributes
    ----------
    registry
        Every subclass by its key; see :func:`~tsseq2seq.registry.class_key`.

    Notes
    -----
    ``__post_init__`` of a subclass may check fields, never replace one: ``clone`` compares them
    by identity.
    """

    registry: ClassVar[dict[str, type[Settings]]] = {}

    def __init_subclass__(cls) -> None:
        """Enter the class in the registry that loading a saved model looks it up in.

        Raises
        ------
        ParameterError
            If another module defines a class that saved models could not tell from it.
        """
        enter(Settings.registry, cls)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the fields by name; with ``deep`` also those of nested settings, as ``a__b``."""
        params: dict[str, Any] = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            params[field.name] = value
            if deep and isinstance(value, Settings):
                params.update({f"{field.name}__{key}": v for key, v in value.get_params().items()})
        return params


def replace_params(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return ``settings`` with (nested) parameters replaced.

    Parameters
    ----------
    settings
        The instance to start from; it stays as it is.
    changes
        New values by name; ``schedule__k`` reaches into the field ``schedule``.

    Raises
    ------
    ParameterError
        If a name is not a field.

    Examples
    --------
    >>> from tsseq2seq.nn.network import Network
    >>> replace_params(Network(), {"hidden_size": 32}).hidden_size
    32
    """
    changed = changed_params(type(settings).__name__, settings.get_params(deep=False), changes)
    return dataclasses.replace(settings, **changed)  # type: ignore[type-var]


def changed_params(owner: str, current: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that changes give a new value, those reached into replaced by changed copies.

    Parameters
    ----------
    owner
        Class whose parameters they are, for messages.
    current
        All parameters by name.
    changes
        New values by name; ``network__hidden_size`` reaches into ``network``, or into the new value that
        ``network`` has among the changes.

    Raises
    ------
    ParameterError
        If a name is unknown, or reaches into what has no parameters.

    Examples
    --------
    >>> from tsseq2seq.nn.network import Network
    >>> current = {"horizon": 12, "network": Network()}
    >>> changed = changed_params("Model", current, {"network__hidden_size": 32})
    >>> list(changed), changed["network"].hidden_size, current["network"].hidden_size
    (['network'], 32, None)
    """
    changed: dict[str, Any] = {}
    nested: dict[str, dict[str, Any]] = {}
    for name, value in changes.items():
        head, _, rest = name.partition("__")
        if head not in current:
            raise ParameterError(f"{owner} has no parameter {head!r}; it has: {', '.join(current)}")
        if rest:
            nested.setdefault(head, {})[rest] = value
        else:
            changed[head] = value
    for head, inner in nested.items():
        part = changed.get(head, current[head])
        if not isinstance(part, Settings):
            raise ParameterError(
                f"{head}__{next(iter(inner))}: {owner}.{head} is {part!r}, which has no parameters of its own"
            )
        changed[head] = replace_params(part, inner)
    return changed


def check_number(
    owner: str,
    name: str,
    value: object,
    *,
    low: float,
    high: float = float("inf"),
    integer: bool = False,
    optional: bool = False,
    low_open: bool = False,
) -> None:
    """Refuse a number outside ``[low, high]`` (``(low, high]`` with ``low_open``), or no number.

    Raises
    ------
    ParameterTypeError
        If ``value`` is not a number (not an integer, with ``integer``).
    ParameterError
        If it lies outside the range.
    """
    if value is None and optional:
        return
    wanted = "an integer" if integer else "a number"
    range_text = f"{'above' if low_open else 'at least'} {low:g}"
    if high != float("inf"):
        range_text += f" and at most {high:g}"
    kind = numbers.Integral if integer else numbers.Real
    if isinstance(value, bool) or not isinstance(value, kind):
        raise ParameterTypeError(f"{owner}: {name} is {value!r}; it must be {wanted}, {range_text}")
    if not (low < value if low_open else low <= value) or not value <= high:  # type: ignore[operator]
        raise ParameterError(f"{owner}: {name} is {value!r}; it must be {wanted}, {range_text}")


def check_choice(owner: str, name: str, value: object, choices: Collection[object]) -> None:
    """Refuse a value that is not one of ``choices``.

    Raises
    ------
    ParameterError
        Naming the argument, its value and the choices.
    """
    plain = isinstance(value, str | int | np.bool)
    if not any(value is choice or (plain and value == choice) for choice in choices):
        shown = ", ".join(repr(choice) for choice in choices)
        raise ParameterError(f"{owner}: {name} is {value!r}; it must be one of {shown}")
