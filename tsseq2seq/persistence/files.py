"""The two files of a saved model: their names, and how they are tied to each other.

``model.json`` holds the SHA-256 of the tensors. New tensors first lie under a name made of it; then
``model.json`` is replaced, which makes them the model's; then they take the name ``tensors.safetensors``.
Killed at any of these points, the folder holds a whole model, the older or the newer.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = [
    "FORMAT",
    "JSON",
    "OURS",
    "TENSORS",
    "digest_of_content",
    "is_between",
    "signed",
    "tensors_between",
]

#: Version of the format written; folders of a newer one are refused. Since 3, checksums are in the files.
FORMAT = 3

JSON = "model.json"
TENSORS = "tensors.safetensors"
#: How names of files and folders begin that lie beside these two while a model is saved.
OURS = ".tsseq2seq-"

_BETWEEN = re.compile(rf"{re.escape(OURS)}[0-9a-f]{{64}}\.safetensors")


def tensors_between(tensors_file: Path, digest: str) -> Path:
    """Return the path of new tensors that have not got their own name yet; links are followed."""
    return tensors_file.resolve().with_name(f"{OURS}{digest}.safetensors")


def is_between(name: str) -> bool:
    """Return whether a name is one of :func:`tensors_between`.

    Examples
    --------
    >>> is_between(f".tsseq2seq-{'0' * 64}.safetensors"), is_between("tensors.safetensors")
    (True, False)
    """
    return _BETWEEN.fullmatch(name) is not None


def signed(content: Mapping[str, Any], *, digest: str, size: int) -> dict[str, Any]:
    """Return what ``model.json`` holds, with checksums of the tensors and of itself.

    Parameters
    ----------
    content
        All else that it holds.
    digest, size
        SHA-256 and bytes of the tensors' file.
    """
    content = {"format": FORMAT, **content, "sha256": {"tensors": digest, "bytes": size}}
    content["sha256"]["model"] = digest_of_content(content)
    return content


def digest_of_content(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all values but itself, however they are laid out in lines."""
    others = {name: value for name, value in content["sha256"].items() if name != "model"}
    text = json.dumps({**content, "sha256": others}, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
