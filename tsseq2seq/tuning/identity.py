"""What a study belongs to, in a form that a storage can hold and compare."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.errors import ParameterError

__all__ = ["check_same", "digest", "digest_texts"]

# What changes how long a trial takes or what is shown, not what is found.
_IRRELEVANT = ("training__progress", "training__device")


def digest(frame: LongFrame) -> str:
    """Return a fingerprint of a frame's rows: the same rows in another order have the same."""
    found = hashlib.sha256()
    for part in (frame.ids, frame.times):
        found.update(pd.util.hash_pandas_object(part, index=False).to_numpy().tobytes())
    found.update(np.ascontiguousarray(frame.starts).tobytes())
    found.update(np.ascontiguousarray(frame.targets).tobytes())
    for name in frame.covariates:
        found.update(str(name).encode())
        found.update(pd.util.hash_pandas_object(frame.covariates[name], index=False).to_numpy().tobytes())
    return found.hexdigest()[:16]


def digest_texts(*columns: Sequence[str]) -> str:
    """Return a fingerprint of columns of sentences."""
    found = hashlib.sha256()
    for column in columns:
        found.update(f"{len(column)}\n".encode())
        for text in column:
            raw = text.encode("utf-8", "surrogatepass")
            found.update(f"{len(raw)}\n".encode() + raw)
    return found.hexdigest()[:16]


def settings_of(estimator: Any) -> dict[str, str]:  # noqa: ANN401
    """Return an estimator's class and settings as texts, without those that change no result."""
    params = estimator.get_params(deep=True)
    nested = {name.partition("__")[0] for name in params if "__" in name}
    shown = {
        name: _shown(value)
        for name, value in params.items()
        if name not in nested and name not in _IRRELEVANT
    }
    return {"estimator": type(estimator).__name__, **shown}


def _shown(value: object) -> str:
    # the address of a function changes from run to run
    return str(getattr(value, "__qualname__", None) or repr(value))


def check_same(found: Mapping[str, Any], wanted: Mapping[str, Any], name: str) -> None:
    """Refuse a study that was made for something else.

    Raises
    ------
    ParameterError
        That says what differs.
    """
    for key, value in wanted.items():
        _check_part(key, found.get(key), value, name)


def _check_part(key: str, found: Any, wanted: Any, name: str) -> None:  # noqa: ANN401
    if isinstance(found, dict) and isinstance(wanted, dict):
        for inner in sorted({*found, *wanted}):
            _check_part(f"{key} of {inner}", found.get(inner), wanted.get(inner), name)
    elif found != wanted:
        raise ParameterError(
            f"tune: the study {name!r} was made for another {key}: {found!r}, and now it is {wanted!r}; "
            "choose another study_name"
        )
