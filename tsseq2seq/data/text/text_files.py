"""Read sentences and pairs of sentences from files."""

from __future__ import annotations

import os
from pathlib import Path

from tsseq2seq.errors import FileFormatError

__all__ = ["read_lines", "read_pair_file", "split_lines"]


def read_lines(path: str | os.PathLike[str]) -> list[str]:
    r"""Return the lines of a file with one sentence a line.

    Only ``\n`` and ``\r\n`` end a line, as Unicode's other separators occur inside sentences. An empty line
    is an empty sentence, so that two files match line by line. A line break at the end of the file does not
    start another line. A byte order mark is left out.

    Parameters
    ----------
    path
        The file, in UTF-8.

    Raises
    ------
    FileFormatError
        If the file cannot be read, or is not in UTF-8; the message names the line.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise FileFormatError(f"{path} cannot be read: {error.strerror or error}") from error
    return split_lines(content, str(path))


def split_lines(content: bytes, name: str) -> list[str]:
    r"""Return the lines of a file's content, by the rules of :func:`read_lines`.

    Parameters
    ----------
    content
        Text in UTF-8.
    name
        Name of the file in messages.

    Examples
    --------
    >>> split_lines("ένα\r\n\nδύο\n".encode(), "input")
    ['ένα', '', 'δύο']
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileFormatError(f"{name} is in UTF-16; save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileFormatError(f"{name} is not in UTF-8 (line {line}); save it as UTF-8") from error
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines[:-1] if not lines[-1] else lines


def read_pair_file(path: str | os.PathLike[str]) -> tuple[list[str], list[str]]:
    """Return the pairs of a file with one pair a line: source, tab, target, as Tatoeba and Anki export them.

    Parameters
    ----------
    path
        The file, in UTF-8. Further columns, such as an attribution, are ignored.

    Returns
    -------
    sources, targets
        The sentences of the first and of the second column.

    Raises
    ------
    FileFormatError
        If the file cannot be read or is not in UTF-8, or if a line has no tab; the message names the first
        such line, and how many there are.
    """
    rows = [line.split("\t") for line in read_lines(path)]
    short = [number for number, row in enumerate(rows, start=1) if len(row) < 2]
    if short:
        others = f" ({len(short)} of {len(rows)} lines are like this)" if len(short) > 1 else ""
        raise FileFormatError(
            f"{path}, line {short[0]}: {rows[short[0] - 1][0][:60]!r} has no tab; a line must be a source, "
            f"a tab and a target{others}"
        )
    return [row[0] for row in rows], [row[1] for row in rows]
