"""What is said once of how cells were read, where someone could read them otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from tsseq2seq.cli.numbers import parse_numbers
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.series_names import visible_name
from tsseq2seq.errors import shown

__all__ = ["reading_notes"]


def reading_notes(table: pd.DataFrame, frame: pd.DataFrame, columns: Columns) -> Iterator[str]:
    """Yield a sentence for each column whose cells do not say by themselves what they are.

    Parameters
    ----------
    table
        The cells as they stand in the file.
    frame
        What was read, in the same rows.
    columns
        The columns that play a role.

    Examples
    --------
    >>> table = pd.DataFrame({"t": ["1", "2"], "y": ["1,5", "$2"]})
    >>> list(reading_notes(table, table.assign(y=[1.5, 2.0]), Columns(None, "t", ("y",))))
    ["in column 'y', '1,5' is read as 1.5"]
    """
    if columns.id is not None:
        yield from _names(table[columns.id], frame[columns.id])
    yield from _times(table[columns.time], frame[columns.time])
    for name in (*columns.targets, *columns.covariates):
        if pd.api.types.is_numeric_dtype(frame[name].dtype):
            yield from _numbers(table[name], frame[name])


def _names(cells: pd.Series, names: pd.Series) -> Iterator[str]:
    if not pd.api.types.is_string_dtype(names.dtype) and names.dtype != object:
        return
    written = pd.Series(cells.unique()).astype(str)
    if len(written) > names.nunique():
        again = written[written.map(visible_name) != written]
        yield (
            f"names in column {shown(cells.name)} that differ only by what no one sees, such as "
            f"{shown(again.iloc[0])}, are one series"
        )


def _times(cells: pd.Series, times: pd.Series) -> Iterator[str]:
    if not _is_text(cells) or not pd.api.types.is_datetime64_any_dtype(times.dtype) or not len(cells):
        return
    offsets = cells.astype(str).str.extract(r":\d\d(?:\.\d+)?\s?(Z|[+-]\d\d:?\d\d)\s*$")[0].dropna().unique()
    if len(offsets) > 1 and str(times.dt.tz) == "UTC":
        yield (
            f"column {shown(cells.name)} has different offsets from UTC, {', '.join(offsets[:3])}, and is "
            "read in UTC, in which the hours of the day move with the clocks; name the place of the clocks "
            "with --time-zone, such as Europe/Berlin"
        )
    first = str(cells.iloc[0]).strip()
    year = f"{times.iloc[0]:%Y}"
    # a cell that shows year and month as numbers or names needs no word
    if (
        year not in first
        or (first.isdecimal() and f"{times.iloc[0]:%Y%m}" not in first)
        or "W" in first.upper()
    ):
        yield f"in column {shown(cells.name)}, {shown(first)} is read as {times.iloc[0]:%Y-%m-%d}"


def _numbers(cells: pd.Series, numbers: pd.Series) -> Iterator[str]:
    if not _is_text(cells):
        return
    text = cells.astype(str).str.strip()
    # one glance is enough: the column is written in one way
    changed = text.str.contains(r"[,'$€£¥₹%]|\d\s\d|\..*\.", regex=True) & numbers.notna()
    if not changed.any() and _are_thousands(text, numbers):
        changed = text.str.contains(".", regex=False) & numbers.notna()
    if changed.any() and parse_numbers(numbers) is not None:
        row = int(changed.to_numpy().argmax())
        yield f"in column {shown(cells.name)}, {shown(text.iloc[row])} is read as {numbers.iloc[row]:.10g}"


def _are_thousands(text: pd.Series, numbers: pd.Series) -> bool:
    with_point = text.str.contains(".", regex=False) & numbers.notna()
    if not with_point.any():
        return False
    row = int(with_point.to_numpy().argmax())
    return bool(pd.to_numeric(text.iloc[[row]], errors="coerce").iloc[0] != numbers.iloc[row])


def _is_text(cells: pd.Series) -> bool:
    return pd.api.types.is_string_dtype(cells.dtype) or cells.dtype == object
