"""Inferring the role of each column of a table: time stamp, target, series, covariate."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

import pandas as pd

from tsseq2seq.cli.column_kinds import ColumnKinds
from tsseq2seq.cli.notation import Notation
from tsseq2seq.cli.numbers import check_numbers
from tsseq2seq.cli.parts_of_time import part_of_time
from tsseq2seq.cli.repeats import check_clock_change
from tsseq2seq.cli.times import parse_times
from tsseq2seq.cli.zones import in_zone
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import DataError, shown

__all__ = ["check_named", "find_columns", "listed", "split_names"]

_AS_FOUND = Notation()
_DEFAULTS = {"id": "unique_id", "time": "ds", "target": "y"}
_OPTIONS = {
    "id": "--id-col",
    "time": "--time-col",
    "target": "--target-col",
    "past": "--past-col",
    "future": "--future-col",
    "static": "--static-col",
    "weight": "--weight-col",
}


def find_columns(
    table: pd.DataFrame,
    *,
    time: str | None = None,
    targets: Sequence[str] = (),
    id: str | None = None,
    past: Sequence[str] = (),
    future: Sequence[str] = (),
    static: Sequence[str] = (),
    weight: str | None = None,
    notation: Notation = _AS_FOUND,
) -> tuple[Columns, tuple[str, ...]]:
    """Decide which column plays which role.

    A role goes to the column that an option names; without one, to the column with the library's default name
    (``unique_id``, ``ds``, ``y``). Otherwise the content decides. The time stamps are the only column of
    dates, or else the only column of integers that grow within each series. The target is the only other
    column of numbers. If time stamps repeat, the series are the only column of text within whose values they
    do not. Covariates and weights must be named by an option.

    Parameters
    ----------
    table
        Text or typed columns.
    time, id, weight
        Columns that the user named.
    targets, past, future, static
        The same. A name that no column has is split at its commas into several names.
    notation
        How the file writes numbers and dates.

    Returns
    -------
    columns
        Names of the columns by role.
    guessed
        The roles that the content decided.

    Raises
    ------
    DataError
        If a named column is missing or has two roles, or several columns fit a role; the message lists the
        candidates and names the option that chooses.

    Examples
    --------
    >>> table = pd.DataFrame({"Month": ["1949-01", "1949-02"], "#Passengers": ["112", "118"]})
    >>> columns, guessed = find_columns(table)
    >>> columns.time, columns.targets, guessed
    ('Month', ('#Passengers',), ('time', 'target'))
    """
    one = {"time": time, "id": id, "weight": weight}
    several = {"target": targets, "past": past, "future": future, "static": static}
    by_role: dict[str, tuple[str, ...]] = {
        **{role: () if name is None else (name,) for role, name in one.items()},
        **{role: split_names(names, table) for role, names in several.items()},
    }
    for role, names in by_role.items():
        for name in names:
            check_named(table, role, name)
    for role, name in _DEFAULTS.items():
        if not by_role[role] and name in table.columns:
            by_role[role] = (name,)
    guessed = []
    kinds = ColumnKinds(table, notation)
    for role, guess in (("time", _guess_time), ("target", _guess_target), ("id", _guess_id)):
        if not by_role[role]:
            by_role[role] = guess(kinds, by_role)
            guessed += [role] if by_role[role] else []
    _check_distinct(by_role)
    columns = Columns(
        id=next(iter(by_role["id"]), None),
        time=by_role["time"][0],
        targets=by_role["target"],
        past=by_role["past"],
        future=by_role["future"],
        static=by_role["static"],
        weight=next(iter(by_role["weight"]), None),
    )
    return columns, tuple(guessed)


def listed(names: Iterable[str]) -> str:
    """Return names as a text for messages, the first twelve at most.

    Examples
    --------
    >>> listed(["load", "price"])
    "'load', 'price'"
    """
    names = list(names)
    more = f" … ({len(names)} in all)" if len(names) > 12 else ""
    return ", ".join(shown(name) for name in names[:12]) + more


def split_names(names: Sequence[str], table: pd.DataFrame) -> tuple[str, ...]:
    """Split names at their commas, except names of columns."""
    pieces = [[name] if name in table.columns else name.split(",") for name in names]
    return tuple(name if name in table.columns else name.strip() for piece in pieces for name in piece)


def check_named(table: pd.DataFrame, role: str, name: str) -> None:
    """Refuse a column that the user named for a role and that is not there, with what is meant perhaps.

    Raises
    ------
    DataError
        Naming the option and the columns.
    """
    if name in table.columns:
        return
    close = difflib.get_close_matches(name, list(table.columns), n=1)
    hint = f"; did you mean {shown(close[0])}?" if close else ""
    raise DataError(f"{_OPTIONS[role]} is {shown(name)}, but the columns are {listed(table.columns)}{hint}")


def _check_distinct(by_role: dict[str, tuple[str, ...]]) -> None:
    taken: dict[str, str] = {}
    for role, names in by_role.items():
        for name in names:
            if taken.get(name) == role:
                raise DataError(f"{_OPTIONS[role]} names column {shown(name)} twice")
            if name in taken:
                raise DataError(
                    f"column {shown(name)} cannot be both {taken[name]} and {role}; "
                    f"choose with {_OPTIONS[taken[name]]} and {_OPTIONS[role]}"
                )
            taken[name] = role


def _guess_time(kinds: ColumnKinds, by_role: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    free = _free(kinds.table, by_role)
    dates = [name for name in free if kinds.is_date(name)]
    if dates:
        return _only(dates, "time", "dates")
    growing = [name for name in free if kinds.grows(name, free)]
    if len(growing) > 1:
        # time stamps are evenly spaced, a count that happens to grow is not
        growing = [name for name in growing if kinds.grows(name, free, evenly=True)] or growing
    if growing:
        return _only(growing, "time", "growing integers")
    raise DataError(
        f"no column holds dates or growing integers; the columns are {listed(kinds.table.columns)}"
        f"{_first_text(kinds, free)}. Name the time stamps with {_OPTIONS['time']} and how "
        "they are written with --date-format, or say --no-time where there are none and rows stand in order"
    )


def _guess_target(kinds: ColumnKinds, by_role: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    free = _free(kinds.table, by_role)
    numeric = [name for name in free if kinds.is_number(name) and not kinds.is_date(name)]
    if numeric:
        for name in numeric if len(numeric) == 1 else ():
            check_numbers(kinds.table[name], kinds.notation)
        return _only(numeric, "target", "numbers", ", or take each for a series with --wide")
    raise DataError(
        f"no column besides the time stamps holds numbers; the columns are {listed(kinds.table.columns)}"
        f"{_first_text(kinds, free)}. Name the one to forecast with {_OPTIONS['target']}"
    )


def _guess_id(kinds: ColumnKinds, by_role: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the only column that separates rows with the same time stamp; none if no time stamp repeats."""
    (time,) = by_role["time"]
    table = kinds.table
    if not table[time].duplicated().any():
        return ()
    times = parse_times(table[time], date_format=kinds.notation.date_format)
    stamps = table[time] if times is None else in_zone(times.values, kinds.notation.time_zone)
    if not stamps.duplicated().any():
        return ()
    check_clock_change(stamps)
    candidates = [name for name in _free(table, by_role) if kinds.names_rows(name)]
    apart = [name for name in candidates if not table.duplicated([time, name]).any()]
    texts = [name for name in apart if not kinds.is_number(name)]
    if texts or apart:
        found = _only(texts or apart, "id", "names of series")
        _check_no_part(table[found[0]], stamps, time)
        return found
    texts = [name for name in candidates if not kinds.is_number(name)]
    if len(texts) > 1:
        raise DataError(
            f"time stamps repeat, and none of the columns {listed(texts)} alone tells the series apart; "
            f"join them into one and name it with {_OPTIONS['id']}"
        )
    return tuple(texts)


