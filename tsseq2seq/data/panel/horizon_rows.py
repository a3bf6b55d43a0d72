"""Which row of a frame of future covariates belongs to which step of the horizon."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import check_columns, read_times
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.errors import DataError, shown

__all__ = ["horizon_rows"]


def horizon_rows(
    panel: Panel, columns: Columns, future: pd.DataFrame, steps: int, *, needed: np.ndarray | None = None
) -> np.ndarray:
    """Return the row of each step after the end of each series, -1 where there is none.

    Parameters
    ----------
    panel
        The series.
    columns
        Which column plays which role.
    future
        A long frame; rows of other series and other times are passed over.
    steps
        Steps after the end of each series.
    needed
        (series,), how many of them must be there. None: all.

    Returns
    -------
    numpy.ndarray
        (series × steps,), the first series first.

    Raises
    ------
    DataError
        If a column or a row is missing, or a row is there twice; the message names the cause where names
        of series or time stamps are of another type.
    """
    check_columns(
        future, [columns.time, *columns.future, *([str(columns.id)] if panel.named else [])], name="future"
    )
    wanted_times = panel.future_times(steps)
    times = _times_like(read_times(future, columns.time), wanted_times, columns.time)
    names = pd.Index(future[columns.id]) if panel.named else None
    codes = np.zeros(len(future), int) if names is None else panel.ids.get_indexer(names)
    series = np.arange(panel.count).repeat(steps)
    of_panel = np.flatnonzero(codes >= 0)
    given = pd.MultiIndex.from_arrays([codes[of_panel], times[of_panel]])
    if not given.is_unique:
        row = of_panel[int(np.argmax(given.duplicated()))]
        raise DataError(f"future has two rows for series {shown(panel.ids[codes[row]])} at {times[row]}")
    found = given.get_indexer(pd.MultiIndex.from_arrays([series, wanted_times]))
    must = np.full(panel.count, steps) if needed is None else needed
    lacking = (found < 0) & (np.tile(np.arange(steps), panel.count) < must.repeat(steps))
    if lacking.any():
        first = int(np.argmax(lacking))
        name = panel.ids[series[first]]
        raise DataError(
            f"future lacks the row of series {shown(name)} at {wanted_times[first]}; "
            f"{int(lacking.sum())} of {int(must.sum())} rows of the horizon are missing. "
            f"{_cause(name, names, times[codes == series[first]], columns)}"
        )
    return np.where(found < 0, -1, of_panel[found]) if len(of_panel) else found


def _times_like(times: pd.Index, wanted: pd.Index, column: str) -> pd.Index:
    """Return time stamps in the zone of the history's."""
    if type(times) is not type(wanted):
        raise DataError(
            f"column {column!r} of future has the type {times.dtype}; the history's is {wanted.dtype}"
        )
    if not isinstance(times, pd.DatetimeIndex) or not isinstance(wanted, pd.DatetimeIndex):
        return times
    if (times.tz is None) == (wanted.tz is None):
        return times if times.tz is None else times.tz_convert(wanted.tz)  # the same moments
    has, remedy = "no time zone", f".dt.tz_localize({str(wanted.tz)!r})"
    if times.tz is not None:
        has, remedy = f"the time zone {times.tz}", ".dt.tz_localize(None)"
    raise DataError(
        f"column {column!r} of future has {has}, but the history's has "
        f"{'none' if wanted.tz is None else wanted.tz}; if the clocks are the same, pass "
        f"future.assign({column}=future[{column!r}]{remedy})"
    )


def _cause(name: object, names: pd.Index | None, times: pd.Index, columns: Columns) -> str:
    """Say why a series has no row, where it can be told."""
    if len(times):
        return (
            f"It has rows of that series from {times.min()} to {times.max()}; model.future_frame() returns "
            "all that are needed"
        )
    alike = None if names is None else _written_alike(name, names)
    if alike is None:
        return "model.future_frame() returns them all"
    if isinstance(alike, str) == isinstance(name, str):
        return f"It calls the series {shown(alike)}: write the names as in the history"
    kinds = ("text", "a number") if isinstance(alike, str) else ("a number", "text")
    return (
        f"It has the series {shown(alike)}, {kinds[0]} where the history has {kinds[1]}: convert column "
        f"{columns.id!r} with .astype({'int' if isinstance(alike, str) else 'str'})"
    )


def _written_alike(name: object, names: pd.Index) -> object | None:
    """Return what is another way to write a name: the number 1 for the text '1', or with blanks around it."""
    wanted = _plain(name)
    return next((other for other in names.unique() if _plain(other) == wanted), None)


def _plain(name: object) -> str:
    if isinstance(name, float) and name.is_integer():
        name = int(name)
    text = str(name).strip().casefold().removesuffix(".0")
    return text.lstrip("0") or text
