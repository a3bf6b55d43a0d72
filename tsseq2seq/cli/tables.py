"""Reading data files: CSV, plain or compressed, Excel and Parquet, recognised by their content."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from tsseq2seq.cli import options
from tsseq2seq.cli.contents import label, read_content
from tsseq2seq.cli.delimited import read_delimited
from tsseq2seq.cli.excel import is_excel, read_excel
from tsseq2seq.errors import DataError, FileFormatError, ParameterError, require

__all__ = ["read_table"]

_AS_FOUND = options.Reading()


def read_table(path: Path, reading: options.Reading = _AS_FOUND) -> pd.DataFrame:
    """Read a data file.

    Parameters
    ----------
    path
        A CSV file, its fields separated by commas, semicolons, tabs or bars, possibly compressed by gzip;
        an Excel workbook; or a Parquet file. ``-`` is standard input.
    reading
        What the user said of the file.

    Returns
    -------
    pandas.DataFrame
        Of a CSV file, cells are text, and empty rows are left out.

    Raises
    ------
    FileFormatError
        If it is none of these, or is damaged.
    DataError
        If there are no rows, or two columns share a name.
    ParameterError
        If an option fits no file, or not this one.
    OSError
        If it cannot be opened.
    """
    content, where = read_content(path), label(path)
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise FileFormatError(f"{where} is an old Excel file (.xls); save it as .xlsx or CSV")
    if is_excel(content):
        frame = read_excel(content, where, reading)
    elif reading.sheet is not None:
        raise ParameterError(f"--sheet is {reading.sheet!r}, but {where} is not an Excel file")
    elif content[:4] == b"PAR1":
        frame = _read_parquet(content, where)
    else:
        frame = read_delimited(content, where, reading)
    if len(frame) == 0:
        raise DataError(f"{where} has a header but no rows")
    return frame


def _read_parquet(content: bytes, where: str) -> pd.DataFrame:
    require("pyarrow", extra="parquet", purpose="Reading Parquet files")
    try:
        frame = pd.read_parquet(io.BytesIO(content))
    except (OSError, ValueError) as error:  # pyarrow's errors are both of these
        raise FileFormatError(f"{where} is damaged or not a Parquet file: {error}") from error
    named = any(name is not None for name in frame.index.names)
    if named or isinstance(frame.index, pd.DatetimeIndex):
        frame = frame.reset_index()
    frame.columns = [str(name) for name in frame.columns]  # options name them by text
    return frame
