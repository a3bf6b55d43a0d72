"""Saving and loading estimators: a folder with JSON and safetensors, never pickle.

``model.json`` holds the format, the class, its parameters and what ``fit`` learned besides tensors;
``tensors.safetensors`` holds the tensors. Classes are named as in :mod:`tsseq2seq.registry`. The folder is
written under a temporary name and then renamed, so that an interrupted save leaves an older model whole.
"""

from __future__ import annotations

import datetime
import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.errors import ModelFileError, ParameterError, TsSeq2SeqWarning, warn
from tsseq2seq.registry import class_key, enter, look_up
from tsseq2seq.settings import Settings

__all__ = ["FORMAT", "Storable", "load", "register", "register_parts", "save"]

#: Version of the format written; folders of a newer one are refused.
FORMAT = 2

_JSON = "model.json"
_TENSORS = "tensors.safetensors"
# Keys of the objects that stand for something else than a dict.
_MARKS = (
    {"float"},
    {"settings", "fields"},
    {"estimator", "parameters"},
    {"optimizer"},
    {"pairs"},
    {"kind", "parts"},
)

_registry: dict[str, type[Storable]] = {}
# Classes whose instances are written as the parts that they name, with the function that undoes it.
_parts: dict[str, tuple[type, Callable[[Any], Any]]] = {}


@runtime_checkable
class Storable(Protocol):
    """An estimator that can be saved."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's parameters."""
        ...

    def learned(self, **options: Any) -> tuple[dict[str, Any], dict[str, Tensor]]:  # noqa: ANN401
        """Return what ``fit`` learned: values that :func:`encode` takes, and tensors."""
        ...

    def restore(self, learned: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Set what :meth:`learned` returned."""
        ...


AnyClass = TypeVar("AnyClass", bound=type)


def register(estimator_class: AnyClass) -> AnyClass:
    """Register a class, so that :func:`load` finds it; a class decorator.

    Raises
    ------
    ParameterError
        If a class of another module already has its key.
    """
    enter(_registry, estimator_class)
    return estimator_class


def register_parts(kind: str, base: type, restore: Callable[[Any], Any]) -> None:
    """Register a class whose instances are saved as what their ``to_parts`` returns.

    Parameters
    ----------
    kind
        Its name in the file.
    base
        The class, or its base.
    restore
        Returns the instance of the parts.
    """
    _parts[kind] = (base, restore)


def save(estimator: Storable, path: str | os.PathLike[str], options: Mapping[str, Any] | None = None) -> None:
    """Write a fitted estimator to a folder.

    Parameters
    ----------
    estimator
        A fitted estimator.
    path
        The folder; one that holds a saved model is replaced.
    options
        Passed on to the estimator's ``learned``.

    Raises
    ------
    ModelFileError
        If ``path`` holds anything but a saved model, or cannot be written.
    ParameterError
        If a parameter cannot be written as JSON.
    """
    target = Path(path)
    _check_replaceable(target)
    learned, tensors = estimator.learned(**(options or {}))
    skipped: list[str] = []
    content = {
        "format": FORMAT,
        "class": class_key(type(estimator)),
        "parameters": encode(estimator.get_params(deep=False), "", skipped),
        "learned": encode(learned, "", []),
        "tensors": sorted(tensors),
    }
    if skipped:
        warn(
            f"functions cannot be saved; the loaded model will have the defaults of {', '.join(skipped)}",
            TsSeq2SeqWarning,
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise ModelFileError(f"{target} cannot be written: {error}") from error
    try:
        (staging / _JSON).write_text(json.dumps(content, indent=1, allow_nan=False), encoding="utf-8")
        save_file({name: tensor.contiguous().cpu() for name, tensor in tensors.items()}, staging / _TENSORS)
        staging.chmod(0o755)
        _replace(staging, target)
    except OSError as error:
        raise ModelFileError(f"{target} cannot be written: {error}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def load(path: str | os.PathLike[str]) -> Any:  # noqa: ANN401 (any registered class)
    """Read a saved estimator.

    Parameters
    ----------
    path
        The folder that ``save`` wrote.

    Returns
    -------
    Estimator
        The fitted estimator, on the device that its ``training`` names.

    Raises
    ------
    ModelFileError
        If the folder is missing, incomplete, of a newer format or no saved model, or one of its classes is
        not registered: the module that defines it must be imported first.
    """
    folder = Path(path)
    content = _read_json(folder)
    try:
        estimator_class = cast("Any", look_up(_registry, content.get("class")))
    except ModelFileError as error:
        raise ModelFileError(f"{folder / _JSON}: {error}") from error
    try:
        tensors = load_file(folder / _TENSORS)
    except (OSError, SafetensorError) as error:
        raise ModelFileError(f"{folder / _TENSORS} is missing or truncated: {error}") from error
    missing = sorted(set(content.get("tensors", [])) - set(tensors))
    if missing:
        raise ModelFileError(f"{folder / _TENSORS} lacks the tensor {missing[0]!r}")
    try:
        estimator = estimator_class(**decode(content["parameters"]))
        estimator.restore(decode(content["learned"]), tensors)
    except ModelFileError as error:
        raise ModelFileError(f"{folder / _JSON}: {error}") from error
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        name = estimator_class.__name__
        raise ModelFileError(f"{folder} does not fit this version's {name}: {error}") from error
    return estimator


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
        fields = value.get_params(deep=False)
        functions = [k for k, v in fields.items() if _is_function(v) or _holds_function(v)]
        skipped += [f"{name}.{k}" for k in functions]
        written = {k: encode(v, f"{name}.{k}", skipped) for k, v in fields.items() if k not in functions}
        return {"settings": class_key(type(value)), "fields": written}
    for kind, (base, _) in _parts.items():
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
    """
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"pairs"}:
        return {decode(key): decode(item) for key, item in value["pairs"]}
    if set(value) == {"float"}:
        return float(value["float"])
    if set(value) == {"settings", "fields"}:
        settings_class = cast("Any", look_up(Settings.registry, value["settings"]))
        return settings_class(**{k: decode(v) for k, v in value["fields"].items()})
    if set(value) == {"estimator", "parameters"}:
        return cast("Any", look_up(_registry, value["estimator"]))(**decode(value["parameters"]))
    if set(value) == {"kind", "parts"}:
        return _parts[value["kind"]][1](decode(value["parts"]))
    if set(value) == {"optimizer"}:
        return getattr(torch.optim, value["optimizer"])
    return {k: decode(v) for k, v in value.items()}