def _check_no_part(names: pd.Series, times: pd.Series, time: str) -> None:
    """Refuse hours, days of the week and the like as names of series that no one gave."""
    part = part_of_time(names, times)
    if part is not None:
        raise DataError(
            f"time stamps repeat, and column {shown(names.name)} tells them apart, which has {part}: if each "
            f"is a series, say {_OPTIONS['id']} {names.name}; if they are parts of the time stamps, write "
            f"both in one column, such as {shown(time)}"
        )


def _free(table: pd.DataFrame, by_role: dict[str, tuple[str, ...]]) -> list[str]:
    taken = {name for names in by_role.values() for name in names}
    return [name for name in table.columns if name not in taken]


def _first_text(kinds: ColumnKinds, free: Sequence[str]) -> str:
    """Show a cell of the first column that is no number: it may be a date or a number of a rare form."""
    for name in free:
        cells = kinds.table[name].dropna().astype(str)
        cells = cells[cells.str.strip() != ""]
        if len(cells) and not kinds.is_number(name):
            return f"; {shown(name)} begins with {shown(cells.iloc[0])}"
    return ""


def _only(names: list[str], role: str, what: str, more: str = "") -> tuple[str, ...]:
    if len(names) > 1:
        raise DataError(
            f"{len(names)} columns hold {what}: {listed(names)}; choose one with {_OPTIONS[role]}{more}"
        )
    return (names[0],)
