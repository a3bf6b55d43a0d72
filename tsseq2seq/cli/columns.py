"""Inferring the role of each column of a table: time stamp, target, series, covariate."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from tsseq2seq.cli.numbers import check_numbers, has_commas, parse_integers, parse_numbers
from tsseq2seq.cli.times import parse_times
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.errors import DataError

__all__ = ["find_columns", "listed"]

_DEFAULTS = {"id": "unique_id", "time": "ds", "target": "y"}
_OPTIONS = {
    "id": "--id-col",
    "time": "--time-col",
    "target": "--target-col",
    "past": "--past-col",
    "future": "--future-col",
    "static": "--static-col",
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
) -> tuple[Columns, tuple[str, ...]]:
    """Decide which column plays which role.

    A role goes to the column that an option names; without one, to the column with the library's default name
    (``unique_id``, ``ds``, ``y``). Otherwise the content decides. The time stamps are the only column of
    dates, or else the only column of integers that grow within each series. The target is the only other
    column of numbers. If time stamps repeat, the series are the only column of text within whose values they
    do not. Covariates must be named by an option.

    Parameters
    ----------
    table
        Text or typed columns.
    time, id
        Columns that the user named.
    targets, past, future, static
        The same. A name that no column has is split at its commas into several names.

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
    one = {"time": time, "id": id}
    several = {"target": targets, "past": past, "future": future, "static": static}
    by_role: dict[str, tuple[str, ...]] = {
        **{role: () if name is None else (name,) for role, name in one.items()},
        **{role: _split(names, table) for role, names in several.items()},
    }
    for role, names in by_role.items():
        for name in names:
            _check_named(table, role, name)
    for role, name in _DEFAULTS.items():
        if not by_role[role] and name in table.columns:
            by_role[role] = (name,)
    guessed = []
    for role, guess in (("time", _guess_time), ("target", _guess_target), ("id", _guess_id)):
        if not by_role[role]:
            by_role[role] = guess(table, by_role)
            guessed += [role] if by_role[role] else []
    _check_distinct(by_role)
    columns = Columns(
        id=next(iter(by_role["id"]), None),
        time=by_role["time"][0],
        targets=by_role["target"],
        past=by_role["past"],
        future=by_role["future"],
        static=by_role["static"],
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
    return ", ".join(repr(name) for name in names[:12]) + more


def _split(names: Sequence[str], table: pd.DataFrame) -> tuple[str, ...]:
    """Split names at their commas, except names of columns."""
    pieces = [[name] if name in table.columns else name.split(",") for name in names]
    return tuple(name if name in table.columns else name.strip() for piece in pieces for name in piece)


def _check_named(table: pd.DataFrame, role: str, name: str) -> None:
    if name in table.columns:
        return
    close = difflib.get_close_matches(name, list(table.columns), n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise DataError(f"{_OPTIONS[role]} is {name!r}, but the columns are {listed(table.columns)}{hint}")


def _check_distinct(by_role: dict[str, tuple[str, ...]]) -> None:
    taken: dict[str, str] = {}
    for role, names in by_role.items():
        for name in names:
            if taken.get(name) == role:
                raise DataError(f"{_OPTIONS[role]} names column {name!r} twice")
            if name in taken:
                raise DataError(
                    f"column {name!r} cannot be both {taken[name]} and {role}; "
                    f"choose with {_OPTIONS[taken[name]]} and {_OPTIONS[role]}"
                )
            taken[name] = role


def _guess_time(table: pd.DataFrame, by_role: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    free = _free(table, by_role)
    dates = [name for name in free if _is_date(table[name])]
    if dates:
        return _only(dates, "time", "dates")
    growing = [name for name in free if _grows(table, name, free)]
    if len(growing) > 1:
        # time stamps are evenly spaced, a count that happens to grow is not
        growing = [name for name in growing if _grows(table, name, free, evenly=True)] or growing
    if growing:
        return _only(growing, "time", "growing integers")
    raise DataError(
        f"no column holds dates or growing integers; the columns are {listed(table.columns)}. "
        f"Name the time stamps with {_OPTIONS['time']}"
    )


def _guess_target(table: pd.DataFrame, by_role: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    free = _free(table, by_role)
    numeric = [name for name in free if parse_numbers(table[name]) is not None and not _is_date(table[name])]
    if numeric:
        return _only(numeric, "target", "numbers")
    for name in free:
        if has_commas(table[name]):
            check_numbers(table[name])
    raise DataError(
        f"no column besides the time stamps holds numbers; the columns are {listed(table.columns)}. "
        f"Name the one to forecast with {_OPTIONS['target']}"
    )


def _guess_id(table: pd.DataFrame, by_role: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the only column that separates rows with the same time stamp; none if no time stamp repeats."""
    (time,) = by_role["time"]
    if not table[time].duplicated().any():
        return ()
    candidates = [
        name
        for name in _free(table, by_role)
        if table[name].duplicated().any()
        and (parse_numbers(table[name]) is None or parse_integers(table[name]) is not None)
    ]
    apart = [name for name in candidates if not table.duplicated([time, name]).any()]
    texts = [name for name in apart if parse_numbers(table[name]) is None]
    if texts or apart:
        return _only(texts or apart, "id", "names of series")
    texts = [name for name in candidates if parse_numbers(table[name]) is None]
    if len(texts) > 1:
        raise DataError(
            f"time stamps repeat, and none of the columns {listed(texts)} alone tells the series apart; "
            f"join them into one and name it with {_OPTIONS['id']}"
        )
    return tuple(texts)


def _free(table: pd.DataFrame, by_role: dict[str, tuple[str, ...]]) -> list[str]:
    taken = {name for names in by_role.values() for name in names}
    return [name for name in table.columns if name not in taken]


def _only(names: list[str], role: str, what: str) -> tuple[str, ...]:
    if len(names) > 1:
        raise DataError(
            f"{len(names)} columns hold {what}: {listed(names)}; choose one with {_OPTIONS[role]}"
        )
    return (names[0],)


def _is_date(column: pd.Series) -> bool:
    try:
        return parse_times(column) is not None
    except DataError:  # ambiguous dates; the error is raised again if the column is chosen
        return True


def _grows(table: pd.DataFrame, name: str, free: Iterable[str], *, evenly: bool = False) -> bool:
    """Return whether integers grow (or fall) in the whole column, or in each group of another column."""
    integers = parse_integers(table[name])
    if integers is None:
        return False
    texts = [other for other in free if other != name and parse_numbers(table[other]) is None]
    steps = [integers.diff(), *[integers.groupby(table[other].to_numpy()).diff() for other in texts]]
    return any(_one_way(step.dropna().to_numpy(), evenly=evenly) for step in steps)


def _one_way(steps: np.ndarray, *, evenly: bool) -> bool:
    if len(steps) == 0 or evenly:
        return len(steps) > 0 and steps[0] != 0 and bool((steps == steps[0]).all())
    return bool((steps > 0).all() or (steps < 0).all())
