"""Infer the grids that the time stamps of a panel may lie on, from their most common difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np
import pandas as pd

from tsseq2seq.data.blocks import row_blocks
from tsseq2seq.data.grid.calendar_grids import BusinessDayGrid, MonthGrid
from tsseq2seq.data.grid.grids import DAY, FixedGrid, Grid, IntegerGrid

__all__ = ["propose_grids"]


def propose_grids(times: pd.Index, same_series: np.ndarray) -> list[Grid]:
    """Return the grids whose steps have the most common difference, the preferred one first.

    Parameters
    ----------
    times
        Integers or datetimes, sorted by series and time.
    same_series
        (rows - 1,), whether the next row belongs to the same series; at least one is True.

    Examples
    --------
    >>> times = pd.DatetimeIndex(["2024-01-31", "2024-02-29", "2024-04-30"])
    >>> [grid.alias for grid in propose_grids(times, np.array([True, True]))]
    ['MS', 'ME', 'M-29', 'BMS', 'BME', '29D']
    """
    if not isinstance(times, pd.DatetimeIndex):
        return [IntegerGrid(_most_common(_differences(times.to_numpy(dtype=np.int64), same_series)))]
    local = times.tz_localize(None).to_numpy()
    step = _most_common_length(local, same_series)
    days, rest = divmod(step, DAY)
    if rest:
        # less than a day is a length of time, so that a change of the clocks is no gap
        utc = times.tz_convert(None).to_numpy() if times.tz else local
        return [FixedGrid(_most_common_length(utc, same_series))]
    grids: list[Grid] = []
    if days >= 28:
        grids += _monthly_grids(local.astype("M8[D]"), same_series)
    if days == 1 and _skips_weekends(local, same_series):
        grids.append(BusinessDayGrid())
    if days % 7 == 0:
        parts = (pd.DatetimeIndex(local[block]) for block in row_blocks(len(local)))
        grids.append(FixedGrid(step, weekday=_most_common(part.day_of_week.to_numpy() for part in parts)))
    return [*grids, FixedGrid(step)]


def _monthly_grids(dates: np.ndarray, same_series: np.ndarray) -> list[Grid]:
    """Return the grids of whole months, first those on the first or last day of the month."""
    months = dates.astype("M8[M]")
    numbers = months.astype(np.int64)
    step = _most_common(_differences(numbers, same_series))
    if step == 0:
        return []
    day = _most_common([(dates - months.astype("M8[D]")).astype(np.int64) + 1])
    cycle = _cycle(numbers, step)
    anchor = int(numbers[0] + 1) % cycle
    return [
        MonthGrid(step, 1, False, cycle, anchor),
        MonthGrid(step, 31, False, cycle, anchor),
        MonthGrid(step, day),
        MonthGrid(step, 1, True, cycle, anchor),
        MonthGrid(step, 31, True, cycle, anchor),
    ]


def _cycle(months: np.ndarray, step: int) -> Literal[1, 3, 12]:
    """Return 12 or 3 if all points lie in the same month of the year or the quarter."""
    if step % 12 == 0 and (months % 12 == months[0] % 12).all():
        return 12
    if step % 3 == 0 and (months % 3 == months[0] % 3).all():
        return 3
    return 1


def _skips_weekends(local: np.ndarray, same_series: np.ndarray) -> bool:
    """Return whether no row lies on a weekend, and a weekend lies between two rows of a series."""
    skipped = False
    for block in row_blocks(len(local)):
        # with the first row of the next block
        dates = local[block.start : block.stop + 1].astype("M8[D]")
        if not np.is_busday(dates).all():
            return False
        pairs = same_series[block.start : block.start + len(dates) - 1]
        before, after = dates[:-1][pairs], dates[1:][pairs]
        weekend_days = (after - before).astype(np.int64) - np.busday_count(before, after)
        skipped |= bool((weekend_days > 0).any())
    return skipped


def _most_common_length(stamps: np.ndarray, same_series: np.ndarray) -> int:
    """Return the most common difference in nanoseconds."""
    unit = np.datetime_data(stamps.dtype)[0]
    step = _most_common(_differences(stamps, same_series))
    return int(np.array(step, dtype=f"m8[{unit}]").astype("m8[ns]").astype(np.int64))


def _differences(stamps: np.ndarray, same_series: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the differences within the series, block by block."""
    for block in row_blocks(len(same_series)):
        yield np.diff(stamps[block.start : block.stop + 1])[same_series[block]].astype(np.int64)


def _most_common(parts: Iterable[np.ndarray]) -> int:
    """Return the most common number; of several, the smallest."""
    counts = pd.concat([pd.Series(part).value_counts() for part in parts])
    total = counts.groupby(level=0).sum()
    return int(total.index[total == total.max()].min())
