"""Settings: frozen dataclasses with scikit-learn's parameter protocol.

``Network``, ``Training``, the outputs and the schedules are settings. Each declares its fields once.
Estimators take instances of them, and scikit-learn's ``clone`` rebuilds these from ``get_params``. A nested
name (``network__hidden_size``) replaces a field of the settings that an estimator, or other settings, hold;
see :func:`changed_params`.
"""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import numpy as np

from tsseq2seq.errors import ParameterError, ParameterTypeError, shown
from tsseq2seq.keywords import CheckedArguments, did_you_mean
from tsseq2seq.registry import enter

__all__ = [
    "Settings",
    "changed_params",
    "check_choice",
    "check_levels",
    "check_number",
    "described",
    "plain",
    "replace_params",
]

# Column names round levels to six decimals.
_HIGHEST_LEVEL = 99.999999


# Tensors have no more elements along an axis on some devices; no count that is meant is larger.
_LARGEST = 2**31 - 1


class Settings(CheckedArguments):
    """Mixin of all settings classes: their fields as scikit-learn's parameters, and a registry.

    Attributes
    ----------
    registry
        Every subclass by its key; see :func:`~tsseq2seq.registry.class_key`.

    Notes
    -----
    ``__post_init__`` of a subclass may check a field but must not replace it: ``clone`` compares fields
    by identity.
    """

    registry: ClassVar[dict[str, type[Settings]]] = {}
    #: Fields that have no part in a result, and are not saved with it.
    unsaved: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        """Enter the class in the registry, where loading a saved model looks it up.

        Raises
        ------
        ParameterError
            If a class of another module already has its key.
        """
        if "__repr__" not in vars(cls):
            cls.__repr__ = Settings.__repr__  # type: ignore[method-assign]  # else dataclass writes another
        enter(Settings.registry, cls)

    def __repr__(self) -> str:
        """Write the fields that differ from the defaults, which is what evaluates to an equal instance."""
        shown = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in dataclasses.fields(self)  # type: ignore[arg-type]
            if not _is_default(getattr(self, field.name), field)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the fields by name; with ``deep`` also the fields of nested settings, as ``a__b``."""
        params: dict[str, Any] = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            params[field.name] = value
            if deep and isinstance(value, Settings):
                params.update({f"{field.name}__{key}": v for key, v in value.get_params().items()})
        return params


def _is_default(value: object, field: dataclasses.Field[Any]) -> bool:
    default: object = field.default
    if default is dataclasses.MISSING and callable(field.default_factory):
        default = field.default_factory()
    if value is default:
        return True
    same = type(value) is type(default) and value == default
    return same is True  # of arrays it is another array


def described(value: object) -> Any:  # noqa: ANN401 (values of JSON)
    """Return a parameter as values of JSON, to be compared with the same parameter at another time.

    Settings and estimators become dicts with their ``class``, and what has ``to_parts`` these. Of a function
    or class the name is returned: their code cannot be compared.

    Examples
    --------
    >>> from tsseq2seq.nn.network import Network
    >>> description = described({"network": Network(hidden_size=8), "lags": (1, 2)})
    >>> description["lags"], description["network"]["class"], description["network"]["hidden_size"]
    ([1, 2], 'Network', 8)
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(key): described(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [described(item) for item in value]
    if callable(value) and hasattr(value, "__qualname__"):
        return f"{getattr(value, '__module__', None)}.{value.__qualname__}"
    if hasattr(value, "get_params"):
        return {"class": type(value).__name__} | described(value.get_params(deep=False))
    if hasattr(value, "to_parts"):
        return {"class": type(value).__name__, "parts": described(value.to_parts())}
    text = str(value)  # of a path, a device, a frequency
    return type(value).__name__ if " at 0x" in text else text


def replace_params(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return ``settings`` with (nested) parameters replaced.

    Parameters
    ----------
    settings
        The instance to copy; it is not changed.
    changes
        New values by name; ``schedule__k`` is the field ``k`` of the field ``schedule``.

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
    """Return the new values of all parameters that change; settings with a nested change are copied.

    Parameters
    ----------
    owner
        Name of the class that has the parameters, for messages.
    current
        All parameters by name.
    changes
        New values by name. ``network__hidden_size`` is a field of ``network``; if ``network`` itself is
        among the changes, of its new value.

    Raises
    ------
    ParameterError
        If a name is unknown, or the part before ``__`` is not the name of settings.

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
    for full_name, value in changes.items():
        name, _, field = full_name.partition("__")
        if name not in current:
            meant = did_you_mean(name, current, nested=True)
            raise ParameterError(
                f"{owner} has no parameter {name!r}; it has: {', '.join(current)}{meant and '; ' + meant}"
            )
        if field:
            nested.setdefault(name, {})[field] = value
        else:
            changed[name] = value
    for name, fields in nested.items():
        settings = changed.get(name, current[name])
        if not isinstance(settings, Settings):
            raise ParameterError(
                f"{name}__{next(iter(fields))}: {owner}.{name} is {settings!r}, which has no parameters of "
                "its own"
            )
        changed[name] = replace_params(settings, fields)
    return changed


def plain(value: Any) -> Any:  # noqa: ANN401 (of any type)
    """Return a value with Python's own numbers instead of numpy's; in settings, tuples and lists too.

    A search over ``np.array([16, 32])`` puts numpy's numbers into parameters, which torch and JSON do not
    take. ``__post_init__`` must not replace them, as scikit-learn's ``clone`` compares fields by identity; so
    they are replaced where what is left open is resolved.

    Examples
    --------
    >>> plain([np.int64(16), np.float64(0.5)])
    [16, 0.5]
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Settings):
        fields = value.get_params(deep=False)
        changes = {name: plain(field) for name, field in fields.items()}
        changes = {name: field for name, field in changes.items() if field is not fields[name]}
        return dataclasses.replace(value, **changes) if changes else value  # type: ignore[type-var]
    if isinstance(value, list | tuple) and any(isinstance(item, np.generic | Settings) for item in value):
        return type(value)(plain(item) for item in value)
    return value


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
    """Refuse a value that is not a number in a range.

    Parameters
    ----------
    owner, name
        The class or function that takes the argument, and the argument's name, for messages.
    value
        The argument.
    low, high
        Ends of the range, both allowed; with ``low_open`` the value must be above ``low``. Without ``high``
        integers go up to 2³¹ − 1, with which nothing overflows, and other numbers must be finite.
    integer
        Whether it must be an integer.
    optional
        Whether it may be None.

    Raises
    ------
    ParameterTypeError
        If ``value`` is not a number (with ``integer``: not an integer).
    ParameterError
        If it lies outside the range.

    Examples
    --------
    >>> check_number("Training", "members", 5, low=1, integer=True)
    """
    if value is None and optional:
        return
    wanted = "an integer" if integer else "a number"
    range_text = f"{'above' if low_open else 'at least'} {low:g}"
    if high != float("inf"):
        range_text += f" and at most {high:g}"
    number_type = numbers.Integral if integer else numbers.Real
    if isinstance(value, bool) or not isinstance(value, number_type):
        raise ParameterTypeError(f"{owner}: {name} is {value!r}; it must be {wanted}, {range_text}")
    if not (low < value if low_open else low <= value) or not value <= high:  # type: ignore[operator]
        raise ParameterError(f"{owner}: {name} is {value!r}; it must be {wanted}, {range_text}")
    if high == float("inf") and _is_too_large(value, integer):
        limit = f"an integer, at most {_LARGEST:,}" if integer else "finite"
        raise ParameterError(f"{owner}: {name} is {shown(value)}; it must be {limit}")


def _is_too_large(value: Any, integer: bool) -> bool:  # noqa: ANN401 (a number)
    if integer:
        return int(value) > _LARGEST
    try:
        return math.isinf(float(value))
    except OverflowError:  # an integer
        return True


def check_levels(owner: str, levels: object) -> None:
    """Refuse levels of intervals that are not percentages; fractions with the percentage that is meant.

    Raises
    ------
    ParameterTypeError
        If levels is neither None nor a list of numbers.
    ParameterError
        If a level is not between 1 and 100.

    Examples
    --------
    >>> check_levels("predict", [80, 99.5])
    """
    if not isinstance(levels, list | tuple | None):
        raise ParameterTypeError(
            f"{owner}: levels is {shown(levels)}; it must be a list of percentages such as [80, 95]"
        )
    for level in levels or ():
        wanted = "each must be a percentage, from 1 to below 100"
        if isinstance(level, bool | np.bool_) or not isinstance(level, numbers.Real):
            raise ParameterTypeError(f"{owner}: levels is {shown(level)}; {wanted}")
        percentage = float(level)
        if 0 < percentage < 1:
            meant = ", ".join(f"{100 * one:.6g}" if 0 < one < 1 else f"{one:g}" for one in levels or ())
            raise ParameterError(
                f"{owner}: levels is {shown(level)}, a fraction; {wanted}: did you mean levels=[{meant}]?"
            )
        if not 1 <= percentage <= _HIGHEST_LEVEL:
            raise ParameterError(f"{owner}: levels is {shown(level)}; {wanted}")


def check_choice(owner: str, name: str, value: object, choices: Collection[object]) -> None:
    """Refuse a value that is not one of ``choices``.

    Raises
    ------
    ParameterError
        If it is none of them.

    Examples
    --------
    >>> check_choice("Training", "schedule", "cosine", ("cosine", "linear"))
    """
    # == of an array or a frame is not one truth value
    comparable = isinstance(value, str | int | np.bool_)
    if not any(value is choice or (comparable and value == choice) for choice in choices):
        listing = ", ".join(repr(choice) for choice in choices)
        raise ParameterError(f"{owner}: {name} is {value!r}; it must be one of {listing}")
