"""Finding out which column of a table plays which role."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsseq2seq.cli.numbers import check_numbers, has_commas, read_integers, read_numbers
from tsseq2seq.cli.times import Times, read_times
from tsseq2seq.errors import DataError

__all__ = ["Roles", "find_roles", "typed"]

_DEFAULTS = {"id": "unique_id", "time": "ds", "target": "y"}
_OPTIONS = {"id": "--id-col", "time": "--time-col", "target": "--target-col"}


@dataclass(frozen=True)
class Roles:
    """Names of the columns by role.

    Attributes
    ----------
    time, target
        Time stamps, and what is forecast.
    id
        Names of the series; None: there is one series.
    guessed
        The roles that neither an option nor a default name decided.
    """

    time: str
    target: str
    id: str | None = None
    guessed: tuple[str, ...] = ()


def find_roles(
    table: pd.DataFrame, *, time: str | None = None, target: str | None = None, id: str | None = None
) -> Roles:
    """Decide which column plays which role.

    An option decides, else the name that the library expects (``unique_id``, ``ds``, ``y``), else
    the content: the only column of dates, or else of integers that grow within each series; the only
    other column of numbers; and, where time stamps repeat, the only column of text by which they do
    not.

    Parameters
    ----------
    table
        Text or typed columns.
    time, target, id
        Columns that the user named.

    Raises
    ------
    DataError
        If a named column is missing, or the content leaves a choice; the message lists the
        candidates and the option by which to choose.

    Examples
    --------
    >>> find_roles(pd.DataFrame({"Month": ["1949-01", "1949-02"], "#Passengers": ["112", "118"]}))
    Roles(time='Month', target='#Passengers', id=None, guessed=('time', 'target'))
    """
    named = {"id": id, "time": time, "target": target}
    for role, name in named.items():
        _check_named(table, role, name)
    known = {
        role: _DEFAULTS[role] if name is None and _DEFAULTS[role] in table.columns else name
        for role, name in named.items()
    }
    guesses: dict[str, Callable[[pd.DataFrame, dict[str, str | None]], str | None]]
    guesses = {"time": _guess_time, "target": _guess_target, "id": _guess_id}
    guessed = []
    for role, guess in guesses.items():
        if known[role] is None:
            known[role] = guess(table, known)
            guessed += [role] if known[role] is not None else []
    _check_distinct(known)
    assert known["time"] is not None
    assert known["target"] is not None
    return Roles(known["time"], known["target"], known["id"], tuple(guessed))


def typed(table: pd.DataFrame, roles: Roles) -> tuple[pd.DataFrame, str | None]:
    """Return the columns that play a role, as the estimator takes them, and the style of the dates.

    Raises
    ------
    DataError
        If a time stamp or a number cannot be read; the message names the first.
    """
    data = {} if roles.id is None else {roles.id: table[roles.id]}
    times = read_times(table[roles.time])
    integers = None if times is not None else read_integers(table[roles.time])
    if times is not None:
        data[roles.time] = _check_times(table[roles.time], times)
    elif integers is not None:
        data[roles.time] = integers
    else:
        cell = table[roles.time].iloc[0]
        raise DataError(
            f"column {roles.time!r} holds neither dates nor integers: its first cell is {cell!r}; "
            "write dates as YYYY-MM-DD"
        )
    data[roles.target] = check_numbers(table[roles.target])
    return pd.DataFrame(data), None if times is None else times.style


def _check_named(table: pd.DataFrame, role: str, name: str | None) -> None:
    if name is None or name in table.columns:
        return
    close = difflib.get_close_matches(name, list(table.columns), n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise DataError(f"{_OPTIONS[role]} is {name!r}, but the columns are {_list(table.columns)}{hint}")


def _check_distinct(known: dict[str, str | None]) -> None:
    for first, second in (("time", "target"), ("time", "id"), ("target", "id")):
        if known[first] == known[second]:
            raise DataError(
                f"column {known[first]!r} cannot be both {first} and {second}; "
                f"choose with {_OPTIONS[first]} and {_OPTIONS[second]}"
            )


def _guess_time(table: pd.DataFrame, known: dict[str, str | None]) -> str:
    free = _free(table, known)
    dates = [name for name in free if _is_date(table[name])]
    if dates:
        return _only(dates, "time", "dates")
    growing = [name for name in free if _grows(table, name, free)]
    if len(growing) > 1:
        # a clock ticks evenly, a count that happens to grow does not
        growing = [name for name in growing if _grows(table, name, free, evenly=True)] or growing
    if growing:
        return _only(growing, "time", "growing integers")
    raise DataError(
        f"no column holds dates or growing integers; the columns are {_list(table.columns)}. "
        f"Name the time stamps with {_OPTIONS['time']}"
    )


def _guess_target(table: pd.DataFrame, known: dict[str, str | None]) -> str:
    free = _free(table, known)
    numeric = [name for name in free if read_numbers(table[name]) is not None and not _is_date(table[name])]
    if numeric:
        return _only(numeric, "target", "numbers")
    for name in free:
        if has_commas(table[name]):
            check_numbers(table[name])
    raise DataError(
        f"no column besides the time stamps holds numbers; the columns are {_list(table.columns)}. "
        f"Name the one to forecast with {_OPTIONS['target']}"
    )


def _guess_id(table: pd.DataFrame, known: dict[str, str | None]) -> str | None:
    """Return the only column that tells rows of one time apart; None if no time occurs twice."""
    time = known["time"]
    if not table[time].duplicated().any():
        return None
    candidates = [
        name
        for name in _free(table, known)
        if table[name].duplicated().any()
        and (read_numbers(table[name]) is None or read_integers(table[name]) is not None)
    ]
    apart = [name for name in candidates if not table.duplicated([time, name]).any()]
    texts = [name for name in apart if read_numbers(table[name]) is None]
    if texts or apart:
        return _only(texts or apart, "id", "names of series")
    texts = [name for name in candidates if read_numbers(table[name]) is None]
    if len(texts) > 1:
        raise DataError(
            f"time stamps repeat, and none of the columns {_list(texts)} alone tells the series apart; "
            f"join them into one and name it with {_OPTIONS['id']}"
        )
    return texts[0] if texts else None


def _free(table: pd.DataFrame, known: dict[str, str | None]) -> list[str]:
    return [name for name in table.columns if name not in known.values()]


def _only(names: list[str], role: str, what: str) -> str:
    if len(names) > 1:
        raise DataError(f"{len(names)} columns hold {what}: {_list(names)}; choose one with {_OPTIONS[role]}")
    return names[0]


def _is_date(column: pd.Series) -> bool:
    try:
        return read_times(column) is not None
    except DataError:  # dates, though in doubt; if the column is chosen, the user hears of it
        return True


def _grows(table: pd.DataFrame, name: str, free: Iterable[str], *, evenly: bool = False) -> bool:
    """Return whether integers grow (or fall) in the whole column, or in each group of another one."""
    integers = read_integers(table[name])
    if integers is None:
        return False
    texts = [other for other in free if other != name and read_numbers(table[other]) is None]
    steps = [integers.diff(), *[integers.groupby(table[other].to_numpy()).diff() for other in texts]]
    return any(_one_way(step.dropna().to_numpy(), evenly=evenly) for step in steps)


def _one_way(steps: np.ndarray, *, evenly: bool) -> bool:
    if len(steps) == 0 or evenly:
        return len(steps) > 0 and steps[0] != 0 and bool((steps == steps[0]).all())
    return bool((steps > 0).all() or (steps < 0).all())


def _check_times(column: pd.Series, times: Times) -> pd.Series:
    unread = times.values.isna().to_numpy()
    if unread.any():
        row = int(np.argmax(unread))
        raise DataError(
            f"column {column.name!r} has {column.iloc[row]!r} in row {row + 1}, which is no date "
            "like those in the other rows"
        )
    return times.values


def _list(names: Iterable[str]) -> str:
    names = list(names)
    more = f" … ({len(names)} in all)" if len(names) > 12 else ""
    return ", ".join(repr(name) for name in names[:12]) + more
