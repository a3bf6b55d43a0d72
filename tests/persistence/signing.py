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


def name_device(folder: Path, device: object) -> None:
    """Have a saved model say that it was trained on a device."""

    def change(content: dict[str, Any]) -> None:
        found = _devices_of(content)
        assert found
        for fields in found:
            fields["device"] = device

    change_json(folder, change)


def _devices_of(value: Any) -> list[dict[str, Any]]:
    """Return the fields of all settings that name a device."""
    if isinstance(value, list):
        return [fields for item in value for fields in _devices_of(item)]
    if not isinstance(value, dict):
        return []
    own = [value["fields"]] if "settings" in value and "device" in value["fields"] else []
    return own + [fields for item in value.values() for fields in _devices_of(item)]
