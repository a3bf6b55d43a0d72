"""What to do with time stamps that lie on no regular grid: the advice that a refusal gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from tsseq2seq.data.grid.series_times import SeriesTimes

__all__ = ["advise"]

# Stamps so near to the points of a round step are meant to lie on them, and most of them must be.
_JITTER = 0.1
_LEAST_SHARE = 0.95
# Round steps, from the longest: what stamps are rounded to.
_ROUND = ("D", "12h", "6h", "4h", "3h", "2h", "h", "30min", "20min", "15min", "10min", "5min", "2min", "min",
          "30s", "15s", "10s", "5s", "2s", "s")  # fmt: skip
_SEMI_MONTHS = ("SMS", "SME")
_DAY = np.timedelta64(1, "D")
_SIZES = (
    ("seconds", np.timedelta64(1, "m")),
    ("minutes", np.timedelta64(1, "h")),
    ("hours", np.timedelta64(2, "D")),
)
# So many stamps are looked at one by one.
_FIRST_LOOK = 1000


def advise(rows: SeriesTimes) -> str:
    """Return what can be done about stamps on no regular grid.

    Parameters
    ----------
    rows
        The time stamps of all series, of which some series has several.

    Examples
    --------
    >>> times = pd.to_datetime(["2024-01-01 00:00:02", "2024-01-01 01:00:00", "2024-01-01 02:00:01"])
    >>> advise(SeriesTimes(times, np.array([0]), ["a"]))
    'They lie within seconds of whole steps: round them, df["ds"] = df["ds"].dt.round("h")'
    >>> times = pd.date_range("2024-01-01", periods=9, freq="SMS")
    >>> advise(SeriesTimes(times, np.array([0]), ["a"]))
    "They are half months: pass freq='SMS'"
    """
    if not isinstance(rows.times, pd.DatetimeIndex):
        return (
            'Number the rows of each series, df.groupby("unique_id").cumcount(), if the time between them '
            "does not matter"
        )
    wall = rows.times.tz_localize(None)
    for advice in (
        _semi_months(wall, rows.same_series),
        _jitter(wall, rows.same_series),
        _weeks(wall, rows.same_series),
    ):
        if advice is not None:
            return advice
    step = _typical(wall, rows.same_series)
    return (
        "If these are events, count or add them up by regular steps, such as "
        f'df.resample("{step}", on="ds").sum(); if only their order matters, number them: integers are time '
        "stamps too"
    )


def _semi_months(wall: pd.DatetimeIndex, inside: np.ndarray) -> str | None:
    steps = np.diff(wall.to_numpy())[inside]
    if len(wall.day.unique()) < 2 or steps.min() < 13 * _DAY:
        return None
    for alias in _SEMI_MONTHS:
        offset = to_offset(alias)
        if all(offset.is_on_offset(stamp) for stamp in wall.unique()[:_FIRST_LOOK]):
            return f"They are half months: pass freq='{alias}'"
    return None


def _jitter(wall: pd.DatetimeIndex, inside: np.ndarray) -> str | None:
    """Name the longest round step near whose points stamps lie, most of them a step apart."""
    for alias in _ROUND:
        length = _length(alias)
        rounded = wall.round(alias)
        off = np.abs((wall - rounded).to_numpy())
        near = (off <= _JITTER * length).mean() >= _LEAST_SHARE
        steps = np.diff(rounded.to_numpy())[inside]
        if near and (steps == length).mean() > 0.5 and steps.min() > np.timedelta64(0):
            size = next(name for name, most in _SIZES if off.max() < most)
            return (
                f'They lie within {size} of whole steps: round them, df["ds"] = df["ds"].dt.round("{alias}")'
            )
    return None


def _length(alias: str) -> np.timedelta64:
    return pd.Timedelta(alias if alias[0].isdigit() else f"1{alias}").to_numpy()


def _weeks(wall: pd.DatetimeIndex, inside: np.ndarray) -> str | None:
    """Recognise months of four or five weeks (a 4-4-5 calendar)."""
    steps = np.diff(wall.to_numpy())[inside]
    whole = steps % (7 * _DAY) == np.timedelta64(0)
    weeks = np.unique(steps // (7 * _DAY))
    if not whole.all() or not set(weeks.tolist()) <= {4, 5} or len(weeks) < 2:
        return None
    return (
        "They are months of four or five weeks (a 4-4-5 calendar): number them, such as "
        'df["ds"] = df.groupby("unique_id").cumcount(), for integers are time stamps too; the year is then '
        "season_length=12"
    )


def _typical(wall: pd.DatetimeIndex, inside: np.ndarray) -> str:
    """Return a round step that holds an event or two."""
    median = np.median(np.diff(wall.to_numpy())[inside].astype("m8[ns]").astype(np.int64))
    for alias in ("min", "h", "D"):
        if median <= pd.Timedelta(f"1{alias}").value:
            return alias
    return "W" if median <= pd.Timedelta("7D").value else "MS"
