"""Writing result files: paths are checked before the work, and files are replaced only when complete."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tsseq2seq.atomic_files import replacing
from tsseq2seq.cli.times import write_times
from tsseq2seq.errors import ParameterError, require

__all__ = [
    "check_distinct",
    "check_file",
    "check_folder",
    "check_picture",
    "check_table",
    "write_table",
]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_TABLES = (".csv", ".csv.gz", ".parquet")


def check_table(path: Path, option: str = "--output") -> None:
    """Refuse a path to which :func:`write_table` could not write.

    Raises
    ------
    ParameterError
        If the ending is unknown, the folder is missing, or something other than a file is there.
    OSError
        If the file or its folder is write-protected.
    """
    if not path.name.endswith(_TABLES):
        raise ParameterError(
            f"{option} is {str(path)!r}; it must end in {', '.join(_TABLES[:-1])} or {_TABLES[-1]}"
        )
    if path.suffix == ".parquet":
        require("pyarrow", extra="parquet", purpose="Writing Parquet files")
    check_file(path, option)


def check_picture(path: Path) -> None:
    """Refuse a path to which matplotlib could not draw; errors as of :func:`check_table`."""
    require("matplotlib", extra="plot", purpose="Plotting")
    from matplotlib.figure import Figure

    formats = sorted(Figure().canvas.get_supported_filetypes())
    if path.suffix.removeprefix(".").lower() not in formats:
        raise ParameterError(f"--plot is {str(path)!r}; it must end in one of .{', .'.join(formats)}")
    check_file(path, "--plot")


def check_folder(path: Path) -> None:
    """Refuse a folder to which a model could not be saved; errors as of :func:`check_table`."""
    if path.exists() and not (path / "model.json").exists() and (not path.is_dir() or any(path.iterdir())):
        raise ParameterError(f"--model is {str(path)!r}, which exists and is not a saved model")
    above = path.absolute().parent
    while not above.exists():
        above = above.parent
    _check_writable(above)


def check_distinct(paths: dict[str, Path | None]) -> None:
    """Refuse two options that name the same file.

    Raises
    ------
    ParameterError
        With both options.
    """
    seen: dict[Path, str] = {}
    for option, path in paths.items():
        if path is None:
            continue
        resolved = path.resolve()
        if resolved in seen:
            raise ParameterError(f"{seen[resolved]} and {option} are the same file, {str(path)!r}")
        seen[resolved] = option


def write_table(
    frame: pd.DataFrame,
    path: Path,
    *,
    times: Sequence[str] = (),
    style: str | None = None,
    formulas_as_text: bool = False,
) -> None:
    """Write a frame.

    Parameters
    ----------
    frame
        A table.
    path
        A CSV or Parquet file.
    times, style
        Columns of time stamps, and the style in which dates were read; for CSV.
    formulas_as_text
        Whether text that a spreadsheet would take for a formula gets an apostrophe before it; in CSV.
    """
    with replacing(path) as temporary:
        if path.suffix == ".parquet":
            frame.to_parquet(temporary, index=False)
        else:
            written = frame.assign(**{name: write_times(frame[name], style) for name in times})
            if formulas_as_text:
                written = _without_formulas(written)
            # forecasts are float32, of seven digits; ten keep 10⁸ + i
            written.to_csv(temporary, index=False, float_format="%.10g")


def _without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    def as_text(cell: object) -> object:
        return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell

    numeric = pd.api.types.is_numeric_dtype
    texts = {name: frame[name].map(as_text) for name in frame.columns if not numeric(frame[name].dtype)}
    return frame.assign(**texts).rename(columns=as_text)


def check_file(path: Path, option: str) -> None:
    """Refuse a path to which no file could be written; errors as of :func:`check_table`."""
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "not a regular file"
        raise ParameterError(f"{option} is {str(path)!r}, which is {what}")
    folder = path.resolve().parent
    if not folder.is_dir():
        raise ParameterError(f"{option} is {str(path)!r}, but there is no folder {str(folder)!r}")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(13, "the file is write-protected", str(path))
    _check_writable(folder)


def _check_writable(folder: Path) -> None:
    """Try to write a file into the folder: only that reveals quotas, mounts and permissions."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error
