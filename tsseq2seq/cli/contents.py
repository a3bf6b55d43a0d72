"""The bytes of a data file, or of standard input."""

from __future__ import annotations

import gzip
import sys
import zlib
from pathlib import Path

from tsseq2seq.errors import FileFormatError

__all__ = ["label", "read_content", "stem"]

_STANDARD_INPUT = Path("-")


def label(path: Path) -> str:
    """Return what messages call a file.

    Examples
    --------
    >>> label(Path("sales.csv")), label(Path("-"))
    ('sales.csv', 'standard input')
    """
    return "standard input" if path == _STANDARD_INPUT else str(path)


def stem(path: Path) -> str:
    """Return the name of a file without folders and endings, for titles.

    Examples
    --------
    >>> stem(Path("data/sales.csv.gz")), stem(Path("-"))
    ('sales', 'standard input')
    """
    return label(path) if path == _STANDARD_INPUT else path.name.partition(".")[0]


def read_content(path: Path) -> bytes:
    """Return what a file holds, unpacked by gzip where it must be; ``-`` is standard input.

    Raises
    ------
    FileFormatError
        If it is a folder, or a damaged gzip file.
    OSError
        If it cannot be opened.
    """
    if path == _STANDARD_INPUT:
        content = sys.stdin.buffer.read()
    elif path.is_dir():
        raise FileFormatError(f"{path} is a folder; a CSV, Excel or Parquet file is needed")
    else:
        content = path.read_bytes()
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        raise FileFormatError(f"{label(path)} is damaged or truncated: {error}") from error
