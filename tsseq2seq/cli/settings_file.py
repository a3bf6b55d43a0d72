"""Files of settings: JSON objects with a value for each name, such as ``"network__hidden_size": 64``.

The names are those of ``Seq2SeqForecaster.set_params``. What concerns the data or the machine (columns,
frequency, horizon, device) is said on the command line.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tsseq2seq.atomic_files import replacing
from tsseq2seq.errors import FileFormatError, ParameterError, TsSeq2SeqError, shown
from tsseq2seq.forecaster import Seq2SeqForecaster
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.persistence import decode, encode
from tsseq2seq.settings import Settings

__all__ = ["apply_settings", "changed_settings", "read_settings", "write_settings"]

# What the command line says, by the option that says it.
_OF_THE_COMMAND = {
    "horizon": "--horizon",
    "id_col": "--id-col",
    "time_col": "--time-col",
    "target_col": "--target-col",
    "past_covariates": "--past-col",
    "future_covariates": "--future-col",
    "static_covariates": "--static-col",
    "weight_col": "--weight-col",
    "freq": "--freq",
    "training__device": "--device",
}
_NOT_WRITTEN = {*_OF_THE_COMMAND, "training__progress"}


def read_settings(path: Path) -> dict[str, Any]:
    """Read a file of settings.

    Raises
    ------
    FileFormatError
        If it is no JSON object, or a value cannot be read.
    ParameterError
        If a name is unknown, or belongs to the command line.
    OSError
        If it cannot be opened.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:  # no JSON, or no UTF-8
        raise FileFormatError(f"{path} is no file of settings, which is written in JSON: {error}") from error
    if not isinstance(content, dict):
        raise FileFormatError(
            f"{path} is no file of settings: it holds {shown(content)}, not names and values"
        )
    for name in content:
        _check_name(path, name, content)
    try:
        return {name: decode(value) for name, value in content.items()}
    except (TsSeq2SeqError, TypeError, ValueError) as error:
        raise FileFormatError(f"{path} has a value that cannot be read: {error}") from error


def apply_settings(model: Seq2SeqForecaster, settings: Mapping[str, Any], path: Path | None) -> None:
    """Set what a file of settings says.

    Raises
    ------
    ParameterError
        If a value is not allowed; the message names the file.
    """
    try:
        model.set_params(**settings)
        ForecasterSettings.of(model)
    except (TsSeq2SeqError, TypeError) as error:
        raise ParameterError(f"{path}: {error}") from error


def changed_settings(model: Seq2SeqForecaster, plain: Seq2SeqForecaster) -> dict[str, Any]:
    """Return the settings in which a model differs from a plain one, by name."""
    changed = _changed(model.get_params(deep=False), plain.get_params(deep=False))
    return {name: value for name, value in changed.items() if name not in _NOT_WRITTEN}


def write_settings(settings: Mapping[str, Any], path: Path) -> None:
    """Write settings so that :func:`read_settings` reads them.

    Raises
    ------
    ParameterError
        If a value cannot be written.
    """
    content = {name: encode(value, name, []) for name, value in settings.items()}
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _changed(own: Mapping[str, Any], plain: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name, value in own.items():
        other = plain[name]
        if isinstance(value, Settings) and type(value) is type(other):
            fields = value.get_params(deep=False), other.get_params(deep=False)
            changed |= _changed(*fields, prefix=f"{prefix}{name}__")
        elif type(value) is not type(other) or value != other:
            changed[f"{prefix}{name}"] = value
    return changed


def _check_name(path: Path, name: str, content: Mapping[str, Any]) -> None:
    option = _OF_THE_COMMAND.get(name)
    if option is not None:
        raise ParameterError(f"{path} has {name!r}, which is said on the command line, by {option}")
    known = [known for known in Seq2SeqForecaster(1).get_params() if known not in _NOT_WRITTEN]
    # the fields of an output are those of its class, which the file may change
    if name in known or (name.startswith("output__") and name != "output__"):
        return
    near = [full for full in known if full.endswith(f"__{name}")]
    near = near or difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    raise ParameterError(f"{path} has {shown(name)}, which is no setting; {hint}")
