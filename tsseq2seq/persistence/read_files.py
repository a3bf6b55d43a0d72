"""Reading the two files of a model, checked, and whole also while others save into the folder."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors.torch import load as tensors_from_bytes
from torch import Tensor

from tsseq2seq.errors import ModelFileError
from tsseq2seq.persistence.files import FORMAT, JSON, TENSORS, digest_of_content, is_between, tensors_between
from tsseq2seq.persistence.json_text import read_json
from tsseq2seq.persistence.whose import why_unreadable

__all__ = ["read_files"]

_ATTEMPTS = 100  # readings of a folder into which others save without end
_PAUSE = 0.005


def read_files(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Read the model of a folder.

    Returns
    -------
    content
        What ``model.json`` holds.
    tensors
        Tensors by name, each in memory of its own.

    Raises
    ------
    ModelFileError
        If a file is missing, unreadable, of a newer format, or not as it was saved.
    """
    if os.path.isfile(folder):  # unlike Path.is_file, False where that may not be known
        raise ModelFileError(f"{folder} is a file; a saved model is the folder that holds {JSON}")
    for attempt in range(_ATTEMPTS):
        data, version = _read(
            folder / JSON, missing=f"{folder} is not a saved model: there is no {JSON} in it"
        )
        try:
            content = _content(data, folder)
            tensors = _tensors(folder, content)
        except ModelFileError:
            if attempt == _ATTEMPTS - 1 or _version(folder / JSON) == version:
                raise
        else:
            # without checksums, only this tells that both files are of one save
            if "sha256" in content or _version(folder / JSON) == version:
                return content, tensors
        time.sleep(_PAUSE)  # a save came between
    raise ModelFileError(f"{folder} is being saved into all the time; try again later")


def _content(data: bytes, folder: Path) -> dict[str, Any]:
    """Return what ``model.json`` holds, if this version reads its format and nobody changed it."""
    file = folder / JSON
    try:
        content = read_json(data, memory=2 * (len(data) + _size(folder / TENSORS)))
    except ModelFileError as error:
        raise ModelFileError(f"{file} {error}") from error
    version = content.get("format") if isinstance(content, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise ModelFileError(f"{file} has no format number; it is not a saved model")
    if version < 1:
        raise ModelFileError(f"{file} has the format {version}; it is not a saved model")
    if version > FORMAT:
        raise ModelFileError(
            f"{file} has the format {version}; this version reads up to {FORMAT}. Upgrade tsseq2seq to load "
            "it"
        )
    if version > 2 or "sha256" in content:
        _check_unchanged(content, file)
    return content


def _check_unchanged(content: dict[str, Any], file: Path) -> None:
    sums = content.get("sha256")
    if not (isinstance(sums, dict) and isinstance(sums.get("tensors"), str)):
        raise ModelFileError(f"{file} was changed after it was saved: it lacks the SHA-256 of {TENSORS}")
    # a name that is spelt otherwise would hide a checksum
    strange = sums.keys() - {
        "tensors",
        "bytes",
        "model",
    }
    if strange:
        raise ModelFileError(f"{file} was changed after it was saved: its sha256 has {sorted(strange)}")
    if "model" in sums and sums["model"] != digest_of_content(content):
        raise ModelFileError(
            f"{file} was changed after it was saved: its SHA-256 is another. If the change was meant, remove "
            '"model" from its "sha256"'
        )


def _tensors(folder: Path, content: Mapping[str, Any]) -> dict[str, Tensor]:
    """Return the tensors, if they are those that were saved and all are there."""
    file = folder / TENSORS
    data = _tensor_data(folder, content.get("sha256"))
    try:
        tensors: dict[str, Tensor] = tensors_from_bytes(data)
    except Exception as error:  # of safetensors, of torch or of Python: the bytes may be anything
        raise ModelFileError(f"{file} is missing or truncated, or holds no tensors: {error}") from error
    names = content.get("tensors", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ModelFileError(f"{folder / JSON}: tensors is no list of names")
    missing = sorted(set(names) - set(tensors))
    if missing:
        raise ModelFileError(f"{file} lacks the tensor {missing[0]!r}")
    return tensors


def _tensor_data(folder: Path, sums: Mapping[str, Any] | None) -> bytes:
    """Return the bytes of the tensors, under their own name or the one before."""
    file = folder / TENSORS
    if sums is None:
        return _read(file, missing=f"{file} is missing or truncated: there is none")[0]
    between = tensors_between(file, sums["tensors"])
    if is_between(between.name) and between.exists():
        with suppress(FileNotFoundError):
            data = between.read_bytes()
            if hashlib.sha256(data).hexdigest() == sums["tensors"]:
                return data
    data = _read(file, missing=f"{file} is missing or truncated: there is none")[0]
    size = sums.get("bytes")
    if isinstance(size, int) and len(data) < size:
        raise ModelFileError(f"{file} is missing or truncated: it has {len(data):,} of {size:,} bytes")
    if hashlib.sha256(data).hexdigest() != sums["tensors"]:
        raise ModelFileError(
            f"{file} was changed after it was saved, or belongs to another model: its SHA-256 is not the "
            f"one in {JSON}. Copy both files again, or save the model again"
        )
    return data


def _read(file: Path, *, missing: str) -> tuple[bytes, tuple[int, ...]]:
    """Return the bytes of a file, and what tells it from another of the same name."""
    try:
        with file.open("rb") as opened:
            return opened.read(), _identity(os.fstat(opened.fileno()))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelFileError(missing) from error
    except OSError as error:
        raise ModelFileError(f"{file} cannot be read: {why_unreadable(file, error)}") from error


def _version(file: Path) -> tuple[int, ...] | None:
    with suppress(OSError):
        return _identity(file.stat())
    return None


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def _size(file: Path) -> int:
    with suppress(OSError):
        return file.stat().st_size
    return 0
