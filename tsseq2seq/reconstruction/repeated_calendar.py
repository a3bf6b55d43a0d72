"""Which features of the calendar come again in the data, so that what is usual at them can be learnt."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsseq2seq.data.grid.calendar import Calendar, calendar_names
from tsseq2seq.data.panel.panel import Panel

__all__ = ["repeated_calendar"]

_DAYS = {
    "second": 1 / 1440,
    "minute": 1 / 24,
    "hour": 1,
    "day_of_week": 7,
    "weekend": 7,
    "day_of_month": 30.44,
    "day_of_year": 365.25,
    "week_of_year": 365.25,
    "month": 365.25,
    "quarter": 365.25,
}
# Once more than the usual two, since a part of the data is held back for the threshold.
_TIMES = 3


def repeated_calendar(panel: Panel) -> Calendar | None:
    """Return the calendar that suits the frequency, without cycles of which the series have fewer than three.

    With the day of the year of half a year of data, a network would know each unusual day by its date.

    Parameters
    ----------
    panel
        The series. Integer time has no calendar.

    Examples
    --------
    >>> from tsseq2seq.data.frames.columns import Columns
    >>> from tsseq2seq.data.frames.long_frame import read_long_frame
    >>> from tsseq2seq.data.grid.frequency import Frequency
    >>> from tsseq2seq.data.panel.panel import make_panel
    >>> days = pd.DataFrame({"ds": pd.date_range("2024", periods=60), "y": range(60)})
    >>> repeated_calendar(make_panel(read_long_frame(days, Columns()), Frequency.parse("D")))
    Calendar(features=['day_of_week'])
    """
    if panel.frequency.kind == "integer" or not isinstance(panel.starts, pd.DatetimeIndex):
        return None
    longest = int(np.max(_days(panel.ends()) - _days(panel.starts)))
    names = calendar_names(Calendar(), panel.frequency)
    features = dict.fromkeys(name.removesuffix("_sin").removesuffix("_cos") for name in names)
    repeated = [name for name in features if _TIMES * _DAYS[name] <= longest]
    return Calendar(features=repeated) if repeated else None


def _days(times: pd.Index) -> np.ndarray:
    """Return the day of each time stamp, counted from 1970; in nanoseconds centuries do not fit."""
    local = pd.DatetimeIndex(times).tz_localize(None)
    return local.to_numpy().astype("datetime64[D]").astype(np.int64)
