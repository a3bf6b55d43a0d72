"""Parameters and what was learned as values that JSON can hold, and back."""

from __future__ import annotations

import datetime
import math
import os
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pandas as pd
import torch

from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.errors import ModelFileError, ParameterError, shown
from tsseq2seq.persistence.classes import ESTIMATORS, PARTS, Storable
from tsseq2seq.registry import class_key, look_up
from tsseq2seq.settings import Settings

__all__ = ["decode", "encode"]

# Keys of the objects that stand for something else than a dict.
_MARKS = (
    {"float"},
    {"settings", "fields"},
    {"estimator", "parameters"},
    {"optimizer"},
    {"pairs"},
    {"kind", "parts"},
)


def encode(value: Any, name: str, skipped: list[str]) -> Any:  # noqa: ANN401
    """Turn a parameter into values that JSON can hold; settings become objects with the key of their class.

    Parameters
    ----------
    value
        The parameter.
    name
        Its name, for messages.
    skipped
        A list to which the names of settings' fields that hold functions are appended. These fields are not
        written, and loading gives them their defaults.

    Raises
    ------
    ParameterError
        If the value cannot be written.

    Examples
    --------
    >>> encode((12, float("inf")), "horizons", [])
    [12, {'float': 'inf'}]
    """
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Settings):
        fields = {
            name: field for name, field in value.get_params(deep=False).items() if name not in value.unsaved
        }
        functions = [k for k, v in fields.items() if _is_function(v) or _holds_function(v)]
        skipped += [f"{name}.{k}" for k in functions]
        written = {k: encode(v, f"{name}.{k}", skipped) for k, v in fields.items() if k not in functions}
        return {"settings": class_key(type(value)), "fields": written}
    for kind, (base, _) in PARTS.items():
        if isinstance(value, base):
            parts = value.to_parts()  # type: ignore[attr-defined]
            return {"kind": kind, "parts": encode(parts, name, skipped)}
    if isinstance(value, Storable):
        parameters = value.get_params(deep=False)
        return {"estimator": class_key(type(value)), "parameters": encode(parameters, name, skipped)}
    if isinstance(value, list | tuple | np.ndarray):
        return [encode(item, name, skipped) for item in value]
    if isinstance(value, Mapping):
        written = {k: encode(v, f"{name}.{k}".lstrip("."), skipped) for k, v in value.items()}
        if all(isinstance(key, str) for key in written) and set(written) not in _MARKS:
            return written
        return {"pairs": [[encode(key, name, skipped), item] for key, item in written.items()]}
    if isinstance(value, torch.device | os.PathLike):
        return str(value)
    if isinstance(value, np.generic):
        return encode(value.item(), name, skipped)
    if isinstance(value, pd.offsets.BaseOffset | datetime.timedelta):
        return Frequency.parse(value).alias
    class_name = getattr(value, "__name__", "")
    if class_name and getattr(torch.optim, class_name, None) is value:
        return {"optimizer": class_name}
    raise ParameterError(f"{name} is {value!r}, a {type(value).__name__}, which cannot be saved")


def _is_function(value: object) -> bool:
    is_optimizer = getattr(torch.optim, getattr(value, "__name__", ""), None) is value
    return callable(value) and not isinstance(value, Settings) and not is_optimizer


def _holds_function(value: object) -> bool:
    return isinstance(value, list | tuple) and any(_is_function(item) for item in value)


def decode(value: Any) -> Any:  # noqa: ANN401
    """Undo :func:`encode`.

    Raises
    ------
    ModelFileError
        If a class is not registered.

    Examples
    --------
    >>> from tsseq2seq.nn.network import Network
    >>> decode(encode(Network(hidden_size=8), "network", []))
    Network(hidden_size=8)
    """
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"pairs"}:
        return {decode(key): decode(item) for key, item in value["pairs"]}
    if set(value) == {"float"}:
        return _number(value["float"])
    if set(value) == {"settings", "fields"}:
        settings_class = cast("Any", look_up(Settings.registry, value["settings"]))
        return settings_class(**{k: decode(v) for k, v in value["fields"].items()})
    if set(value) == {"estimator", "parameters"}:
        return cast("Any", look_up(ESTIMATORS, value["estimator"]))(**decode(value["parameters"]))
    if set(value) == {"kind", "parts"}:
        return PARTS[value["kind"]][1](decode(value["parts"]))
    if set(value) == {"optimizer"}:
        return _optimizer(value["optimizer"])
    return {k: decode(v) for k, v in value.items()}


def _number(text: object) -> float:
    """Return a number that JSON has no word for."""
    if text not in ("nan", "inf", "-inf"):
        raise ModelFileError(f"float is {shown(text)}; it must be 'nan', 'inf' or '-inf'")
    return float(text)


def _optimizer(name: object) -> type[torch.optim.Optimizer]:
    """Return an optimiser of torch; nothing else of its module."""
    found = getattr(torch.optim, name, None) if isinstance(name, str) else None
    if not isinstance(found, type) or not issubclass(found, torch.optim.Optimizer):
        raise ModelFileError(f"optimizer is {shown(name)}, which is none of torch's")
    return found
