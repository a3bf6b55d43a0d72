"""Reading folders of arrays and tables of their texts."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tsseq2seq.cli.tables import read_table
from tsseq2seq.data.sequences.checked import checked_array
from tsseq2seq.errors import DataError, FileFormatError, ParameterError

__all__ = ["Recordings", "list_arrays", "read_arrays", "read_recordings"]

_ENDING = ".npy"


@dataclass(frozen=True)
class Recordings:
    """Arrays and their texts.

    Attributes
    ----------
    arrays, texts
        One of each for a row of the table.
    name
        Name of the table, for messages.
    """

    arrays: list[np.ndarray]
    texts: list[str]
    name: str

    def __str__(self) -> str:
        """Return the name, and the number of recordings."""
        return f"{self.name}: {len(self.arrays):,} {'file' if len(self.arrays) == 1 else 'files'}"


def list_arrays(folder: Path) -> list[str]:
    """Return the names of the arrays in a folder, sorted.

    Raises
    ------
    ParameterError
        If it is no folder.
    DataError
        If no file in it ends in ``.npy``.
    """
    _check_folder(folder)
    names = sorted(path.name for path in folder.iterdir() if path.suffix == _ENDING and path.is_file())
    if not names:
        raise DataError(f"{folder} has no file that ends in {_ENDING}")
    return names


def read_arrays(
    folder: Path, names: Sequence[str], *, by_columns: bool = False, width: int | None = None
) -> list[np.ndarray]:
    """Read arrays of a folder.

    Parameters
    ----------
    folder, names
        The folder, and the names of its files.
    by_columns
        Whether the columns of each array are the steps.
    width
        Number of features of the model. None: that of the first file.

    Raises
    ------
    FileFormatError
        If a file is not an array, or holds Python objects, which could run code.
    DataError
        If an array is not (T, F), is empty, has another number of features, or holds NaN or infinity. The
        message names the file, and shows shape and type, never numbers.
    """
    arrays: list[np.ndarray] = []
    for name in names:
        array = _read_array(folder / name)
        if by_columns:
            array = array.T if array.ndim == 2 else array
        expected = width if width is not None else arrays[0].shape[1] if arrays else None
        like = "as in the fit" if width is not None else f"as {names[0]} has"
        arrays.append(checked_array(array, str(folder / name), width=expected, like=like))
    return arrays


def read_recordings(
    folder: Path, table: Path, *, by_columns: bool = False, width: int | None = None
) -> Recordings:
    """Read a table of files and texts, and the arrays that it names.

    Raises
    ------
    ParameterError, FileFormatError, DataError
        As of :func:`read_arrays`; also if the table lacks a column, a text is empty, or a file is missing or
        named twice.
    """
    _check_folder(folder)
    frame = read_table(table)
    for column in ("file", "text"):
        if column not in frame.columns:
            listed = ", ".join(repr(str(name)) for name in frame.columns[:20])
            raise DataError(f"{table} has no column {column!r}; it has: {listed}")
    files, texts = ([str(cell) for cell in frame[column].fillna("")] for column in ("file", "text"))
    seen: set[str] = set()
    for row, (name, text) in enumerate(zip(files, texts, strict=True), start=1):
        if name in seen:
            raise DataError(f"{table}, row {row}: the file {name!r} is named twice")
        seen.add(name)
        if not text.strip():
            raise DataError(f"{table}, row {row}: the text of {name!r} is empty; leave the row out")
        if not (folder / name).is_file():
            raise DataError(f"{table}, row {row}: {folder} has no file {name!r}")
    return Recordings(read_arrays(folder, files, by_columns=by_columns, width=width), texts, table.name)


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ParameterError(f"FOLDER is {str(folder)!r}, which is not a folder")


def _read_array(path: Path) -> np.ndarray:
    try:
        # objects are pickles, which can run code
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError, pickle.UnpicklingError) as error:
        raise FileFormatError(f"{path} cannot be read as an array of numbers: {error}") from error
    if not isinstance(array, np.ndarray):
        raise FileFormatError(f"{path} is an archive of arrays; save each with numpy.save")
    return array
