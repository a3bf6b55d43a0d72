"""Reading Excel workbooks."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import Any

import pandas as pd

from tsseq2seq.cli import options
from tsseq2seq.cli.show import tell_titles
from tsseq2seq.errors import DataError, FileFormatError, ParameterError, require, shown

__all__ = ["is_excel", "read_excel"]


def is_excel(content: bytes) -> bool:
    """Return whether a file is a workbook (.xlsx, .xlsm)."""
    if content[:4] != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False


def read_excel(content: bytes, where: str, reading: options.Reading) -> pd.DataFrame:
    """Read a sheet of a workbook: the only one that is not empty, or that the user named.

    Parameters
    ----------
    content
        The file.
    where
        What messages call it.
    reading
        Names the sheet, and the number of rows above the header.

    Returns
    -------
    pandas.DataFrame
        Columns of one type keep it; those of several are text. Rows and columns without any cell are left
        out.

    Raises
    ------
    MissingDependencyError
        If openpyxl is not installed.
    FileFormatError
        If the workbook is damaged.
    ParameterError
        If there is no such sheet.
    DataError
        If several sheets hold cells and none was named, or two columns share a name.
    """
    require("openpyxl", extra="excel", purpose="Reading Excel files")
    try:
        sheets = pd.read_excel(
            io.BytesIO(content),
            sheet_name=None,
            header=None,
            dtype=object,
            engine="openpyxl",
            na_filter=False,
            skiprows=reading.skip_rows or 0,
        )
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise FileFormatError(f"{where} is damaged or not an Excel file: {error}") from error
    cells = _chosen(sheets, where, reading.sheet)
    if reading.skip_rows is None:
        cells = _without_titles(cells, where)
    names = [str(name).strip() for name in cells.iloc[0]]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise DataError(
            f"{where} has {names.count(twice)} columns named {shown(twice)}; names must be unique"
        )
    frame = cells.iloc[1:].reset_index(drop=True)
    frame.columns = [name or f"Unnamed: {number}" for number, name in enumerate(names)]
    return frame.apply(_typed)


def _chosen(sheets: dict[Any, pd.DataFrame], where: str, wanted: str | None) -> pd.DataFrame:
    filled = {str(name): _trimmed(cells) for name, cells in sheets.items()}
    if wanted is not None:
        if wanted not in filled:
            raise ParameterError(f"--sheet is {shown(wanted)}, but {where} has {_names(filled)}")
        filled = {wanted: filled[wanted]}
    filled = {name: cells for name, cells in filled.items() if len(cells)}
    if not filled:
        raise FileFormatError(f"{where} is empty")
    if len(filled) > 1:
        raise DataError(f"{where} has {len(filled)} sheets, {_names(filled)}; choose one with --sheet")
    return next(iter(filled.values()))


def _without_titles(cells: pd.DataFrame, where: str) -> pd.DataFrame:
    """Leave out first rows that hold a single cell, the first, and say so."""
    there = cells.notna() & (cells != "")
    alone = (there.sum(axis="columns") == 1) & there.iloc[:, 0]
    titles = int(alone.cummin().sum()) if len(cells.columns) > 1 else 0
    if titles == 0 or titles == len(cells):
        return cells
    tell_titles(titles, str(cells.iloc[0, 0]), where)
    return cells.iloc[titles:]


def _trimmed(cells: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows and columns without any cell."""
    there = cells.notna() & (cells != "")
    return cells.loc[there.any(axis="columns"), there.any(axis="index")].reset_index(drop=True)


def _names(sheets: dict[str, pd.DataFrame]) -> str:
    names = ", ".join(shown(name) for name in list(sheets)[:12])
    return names + (" …" if len(sheets) > 12 else "")


def _typed(column: pd.Series) -> pd.Series:
    """Give a column the type that its cells share; otherwise make it text, as in a CSV file."""
    there = column.notna() & (column != "")
    cells = column[there]
    if len(cells) and all(isinstance(cell, bool) for cell in cells):
        return column.where(there) if not there.all() else column.astype(bool)
    if len(cells) and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells):
        return pd.to_numeric(column.where(there))
    if len(cells) and all(isinstance(cell, datetime.datetime) for cell in cells):
        return pd.to_datetime(column.where(there))
    return column.map(_text).astype(str)


def _text(cell: object) -> str:
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return "" if cell is None or cell is pd.NaT else str(cell)
