"""Reading the data of a command: the history, and what is known of the time to forecast."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from tsseq2seq.cli import options, show
from tsseq2seq.cli.columns import Roles, find_roles, listed
from tsseq2seq.cli.numbers import read_numbers
from tsseq2seq.cli.tables import read_table
from tsseq2seq.cli.typed import like_names, typed
from tsseq2seq.errors import DataError

if TYPE_CHECKING:
    import tsseq2seq.forecaster

__all__ = ["History", "own_history", "read_future", "read_history", "read_like"]


@dataclass(frozen=True)
class History:
    """Data that were read.

    Attributes
    ----------
    frame
        Typed columns.
    roles
        Which column plays which role.
    style
        How dates were written, for ``strftime``.
    numeric
        The covariates that are numbers.
    """

    frame: pd.DataFrame
    roles: Roles
    style: str | None
    numeric: tuple[str, ...] = ()


def read_history(data: Path, given: options.Table) -> History:
    """Read data to train on, and say on standard error what was found in them.

    Parameters
    ----------
    data
        The file.
    given
        The columns that the user named.
    """
    table = read_table(data)
    roles = find_roles(
        table,
        time=given.time_col,
        targets=given.target_col or (),
        id=given.id_col,
        past=given.past_col or (),
        future=given.future_col or (),
        static=given.static_col or (),
    )
    frame, style = typed(table, roles)
    numeric = tuple(name for name in roles.covariates if read_numbers(frame[name]) is not None)
    show.tell_data(data, frame, roles, numeric)
    _tell_open_ends(frame, roles)
    return History(frame, roles, style, numeric)


def read_like(model: tsseq2seq.forecaster.Seq2SeqForecaster, data: Path) -> History:
    """Read data that have the columns on which a model was fitted."""
    roles, numeric = _roles_of(model)
    table = read_table(data)
    names = [roles.time, *roles.targets, *([roles.id] if roles.id is not None else []), *roles.covariates]
    _check_there(data, table, names, "which the model was fitted on")
    frame, style = typed(table, roles, numeric=numeric)
    if roles.id is not None:
        frame[roles.id] = like_names(frame[roles.id], model.fitted_.panel.ids)
    _tell_open_ends(frame, roles)
    return History(frame, roles, style, numeric)


def own_history(model: tsseq2seq.forecaster.Seq2SeqForecaster) -> History:
    """Return the time stamps and targets that a model was fitted on."""
    roles, numeric = _roles_of(model)
    panel = model.fitted_.panel
    pieces = []
    for place, name in enumerate(panel.ids):
        piece = panel.frame(place, roles.time)
        pieces.append(piece if roles.id is None else piece.assign(**{roles.id: name}))
    return History(pd.concat(pieces, ignore_index=True), roles, None, numeric)


def read_future(path: Path, history: History) -> pd.DataFrame:
    """Read future covariates, whose columns are called and written as in the history.

    Raises
    ------
    DataError
        If a column is missing, or a cell cannot be read.
    """
    roles = history.roles
    wanted = Roles(roles.time, (), roles.id, future=roles.future)
    table = read_table(path)
    names = [roles.time, *([roles.id] if roles.id is not None else []), *roles.future]
    _check_there(path, table, names, "which is needed over the horizon")
    frame, _ = typed(table, wanted, numeric=history.numeric, style=history.style)
    if roles.id is not None:
        frame[roles.id] = like_names(frame[roles.id], pd.Index(history.frame[roles.id]))
    return frame


def _roles_of(model: tsseq2seq.forecaster.Seq2SeqForecaster) -> tuple[Roles, tuple[str, ...]]:
    fitted = model.fitted_
    columns, coders = fitted.columns, fitted.coders
    roles = Roles(
        columns.time,
        columns.targets,
        columns.id if fitted.panel.named else None,
        past=columns.past,
        future=columns.future,
        static=columns.static,
    )
    known = [coder for coder in (coders.past, coders.future, coders.static) if coder is not None]
    return roles, tuple(name for coder in known for name in coder.numeric)


def _tell_open_ends(frame: pd.DataFrame, roles: Roles) -> None:
    """Say where the last row has no target: it may stand for the time that was meant to be forecast."""
    rows = frame.sort_values(roles.time, kind="stable")
    last = rows.iloc[[-1]] if roles.id is None else rows.drop_duplicates(roles.id, keep="last")
    count = int(last[list(roles.targets)].isna().all(axis="columns").sum())
    if count:
        show.tell(
            f"note: the last row of {count:,} of {len(last):,} series has no {listed(roles.targets)}; the "
            "forecast begins after it. Rows of the time to forecast belong into --future"
        )


def _check_there(path: Path, table: pd.DataFrame, names: Iterable[str], why: str) -> None:
    for name in names:
        if name not in table.columns:
            raise DataError(f"{path} has no column {name!r}, {why}; it has: {listed(table.columns)}")