def _check_replaceable(target: Path) -> None:
    """Refuse a path that holds anything but a saved model or an empty folder."""
    if not target.exists():
        return
    replaceable = target.is_dir() and not any(target.iterdir())
    if (target / _JSON).is_file():
        try:
            content = json.loads((target / _JSON).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            content = None
        replaceable = isinstance(content, dict) and {"format", "class", "tensors"} <= set(content)
    if not replaceable:
        raise ModelFileError(f"{target} exists and is not a saved model; it is left as it is")


def _read_json(folder: Path) -> dict[str, Any]:
    file = folder / _JSON
    if folder.is_file():
        raise ModelFileError(f"{folder} is a file; a saved model is the folder that holds {_JSON}")
    if not folder.is_dir() or not file.exists():
        raise ModelFileError(f"{folder} is not a saved model: there is no {_JSON} in it")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFileError(f"{file} is truncated or not JSON: {error}") from error
    version = content.get("format") if isinstance(content, dict) else None
    if not isinstance(version, int):
        raise ModelFileError(f"{file} has no format number; it is not a saved model")
    if version > FORMAT:
        raise ModelFileError(
            f"{file} has the format {version}; this version reads up to {FORMAT}. Upgrade tsseq2seq to load "
            "it"
        )
    return content


def _replace(staging: Path, target: Path) -> None:
    """Rename the finished folder to its final name; delete the older model only after that."""
    if not target.exists():
        staging.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    old.rmdir()
    target.rename(old)
    try:
        staging.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
