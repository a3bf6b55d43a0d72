"""A fingerprint of the library's code, by which a contest knows that its own forecasts must be made again."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "tsseq2seq"


@functools.cache
def fingerprint(parts: tuple[str, ...]) -> str:
    """Return a fingerprint of files and folders of the package, comments and all."""
    digest = hashlib.sha256()
    for part in parts:
        place = PACKAGE / part
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(str(file.relative_to(PACKAGE)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def all_but(*left_out: str) -> tuple[str, ...]:
    """Return the files and folders of the package, by name, without those left out."""
    names = sorted(
        path.name for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    )
    return tuple(name for name in names if name not in left_out)
