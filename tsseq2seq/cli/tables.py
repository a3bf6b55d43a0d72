"""Reading data files: CSV, plain or compressed, and Parquet, recognised by their content."""

from __future__ import annotations

import csv
import gzip
import io
import warnings
import zlib
from pathlib import Path

import pandas as pd

from tsseq2seq.errors import DataError, FileFormatError, require

__all__ = ["read_table"]

_DELIMITERS = ",;\t|"
_SAMPLE = 1 << 16
_SAMPLE_LINES = 50


def read_table(path: Path) -> pd.DataFrame:
    """Read a data file.

    Parameters
    ----------
    path
        A CSV file in UTF-8, its fields separated by commas, semicolons, tabs or bars, possibly
        compressed by gzip; or a Parquet file.

    Returns
    -------
    pandas.DataFrame
        Of a CSV file, cells are text, and empty rows are left out.

    Raises
    ------
    FileFormatError
        If it is neither CSV nor Parquet, or is damaged.
    DataError
        If there are no rows, or two columns share a name.
    OSError
        If it cannot be opened.
    """
    if path.is_dir():
        raise FileFormatError(f"{path} is a folder; a CSV or Parquet file is needed")
    content = path.read_bytes()
    frame = _read_parquet(path) if content[:4] == b"PAR1" else _read_csv(_unzipped(content, path), path)
    if len(frame) == 0:
        raise DataError(f"{path} has a header but no rows")
    return frame


def _read_parquet(path: Path) -> pd.DataFrame:
    require("pyarrow", extra="parquet", purpose="Reading Parquet files")
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are both of these
        raise FileFormatError(f"{path} is damaged or not a Parquet file: {error}") from error
    named = any(name is not None for name in frame.index.names)
    return frame.reset_index() if named or isinstance(frame.index, pd.DatetimeIndex) else frame


def _unzipped(content: bytes, path: Path) -> bytes:
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        raise FileFormatError(f"{path} is damaged or truncated: {error}") from error


def _read_csv(content: bytes, path: Path) -> pd.DataFrame:
    sample = _text(content, path)[:_SAMPLE]
    lines = [line for line in sample.splitlines() if line.strip()][:_SAMPLE_LINES]
    if not lines:
        raise FileFormatError(f"{path} is empty")
    delimiter = _delimiter(lines)
    _check_header(next(csv.reader(lines, delimiter=delimiter)), path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.BytesIO(content),
                sep=delimiter,
                dtype=str,
                keep_default_na=False,
                na_filter=False,
                index_col=False,
                skipinitialspace=True,
                encoding="utf-8-sig",
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error) as error:
        raise FileFormatError(f"{path} is not a regular table: {error}") from error
    frame.columns = [str(name).strip() for name in frame.columns]
    return _without_row_numbers(frame[(frame != "").any(axis="columns")]).reset_index(drop=True)


def _text(content: bytes, path: Path) -> str:
    signatures = {b"PK\x03\x04": "a zip archive or an Excel file", b"\x89PNG": "a picture", b"%PDF": "a PDF"}
    file_type = next((name for start, name in signatures.items() if content.startswith(start)), None)
    if file_type is not None:
        raise FileFormatError(f"{path} is {file_type}; a CSV or Parquet file is needed")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FileFormatError(f"{path} is in UTF-16; save it as UTF-8")
    if b"\0" in content:
        raise FileFormatError(f"{path} is not a text file; a CSV or Parquet file is needed")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileFormatError(f"{path} is not in UTF-8 (line {line}); save it as UTF-8") from error


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter with which the most lines have as many fields as the header."""

    def agreement(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        return (
            (sum(count == counts[0] for count in counts) / len(counts), counts[0])
            if counts[0] > 1
            else (0, 0)
        )

    return max(_DELIMITERS, key=agreement)


def _check_header(names: list[str], path: Path) -> None:
    names = [name.strip() for name in names]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{path} has {names.count(twice)} columns named {twice!r}; names must be unique")
    if all(_is_value(name) for name in names):
        raise DataError(
            f"{path} has no header: its first line is {', '.join(names)!r}; name the columns there"
        )


def _is_value(name: str) -> bool:
    return name != "" and not any(letter.isalpha() for letter in name) and any(d.isdigit() for d in name)


def _without_row_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop the nameless column of row numbers that pandas and R write."""
    first = frame.columns[0] if len(frame.columns) else ""
    if len(frame.columns) < 2 or not first.startswith("Unnamed: 0"):
        return frame
    cells = frame[first].tolist()
    counted = any(cells == [str(number) for number in range(start, start + len(cells))] for start in (0, 1))
    return frame.drop(columns=first) if counted else frame
