"""Reading the data of a command: the history and the future covariates."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from tsseq2seq.cli import options, show
from tsseq2seq.cli.columns import find_columns, listed
from tsseq2seq.cli.contents import label
from tsseq2seq.cli.numbers import parse_numbers
from tsseq2seq.cli.reading_notes import reading_notes
from tsseq2seq.cli.repeats import check_repeats
from tsseq2seq.cli.rows import Rows, read_rows
from tsseq2seq.cli.typed import match_names, typed
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import DataError, shown

if TYPE_CHECKING:
    import tsseq2seq.autoencoder
    import tsseq2seq.forecaster

__all__ = ["HistoryTable", "fitted_history", "read_future", "read_history", "read_history_for"]

_AS_FOUND = options.Reading()

_Model: TypeAlias = "tsseq2seq.forecaster.Seq2SeqForecaster | tsseq2seq.autoencoder.Seq2SeqAutoencoder"


@dataclass(frozen=True)
class HistoryTable:
    """A history that was read.

    Attributes
    ----------
    frame
        Its rows, the columns typed.
    columns
        The role of each column.
    style
        Format of the dates in the file, for ``strftime``. None: integers, or no such format.
    numeric
        Names of the covariates that are numbers; the others are categories.
    """

    frame: pd.DataFrame
    columns: Columns
    style: str | None
    numeric: tuple[str, ...] = ()


def read_history(
    data: Path, given: options.Table, reading: options.Reading = _AS_FOUND, *, forecast: bool = True
) -> HistoryTable:
    """Read data to train on, and report them on standard error.

    Parameters
    ----------
    data
        The file.
    given
        The columns that the user named.
    reading
        What the user said of how the file is written.
    forecast
        Whether what follows the last rows is to be forecast.
    """
    covariates = (*(given.past_col or ()), *(given.future_col or ()), *(given.static_col or ()))
    weights = () if given.weight_col is None else (given.weight_col,)
    rows = read_rows(
        data,
        reading,
        time=given.time_col,
        id=given.id_col,
        targets=given.target_col or (),
        others=(*covariates, *weights),
        counted=given.freq is not None and given.freq.strip().isdecimal(),
    )
    columns, guessed = find_columns(
        rows.table,
        time=rows.time,
        targets=rows.targets,
        id=rows.id,
        past=given.past_col or (),
        future=given.future_col or (),
        static=given.static_col or (),
        weight=given.weight_col,
        notation=rows.notation,
    )
    frame, style = typed(rows.table, columns, notation=rows.notation)
    numeric = tuple(name for name in columns.covariates if parse_numbers(frame[name]) is not None)
    show.tell_data(data, frame, columns, numeric=numeric, guessed=guessed)
    _check_and_tell(rows, frame, columns, forecast=forecast)
    return HistoryTable(frame, columns, style, numeric)


def read_history_for(
    model: _Model, data: Path, reading: options.Reading = _AS_FOUND, *, forecast: bool = True
) -> HistoryTable:
    """Read a history with the columns that a model was fitted on; ``forecast`` as of :func:`read_history`."""
    columns, numeric = _columns_of(model)
    rows = read_rows(
        data,
        reading,
        time=columns.time,
        id=columns.id,
        targets=columns.targets,
        others=columns.covariates,
        counted=model.frequency_.alias.isdecimal(),
        named=False,
        zone=_zone(model.fitted_.panel.starts),
    )
    names = [
        columns.time,
        *columns.targets,
        *([columns.id] if columns.id is not None else []),
        *columns.covariates,
    ]
    _check_there(data, rows.table, names, "which the model was fitted on")
    frame, style = typed(rows.table, columns, numeric=numeric, notation=rows.notation)
    if columns.id is not None:
        frame[columns.id] = match_names(frame[columns.id], model.fitted_.panel.ids)
    _check_and_tell(rows, frame, columns, forecast=forecast)
    return HistoryTable(frame, columns, style, numeric)


def fitted_history(model: tsseq2seq.forecaster.Seq2SeqForecaster) -> HistoryTable:
    """Return the history that a model was fitted on: time stamps and targets."""
    columns, numeric = _columns_of(model)
    panel = model.fitted_.panel
    pieces = []
    for series, name in enumerate(panel.ids):
        piece = panel.frame(series, columns.time)
        pieces.append(piece if columns.id is None else piece.assign(**{columns.id: name}))
    return HistoryTable(pd.concat(pieces, ignore_index=True), columns, None, numeric)


def read_future(path: Path, history: HistoryTable, reading: options.Reading = _AS_FOUND) -> pd.DataFrame:
    """Read future covariates; names and formats of the columns are those of the history.

    Raises
    ------
    DataError
        If a column is missing, or a cell cannot be read.
    """
    columns = history.columns
    wanted = dataclasses.replace(columns.unweighted, targets=(), past=(), static=())
    # it has time stamps, and a row for each, however the history is laid out
    rows = read_rows(
        path,
        dataclasses.replace(reading, wide=False, no_time=False, sheet=None, skip_rows=None),
        time=columns.time,
        id=columns.id,
        others=columns.future,
        counted=pd.api.types.is_integer_dtype(history.frame[columns.time].dtype),
        zone=_zone(pd.Index(history.frame[columns.time])),
    )
    names = [columns.time, *([columns.id] if columns.id is not None else []), *columns.future]
    _check_there(path, rows.table, names, "which is needed over the horizon")
    frame, _ = typed(rows.table, wanted, numeric=history.numeric, style=history.style, notation=rows.notation)
    if columns.id is not None:
        frame[columns.id] = match_names(frame[columns.id], pd.Index(history.frame[columns.id]))
    return frame


def _columns_of(model: _Model) -> tuple[Columns, tuple[str, ...]]:
    """Return the columns that a model reads, and which covariates are numbers."""
    fitted = model.fitted_
    columns = fitted.columns if fitted.panel.named else dataclasses.replace(fitted.columns, id=None)
    coders = (fitted.coders.past, fitted.coders.future, fitted.coders.static)
    return columns, tuple(name for coder in coders if coder is not None for name in coder.numeric)


def _zone(times: pd.Index) -> str | None:
    """Return the name of the zone of time stamps; None if they have none."""
    zone = times.tz if isinstance(times, pd.DatetimeIndex) else None
    return None if zone is None else str(zone)


def _check_and_tell(rows: Rows, frame: pd.DataFrame, columns: Columns, *, forecast: bool) -> None:
    """Refuse repeated time stamps, and say how cells were read that could be read otherwise."""
    check_repeats(rows.table, frame, columns)
    for note in reading_notes(rows.table, frame, columns):
        show.tell(f"note: {note}")
    if forecast:
        _tell_open_ends(frame, columns)


def _tell_open_ends(frame: pd.DataFrame, columns: Columns) -> None:
    """Report series whose last row has no target: the user may have meant it to be forecast."""
    rows = frame.sort_values(columns.time, kind="stable")
    last = rows.iloc[[-1]] if columns.id is None else rows.drop_duplicates(columns.id, keep="last")
    count = int(last[list(columns.targets)].isna().all(axis="columns").sum())
    if count:
        show.tell(
            f"note: the last row of {count:,} of {len(last):,} series has no {listed(columns.targets)}; the "
            "forecast begins after it. Rows of the time to forecast belong into --future"
        )


def _check_there(path: Path, table: pd.DataFrame, names: Iterable[str], why: str) -> None:
    for name in names:
        if name not in table.columns:
            raise DataError(
                f"{label(path)} has no column {shown(name)}, {why}; it has: {listed(table.columns)}"
            )
