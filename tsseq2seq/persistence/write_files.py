"""Writing the two files of a model, so that the folder holds a whole model at every moment."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from tsseq2seq.atomic_files import alone_in, replace_file, staging, sync_folder
from tsseq2seq.errors import ModelFileError
from tsseq2seq.persistence.files import JSON, OURS, TENSORS, is_between, signed, tensors_between
from tsseq2seq.persistence.json_text import write_json

__all__ = ["write_files"]


def write_files(folder: Path, content: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Write a model into a folder; nothing else in it is touched.

    Parameters
    ----------
    folder
        The folder; it is made if there is none.
    content
        What ``model.json`` holds besides the format and the checksums.
    tensors
        Tensors by name.

    Raises
    ------
    ModelFileError
        If the folder holds other files and no model, or cannot be written; it is then as it was.
    """
    made: list[Path] = []
    try:
        _check_replaceable(folder)
        made = _make(folder)
        with staging(folder) as staged:
            plain = {name: tensor.contiguous().cpu() for name, tensor in tensors.items()}
            save_file(plain, staged / TENSORS)
            with (staged / TENSORS).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            text = write_json(signed(content, digest=digest, size=(staged / TENSORS).stat().st_size))
            (staged / JSON).write_text(text, encoding="utf-8")
            with alone_in(folder):
                _replace(staged, folder, digest)
    except (OSError, SafetensorError) as error:
        for empty in made:
            with suppress(OSError):  # somebody else's files may be in it by now
                empty.rmdir()
        raise ModelFileError(f"{folder} cannot be written: {error}") from error


def _replace(staged: Path, folder: Path, digest: str) -> None:
    """Replace both files by staged ones; an error leaves a whole model."""
    between, tensors = tensors_between(folder, digest), (folder / TENSORS).resolve()
    replace_file(staged / TENSORS, between, like=tensors)
    try:
        replace_file(staged / JSON, (folder / JSON).resolve())
    except OSError:
        between.unlink(missing_ok=True)
        raise
    with suppress(PermissionError):  # Windows, while it is read; the model is whole under the other name
        os.replace(between, tensors)
    sync_folder(tensors.parent)
    for left in tensors.parent.glob(f"{OURS}*"):
        if left != between and is_between(left.name):
            left.unlink(missing_ok=True)


def _make(folder: Path) -> list[Path]:
    """Make a folder and those above it; return the new ones, the innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)
    return missing


def _check_replaceable(folder: Path) -> None:
    """Refuse a path that holds anything but a saved model or an empty folder."""
    if not folder.exists():
        return
    replaceable = folder.is_dir() and all(path.name.startswith(OURS) for path in folder.iterdir())
    if (folder / JSON).is_file():
        try:
            content = json.loads((folder / JSON).read_text(encoding="utf-8"))
        except (ValueError, RecursionError):
            content = None
        replaceable = isinstance(content, dict) and {"format", "class", "tensors"} <= set(content)
    if not replaceable:
        raise ModelFileError(f"{folder} exists and is not a saved model; it is left as it is")
