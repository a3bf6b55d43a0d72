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
        json_file, tensors_file = (folder / JSON).resolve(), (folder / TENSORS).resolve()
        # staged beside their places, which may be links to other disks
        with staging(json_file.parent) as for_json, staging(tensors_file.parent) as for_tensors:
            new_json, new_tensors = for_json / json_file.name, for_tensors / tensors_file.name
            save_file({name: tensor.contiguous().cpu() for name, tensor in tensors.items()}, new_tensors)
            with new_tensors.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            text = write_json(signed(content, digest=digest, size=new_tensors.stat().st_size))
            new_json.write_text(text, encoding="utf-8")
            with alone_in(folder):
                _replace(new_json, json_file, new_tensors, tensors_file, digest)
    except (OSError, SafetensorError) as error:
        for empty in made:
            with suppress(OSError):  # somebody else's files may be in it by now
                empty.rmdir()
        raise ModelFileError(f"{folder} cannot be written: {error}") from error


def _replace(new_json: Path, json_file: Path, new_tensors: Path, tensors_file: Path, digest: str) -> None:
    """Replace both files by staged ones; an error leaves a whole model."""
    between = tensors_between(tensors_file, digest)
    replace_file(new_tensors, between, like=tensors_file)
    try:
        replace_file(new_json, json_file)
    except OSError:
        between.unlink(missing_ok=True)
        raise
    with suppress(PermissionError):  # Windows, while it is read; the model is whole under the other name
        os.replace(between, tensors_file)
    sync_folder(tensors_file.parent)
    for left in tensors_file.parent.glob(f"{OURS}*"):
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
