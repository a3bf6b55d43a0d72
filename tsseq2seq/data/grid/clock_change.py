"""Recognising the hour that the clock shows twice when summer time ends."""

from __future__ import annotations

import pandas as pd

__all__ = ["doubled_hour"]

# In no country does summer time end in another month.
_MONTHS = (2, 3, 4, 9, 10, 11)
_LAST_HOUR = 3
_SUNDAY = 6


def doubled_hour(times: pd.DatetimeIndex) -> pd.Timestamp | None:
    """Return the first time stamp that stands twice, if all are such as the end of summer time doubles.

    Parameters
    ----------
    times
        Time stamps of one series, without a time zone.

    Returns
    -------
    pandas.Timestamp or None
        None if there are no time stamps twice, or some are of another kind.

    Examples
    --------
    >>> hours = pd.date_range("2024-10-26", periods=48, freq="h")
    >>> doubled_hour(hours.append(pd.DatetimeIndex(["2024-10-27 02:00"])))
    Timestamp('2024-10-27 02:00:00')
    >>> doubled_hour(hours.append(hours[:1])) is None
    True
    """
    if times.tz is not None:
        return None
    again = times[times.duplicated()]
    if not len(again) or again.has_duplicates or len(times) < 3 or len(again) > 0.1 * len(times):
        return None
    if (times == times.normalize()).all():
        return None
    alike = again.day_of_week == _SUNDAY
    alike &= again.month.isin(_MONTHS) & (again.hour <= _LAST_HOUR)
    # one end of summer time a year
    days = again.normalize().unique()
    return again.min() if alike.all() and not days.year.has_duplicates else None
