"""From a file, in whatever layout, to a table with a row for each time and series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tsseq2seq.cli import options, show
from tsseq2seq.cli.columns import check_named, split_names
from tsseq2seq.cli.joined_times import join_times
from tsseq2seq.cli.notation import Notation
from tsseq2seq.cli.tables import read_table
from tsseq2seq.cli.times import NUMBER
from tsseq2seq.cli.wide_table import check_not_wide, long_table
from tsseq2seq.errors import ParameterError

__all__ = ["Rows", "read_rows"]

_ROW = "row"


@dataclass(frozen=True)
class Rows:
    """A table that was read.

    Attributes
    ----------
    table
        A row for each time and series; text or typed columns.
    notation
        How the file writes numbers and dates.
    time, id, targets
        The columns that the user named, under the names that they have now.
    """

    table: pd.DataFrame
    notation: Notation
    time: str | None
    id: str | None
    targets: tuple[str, ...]


def read_rows(
    path: Path,
    reading: options.Reading,
    *,
    time: str | None = None,
    id: str | None = None,
    targets: Sequence[str] = (),
    others: Sequence[str] = (),
    counted: bool = False,
    named: bool = True,
    zone: str | None = None,
) -> Rows:
    """Read a file.

    Parameters
    ----------
    path
        The file; ``-`` is standard input.
    reading
        What the user said of it: of its layout, too.
    time, id, targets, others
        Columns that the user named, or that a model was fitted on; ``others`` are covariates.
    counted
        Whether time stamps are plain numbers, whatever dates they resemble.
    named
        Whether the user named the columns, so that they must be there; a model's may be those of the long
        table that a wide one becomes.
    zone
        Time zone of a model or a history, where the user names none.

    Raises
    ------
    DataError, FileFormatError, ParameterError
        If it cannot be read so.
    """
    table = read_table(path, reading)
    delimiter = table.attrs.get("delimiter")
    notation = Notation(
        decimal=reading.decimal,
        thousands=reading.thousands,
        date_format=NUMBER if counted else reading.date_format,
        semicolons=delimiter == ";",
        time_zone=reading.time_zone or zone,
    )
    if reading.no_time:
        table, time = _numbered(table, time, id)
    else:
        taken = {*([] if id is None else [id]), *targets, *others}
        table, time = join_times(table, time, taken, notation)
    if not reading.wide:
        if time not in table.columns:
            check_not_wide(table)
        return Rows(table, notation, time, id, tuple(targets))
    roles: dict[str, tuple[str, ...]] = {
        "time": () if time is None else (time,),
        "id": () if id is None else (id,),
    }
    roles["target"] = split_names(targets, table)
    if named:
        for role, names in roles.items():
            for name in names:
                check_named(table, role, name)
    there = {role: [name for name in names if name in table.columns] for role, names in roles.items()}
    long = long_table(
        table,
        time=next(iter(there["time"]), None),
        id=next(iter(there["id"]), None),
        targets=there["target"],
        notation=notation,
    )
    return Rows(long.table, notation, long.time, long.id, (long.target,))


def _numbered(table: pd.DataFrame, time: str | None, id: str | None) -> tuple[pd.DataFrame, str]:
    """Return the table with a new column that counts the rows of each series."""
    name = next(name for name in (_ROW, f"{_ROW} number", f"{_ROW}_1") if name not in table.columns)
    if time not in (None, name):
        raise ParameterError(f"--no-time is given, and --time-col {time} too; leave out one")
    if id is not None and id in table.columns:
        numbers = table.groupby(table[id].astype(str).str.strip()).cumcount() + 1
        show.tell(f"note: rows are numbered in the order in which they stand, in each series of {id!r}")
    else:
        numbers = pd.Series(range(1, len(table) + 1), index=table.index)
        show.tell(
            "note: rows are numbered in the order in which they stand, as one series; where there are "
            "several, name them with --id-col"
        )
    numbered = table.copy()
    numbered.insert(0, name, numbers)
    numbered.attrs = dict(table.attrs)
    return numbered, name
