"""Calendar features of time stamps: cycles as sine and cosine, flags and public holidays."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsseq2seq.data.grid.calendar_grids import BusinessDayGrid, MonthGrid
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.grid.grids import DAY, HOUR, MINUTE, WEEK, FixedGrid
from tsseq2seq.data.grid.public_holidays import check_country, holiday_flags
from tsseq2seq.data.grid.series_times import as_index
from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.settings import Settings

__all__ = ["CALENDAR_FEATURES", "Calendar", "calendar_features", "calendar_names", "parse_calendar"]

_MONTH = DAY * 365.2425 / 12
# Points of an irregular grid that are looked at for what varies on it: over a year of business hours.
_SAMPLE_POINTS = 3000

# The position of a stamp in each cycle, from 0 to below 1. Within a day it is exact to the stamp. Longer
# cycles are counted in whole days, weeks or months, and have their length in the stamp's own year or month.
_CYCLES: dict[str, Callable[[pd.DatetimeIndex], np.ndarray]] = {
    "second": lambda times: _day_fraction(times) * 1440 % 1,
    "minute": lambda times: _day_fraction(times) * 24 % 1,
    "hour": lambda times: _day_fraction(times),
    "day_of_week": lambda times: times.day_of_week.to_numpy() / 7,
    "day_of_month": lambda times: (times.day.to_numpy() - 1) / times.days_in_month.to_numpy(),
    "day_of_year": lambda times: (times.day_of_year.to_numpy() - 1) / (365 + times.is_leap_year),
    "week_of_year": lambda times: _iso_year_fraction(times),
    "month": lambda times: (times.month.to_numpy() - 1) / 12,
    "quarter": lambda times: (times.quarter.to_numpy() - 1) / 4,
}

# Computed from day and month, as pandas' own is_month_start depends on the frequency of the index.
_FLAGS: dict[str, Callable[[pd.DatetimeIndex], np.ndarray]] = {
    "weekend": lambda times: times.day_of_week >= 5,
    "month_start": lambda times: times.day == 1,
    "month_end": lambda times: times.day == times.days_in_month,
    "quarter_start": lambda times: (times.day == 1) & (times.month % 3 == 1),
    "quarter_end": lambda times: (times.day == times.days_in_month) & (times.month % 3 == 0),
    "year_start": lambda times: times.day_of_year == 1,
    "year_end": lambda times: (times.month == 12) & (times.day == 31),
}

_HOLIDAY = "holiday"
_HOLIDAY_COLUMNS = ("holiday", "day_before_holiday", "day_after_holiday")

CALENDAR_FEATURES: tuple[str, ...] = (*_CYCLES, *_FLAGS, _HOLIDAY)
"""The names that ``Calendar.features`` may hold."""


@dataclass(frozen=True)
class Calendar(Settings):
    """The calendar features that the network reads in addition to the covariates.

    They are known for every future time stamp, so that a caller need not supply them. All lie in [-1, 1].

    Parameters
    ----------
    features
        Names out of :data:`CALENDAR_FEATURES`. None: those that suit the frequency; see
        :func:`calendar_names`. ``"second"`` to ``"quarter"`` are cycles, each given as a sine and a
        cosine, so that there is no jump from Sunday to Monday or from December to January.
        ``"weekend"`` to ``"year_end"`` are 0 or 1, as is ``"holiday"``, which needs ``country``
        and also marks the day before and the day after.
    country
        The country whose public holidays are added: an ISO 3166 code such as ``"DE"`` or ``"US"``, or with
        a subdivision ``"DE-BY"`` or ``"US-CA"``, of those in the package `holidays` (extra ``holidays``).
        None: no holidays.

    Raises
    ------
    ParameterError
        If a feature, the country or the subdivision is unknown, or a feature is named twice.
    ParameterTypeError
        If ``features`` is not a list of names, or ``country`` not text.
    MissingDependencyError
        If ``country`` is given and the package `holidays` is not installed.

    Notes
    -----
    Time stamps with a zone are read as local time. A feature describes the time stamp, not the period that
    follows it. A feature that never changes on the grid is a constant column.

    Darts' cyclic encoder uses sines and cosines too. GluonTS scales each number to [-0.5, 0.5] instead,
    which jumps at the end of the cycle.

    Examples
    --------
    >>> Calendar(features=["hour", "weekend"]).features
    ['hour', 'weekend']
    """

    features: Sequence[str] | None = None
    country: str | None = None

    def __post_init__(self) -> None:
        """Check the names."""
        if self.features is not None:
            _check_features(self.features, self.country)
        if self.country is not None:
            check_country(self.country)


def parse_calendar(value: object) -> Calendar | None:
    """Return the calendar that the parameter ``calendar`` of an estimator stands for.

    Parameters
    ----------
    value
        None for no calendar, ``"auto"`` for the features that suit the frequency, a list of features, or a
        :class:`Calendar`.

    Raises
    ------
    ParameterError
        If it is any other text, or a feature is unknown.
    ParameterTypeError
        If it has another type.

    Examples
    --------
    >>> parse_calendar("auto")
    Calendar()
    >>> parse_calendar(["hour", "month"])
    Calendar(features=['hour', 'month'])
    """
    if value is None or isinstance(value, Calendar):
        return value
    if isinstance(value, list | tuple):
        return Calendar(features=value)
    if isinstance(value, str) and value == "auto":
        return Calendar()
    accepted = "it must be 'auto', None, a list of features such as ['hour', 'weekend'], or a Calendar"
    if isinstance(value, str):
        meant = f"; for this feature alone pass [{value!r}]" if value in CALENDAR_FEATURES else ""
        raise ParameterError(f"calendar is {value!r}; {accepted}{meant}")
    raise ParameterTypeError(f"calendar is {value!r}; {accepted}")


def calendar_names(calendar: Calendar, frequency: Frequency) -> tuple[str, ...]:
    """Return the names of the columns that :func:`calendar_features` computes, in their order.

    Parameters
    ----------
    calendar
        If it names no features, the frequency decides. Hours: the hour, the day of the week, the weekend and
        the day of the year. Days: the days of the week, of the month and of the year. Weeks: the week of the
        year. Months: the month. Quarters: the quarter. Years: none.
    frequency
        The frequency of the time stamps.

    Returns
    -------
    tuple of str
        Two columns for a cycle (``"hour_sin"``, ``"hour_cos"``), one for a flag, three for holidays.

    Raises
    ------
    ParameterError
        If time is counted in integers; or if holidays are asked for and steps are longer than a day, so
        that most holidays would lie between two rows.

    Examples
    --------
    >>> calendar_names(Calendar(), Frequency.parse("MS"))
    ('month_sin', 'month_cos')
    >>> calendar_names(Calendar(features=["weekend"], country="US"), Frequency.parse("D"))
    ('weekend', 'holiday', 'day_before_holiday', 'day_after_holiday')
    """
    names: list[str] = []
    for feature in _resolved_features(calendar, frequency):
        if feature in _CYCLES:
            names += [f"{feature}_sin", f"{feature}_cos"]
        elif feature == _HOLIDAY:
            names += _HOLIDAY_COLUMNS
        else:
            names.append(feature)
    return tuple(names)


def calendar_features(times: pd.DatetimeIndex, calendar: Calendar, frequency: Frequency) -> np.ndarray:
    """Return the features of each time stamp.

    Parameters
    ----------
    times
        (rows,), in any order, of one or several series.
    calendar
        The features to compute.
    frequency
        The frequency of the time stamps.

    Returns
    -------
    ndarray
        (rows, F), float32 in [-1, 1], with the columns of :func:`calendar_names`. A row depends on its own
        time stamp only.

    Raises
    ------
    ParameterError
        As for :func:`calendar_names`, or if ``times`` are not datetimes.
    DataError
        If a time stamp is missing.

    Warns
    -----
    DataWarning
        If ``times`` hold years that the package `holidays` does not cover for the country (Germany: before
        1991 and after 2100). Their days do not count as holidays.

    Examples
    --------
    >>> times = pd.DatetimeIndex(["2024-12-25 06:00", "2024-12-25 12:00"])
    >>> calendar_features(times, Calendar(["hour"]), Frequency.parse("6h")).round(3) + 0.0
    array([[ 1.,  0.],
           [ 0., -1.]], dtype=float32)
    >>> times = pd.date_range("2024-12-23", periods=5)
    >>> calendar_features(times, Calendar(["holiday"], country="DE"), Frequency.parse("D"))[:, 0]
    array([0., 0., 1., 1., 0.], dtype=float32)
    """
    features = _resolved_features(calendar, frequency)
    index = as_index(times)
    if not isinstance(index, pd.DatetimeIndex):
        raise ParameterError(
            f"time stamps of the type {index.dtype} have no calendar; they must be datetimes"
        )
    local = index.tz_localize(None)
    table = np.empty((len(index), len(calendar_names(calendar, frequency))), dtype=np.float32)
    column = 0
    for feature in features:
        for values in _feature_columns(feature, local, calendar.country):
            table[:, column] = values
            column += 1
    return table


def _feature_columns(feature: str, local: pd.DatetimeIndex, country: str | None) -> list[np.ndarray]:
    """Return the columns of one feature, (rows,) each, from local times."""
    if feature in _CYCLES:
        angle = 2 * np.pi * _CYCLES[feature](local)
        return [np.sin(angle), np.cos(angle)]
    if feature == _HOLIDAY:
        return holiday_flags(local, str(country))
    return [_FLAGS[feature](local)]


def _resolved_features(calendar: Calendar, frequency: Frequency) -> tuple[str, ...]:
    """Return the features that a calendar names, or those that suit the frequency; holidays last."""
    if frequency.kind == "integer":
        raise ParameterError(
            f"a calendar was asked for, but freq is {frequency.alias}: integer time has no calendar. "
            "Pass datetimes, or calendar=None"
        )
    features = _features_that_vary(frequency) if calendar.features is None else tuple(calendar.features)
    if calendar.country is None:
        return features
    if _step_length(frequency) > DAY:
        raise ParameterError(
            f"Calendar: country is {calendar.country!r}, but holidays are days and the steps of "
            f"'{frequency.alias}' are longer, so that most would lie between two rows. Leave country out, "
            "and pass their number in each step as a future covariate of your own"
        )
    return features if _HOLIDAY in features else (*features, _HOLIDAY)


def _features_that_vary(frequency: Frequency) -> tuple[str, ...]:
    """Return the features that vary on the grid."""
    grid, step = frequency.grid, _step_length(frequency)
    if isinstance(grid, FixedGrid) and step % DAY:
        within_hour = [name for name, cycle in (("second", MINUTE), ("minute", HOUR)) if step % cycle]
        return (*within_hour, "hour", "day_of_week", "weekend", "day_of_year")
    if isinstance(grid, FixedGrid):
        return ("day_of_week", "day_of_month", "day_of_year") if step % WEEK else ("week_of_year",)
    if isinstance(grid, BusinessDayGrid):
        return ("day_of_week", "day_of_month", "day_of_year") if grid.days % 5 else ("week_of_year",)
    months = grid.months if isinstance(grid, MonthGrid) else round(step / _MONTH)
    if months:
        return () if months % 12 == 0 else ("month",) if months % 3 else ("quarter",)
    # half months, business hours and the like: the features that vary on a sample of the grid
    names = (
        ["day_of_month", "day_of_year"] if step >= WEEK else ["day_of_week", "day_of_month", "day_of_year"]
    )
    if step < DAY:
        names = ["second", "minute", "hour", "day_of_week", "weekend", "day_of_year"]
    points = _sample_points(frequency)
    columns = {name: (_CYCLES | _FLAGS)[name](points) for name in names}
    return tuple(name for name, column in columns.items() if np.any(column != column[0]))


def _step_length(frequency: Frequency) -> float:
    """Return the usual length of a step in nanoseconds; a business day counts as a day."""
    grid = frequency.grid
    if isinstance(grid, FixedGrid):
        return grid.step
    if isinstance(grid, BusinessDayGrid):
        return grid.days * DAY
    if isinstance(grid, MonthGrid):
        return grid.months * _MONTH
    return float(np.median(np.diff(_sample_points(frequency).to_numpy()) / np.timedelta64(1, "ns")))


def _sample_points(frequency: Frequency) -> pd.DatetimeIndex:
    """Return points of an irregular grid, from January 2000 on."""
    first = pd.date_range("2000-01-03", periods=3, freq=frequency.alias)
    long_steps = (first[-1] - first[0]) > pd.Timedelta(days=10)
    return pd.date_range("2000-01-03", periods=50 if long_steps else _SAMPLE_POINTS, freq=frequency.alias)


def _day_fraction(times: pd.DatetimeIndex) -> np.ndarray:
    """Return the position of each time in its day, from 0 to below 1."""
    stamps = times.to_numpy()
    return (stamps - stamps.astype("M8[D]")) / np.timedelta64(1, "D")


def _iso_year_fraction(times: pd.DatetimeIndex) -> np.ndarray:
    """Return the position of each time's week in its ISO year of 52 or 53 weeks, from 0 to below 1."""
    days = times.to_numpy().astype("M8[D]")
    thursday = days - times.day_of_week.to_numpy() + 3  # lies in the year that the week belongs to
    year = thursday.astype("M8[Y]")
    week = (thursday - year.astype("M8[D]")).astype(np.int64) // 7
    last = (year + 1).astype("M8[D]") - 4  # 28 December, which is always in the last week
    last_thursday = last - (last.astype(np.int64) + 3) % 7 + 3  # 1 January 1970 was a Thursday
    weeks = (last_thursday - year.astype("M8[D]")).astype(np.int64) // 7 + 1
    return week / weeks


def _check_features(features: object, country: str | None) -> None:
    if not isinstance(features, list | tuple) or not all(isinstance(name, str) for name in features):
        raise ParameterTypeError(
            f"Calendar: features is {features!r}; it must be a list of names such as ['hour', 'weekend'], "
            "or None for those that suit the frequency"
        )
    for index, name in enumerate(features):
        if name not in CALENDAR_FEATURES:
            near = difflib.get_close_matches(name, CALENDAR_FEATURES, n=1)
            meant = f" (did you mean {near[0]!r}?)" if near else ""
            raise ParameterError(
                f"Calendar: features has {name!r}{meant}, which is none of {', '.join(CALENDAR_FEATURES)}"
            )
        if name in features[:index]:
            raise ParameterError(f"Calendar: features names {name!r} twice")
    if not features and country is None:
        raise ParameterError("Calendar: features is empty and country is None; for no calendar pass None")
    if _HOLIDAY in features and country is None:
        raise ParameterError("Calendar: features has 'holiday', but country is None; pass for example 'DE'")
