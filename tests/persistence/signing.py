"""Saved models changed as by someone who knows the format: with checksums that fit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tsseq2seq.persistence.files import JSON, TENSORS, signed


def sign(folder: Path) -> None:
    """Make the checksums those of the files as they are."""
    data = (folder / TENSORS).read_bytes()
    content = json.loads((folder / JSON).read_text(encoding="utf-8"))
    content.pop("sha256", None)
    content = signed(content, digest=hashlib.sha256(data).hexdigest(), size=len(data))
    (folder / JSON).write_text(json.dumps(content), encoding="utf-8")


def change_json(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what ``model.json`` holds in place, and sign it."""
    content = json.loads((folder / JSON).read_text(encoding="utf-8"))
    change(content)
    (folder / JSON).write_text(json.dumps(content), encoding="utf-8")
    sign(folder)
