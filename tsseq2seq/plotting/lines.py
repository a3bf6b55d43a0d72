"""The data of a plot of one series: arrays from frames, checked, sorted and cut."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.whole_frame import read_whole
from tsseq2seq.errors import DataError
from tsseq2seq.settings import check_number

__all__ = ["Band", "Frame", "Lines", "as_pandas", "check_frame", "make_lines", "times_and_values"]

_LEAST_HISTORY = 36

#: A frame of pandas, polars or another library.
Frame: TypeAlias = Any


@dataclass(frozen=True)
class Band:
    """An interval: its level in percent, and its bounds at each time step of the forecast."""

    level: float
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Lines:
    """The data of a plot of one series.

    Attributes
    ----------
    past, past_values
        Time stamps and values of the end of the history; NaN for a missing value.
    times, values
        Time stamps and values of the forecast.
    bands
        Intervals of the forecast, the widest first.
    actual, actual_values
        Time stamps and values of what was observed; empty if nothing was.
    zone
        The time zone of time stamps, which are then datetimes in UTC; None without a time zone.
    """

    past: np.ndarray
    past_values: np.ndarray
    times: np.ndarray
    values: np.ndarray
    bands: tuple[Band, ...]
    actual: np.ndarray
    actual_values: np.ndarray
    zone: datetime.tzinfo | None

    @property
    def integer(self) -> bool:
        """Whether time stamps are integers."""
        return bool(np.issubdtype(self.times.dtype, np.integer))

    @property
    def joined(self) -> bool:
        """Whether the last value of the history was observed, so that the forecast is joined to it."""
        return len(self.past) > 0 and not np.isnan(self.past_values[-1])

    def joined_forecast(self) -> tuple[np.ndarray, np.ndarray]:
        """Return time stamps and values of the forecast, from the last value before it if that is known."""
        if not self.joined:
            return self.times, self.values
        return np.append(self.past[-1:], self.times), np.append(self.past_values[-1:], self.values)


def make_lines(
    history: pd.DataFrame,
    forecast: pd.DataFrame,
    *,
    time_col: str,
    target_col: str,
    name: str,
    actual: pd.DataFrame | None,
    max_history: int | None,
) -> Lines:
    """Return the data of a plot of one series; the parameters are those of ``plot_forecast``.

    Raises
    ------
    DataError
        If a column is missing or of the wrong type, or time stamps are missing or repeated.
    """
    check_number("plot_forecast", "max_history", max_history, low=1, integer=True, optional=True)
    past, past_values, zone = times_and_values(history, "history", time_col, target_col)
    times, values, forecast_zone = times_and_values(forecast, "forecast", time_col, name)
    if past.dtype.kind != times.dtype.kind or (zone is None) != (forecast_zone is None):
        raise DataError(
            f"column {time_col!r} is {history[time_col].dtype} in history and "
            f"{forecast[time_col].dtype} in forecast; they must agree"
        )
    if len(times) == 0:
        raise DataError("forecast has no rows")
    after_cutoff = past >= times[0]
    if actual is not None:
        actual_times, actual_values, _ = times_and_values(actual, "actual", time_col, target_col)
    else:
        actual_times, actual_values = past[after_cutoff], past_values[after_cutoff]
    steps = max(4 * len(times), _LEAST_HISTORY) if max_history is None else max_history
    return Lines(
        past=past[~after_cutoff][-steps:],
        past_values=past_values[~after_cutoff][-steps:],
        times=times,
        values=values,
        bands=_bands(forecast.sort_values(time_col), name),
        actual=actual_times,
        actual_values=actual_values,
        zone=zone,
    )


def as_pandas(frame: Frame, role: str) -> pd.DataFrame:
    """Return a frame of any library as one of pandas.

    Raises
    ------
    ParameterTypeError
        If it is no frame in memory.
    """
    return read_whole(frame, role)[0]


def check_frame(frame: pd.DataFrame, role: str, wanted: Sequence[str]) -> None:
    """Refuse a frame that lacks a column.

    Raises
    ------
    DataError
        If a column is missing. The message names it and the columns of the frame.
    """
    for name in wanted:
        if name not in frame.columns:
            columns = ", ".join(repr(column) for column in frame.columns[:20])
            raise DataError(f"{role} has no column {name!r}; it has: {columns}")


def times_and_values(
    frame: pd.DataFrame, role: str, time_col: str, value_col: str
) -> tuple[np.ndarray, np.ndarray, datetime.tzinfo | None]:
    """Return time stamps in increasing order, their values, and the time zone."""
    check_frame(frame, role, [time_col, value_col])
    values = frame[value_col]
    if not pd.api.types.is_numeric_dtype(values.dtype):
        raise DataError(f"column {value_col!r} of {role} is {values.dtype}; it must be numeric")
    times, zone = _times(frame[time_col], role)
    order = np.argsort(times, kind="stable")
    times = times[order]
    repeated = np.flatnonzero(times[1:] == times[:-1])
    if len(repeated):
        stamp = frame[time_col].iloc[order[repeated[0]]]
        raise DataError(
            f"{role} has several rows for {stamp}: more than one series? plot_forecast and plot_anomalies "
            "draw one, plot_panel several"
        )
    return times, values.to_numpy(dtype=np.float64, na_value=np.nan)[order], zone


def _times(column: pd.Series, role: str) -> tuple[np.ndarray, datetime.tzinfo | None]:
    if column.isna().any():
        raise DataError(f"column {column.name!r} of {role} has a row without a time stamp")
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    if pd.api.types.is_integer_dtype(column.dtype):
        return column.to_numpy(dtype=np.int64), None
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise DataError(
            f"column {column.name!r} of {role} is {column.dtype}; time stamps must be datetimes or "
            "integers. Convert it with pandas.to_datetime"
        )
    zone = column.dt.tz
    return (column if zone is None else column.dt.tz_convert("UTC").dt.tz_localize(None)).to_numpy(), zone


def _bands(forecast: pd.DataFrame, name: str) -> tuple[Band, ...]:
    pattern = re.compile(re.escape(name) + r"-lo-(\d+(?:\.\d+)?)")
    bands = []
    for column in forecast.columns:
        match = pattern.fullmatch(str(column))
        upper = str(column).replace(f"{name}-lo-", f"{name}-hi-", 1)
        if match and upper in forecast.columns:
            if float(match[1]) < 1:
                raise DataError(
                    f"column {column!r} has the level {match[1]}; levels are in percent, so that it must be "
                    f"renamed to {name}-lo-{100 * float(match[1]):.6g}"
                )
            low, high = (forecast[bound].to_numpy(dtype=np.float64) for bound in (column, upper))
            bands.append(Band(float(match[1]), low, high))
    return tuple(sorted(bands, key=lambda band: -band.level))
