"""Integers that count the time since 1970: seconds, milliseconds and finer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.errors import DataWarning, warn

__all__ = ["unix_unit", "warn_of_unix_times"]

# Seconds from 1990 to 2100.
_YEARS = (631_152_000, 4_102_444_800)
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_MINUTE = 60


def unix_unit(times: pd.Index, step: int) -> str | None:
    """Return the unit, for ``pd.to_datetime``, of integers that are surely Unix times; None: they are not.

    Parameters
    ----------
    times
        Time stamps.
    step
        Their difference on the grid: whole minutes, for a count of rows has other steps.

    Examples
    --------
    >>> unix_unit(pd.Index([1704067200, 1704153600]), 86_400)
    's'
    >>> unix_unit(pd.Index([1704067200, 1704067201]), 1) is None
    True
    """
    if not pd.api.types.is_integer_dtype(times.dtype) or not len(times):
        return None
    numbers = times.to_numpy(dtype=np.int64)
    low, high = int(numbers.min()), int(numbers.max())
    for unit, count in _UNITS.items():
        within = _YEARS[0] * count <= low and high <= _YEARS[1] * count
        if within and step % (_MINUTE * count) == 0 and low % (_MINUTE * count) == 0:
            return unit
    return None


def warn_of_unix_times(panel: Panel, frame: LongFrame) -> None:
    """Say so where integers are times of day: as numbers they have no days, weeks and years.

    Warns
    -----
    DataWarning
        Naming the first, and how they become dates.
    """
    if panel.frequency.kind != "integer":
        return
    step = int(panel.frequency.alias)
    unit = unix_unit(frame.times, step)
    if unit is None:
        return
    name, first = frame.columns.time, pd.Timestamp(int(frame.times[0]), unit=unit)
    warn(
        f"the integers in {name!r} count the time since 1970, the first being {first}: as numbers they "
        "have no days, weeks and years, whose seasons are not looked for. Make dates of them, "
        f'pd.to_datetime(df["{name}"], unit="{unit}"); or pass freq={step} if numbers are meant',
        DataWarning,
    )
