"""Which grids the time stamps of a panel may lie on, judged by their commonest differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np
import pandas as pd

from tsseq2seq.data.blocks import row_blocks
from tsseq2seq.data.grid.calendar_grids import BusinessDayGrid, MonthGrid
from tsseq2seq.data.grid.grids import DAY, FixedGrid, Grid, IntegerGrid

__all__ = ["propose_grids"]


def propose_grids(times: pd.Index, inside: np.ndarray) -> list[Grid]:
    """Return the grids that explain the commonest difference, the preferred one first.

    Parameters
    ----------
    times
        Integers or datetimes, sorted by series and time.
    inside
        (rows - 1,), whether the next row belongs to the same series; somewhere True.

    Examples
    --------
    >>> times = pd.DatetimeIndex(["2024-01-31", "2024-02-29", "2024-04-30"])
    >>> [grid.alias for grid in propose_grids(times, np.array([True, True]))]
    ['MS', 'ME', 'M-29', 'BMS', 'BME', '29D']
    """
    if not isinstance(times, pd.DatetimeIndex):
        return [IntegerGrid(_commonest(_differences(times.to_numpy(dtype=np.int64), inside)))]
    wall = times.tz_localize(None).to_numpy()
    step = _commonest_length(wall, inside)
    days, rest = divmod(step, DAY)
    if rest:
        # less than a day counts as time passed: the clocks' change is no gap
        return [FixedGrid(_commonest_length(times.tz_convert(None).to_numpy() if times.tz else wall, inside))]
    grids: list[Grid] = []
    if days >= 28:
        grids += _monthly(wall.astype("M8[D]"), inside)
    if days == 1 and _skips_weekends(wall, inside):
        grids.append(BusinessDayGrid())
    if days % 7 == 0:
        parts = (pd.DatetimeIndex(wall[block]) for block in row_blocks(len(wall)))
        grids.append(FixedGrid(step, weekday=_commonest(part.day_of_week.to_numpy() for part in parts)))
    return [*grids, FixedGrid(step)]


def _monthly(dates: np.ndarray, inside: np.ndarray) -> list[Grid]:
    months = dates.astype("M8[M]")
    numbers = months.astype(np.int64)
    step = _commonest(_differences(numbers, inside))
    if step == 0:
        return []
    day = _commonest([(dates - months.astype("M8[D]")).astype(np.int64) + 1])
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


def _skips_weekends(wall: np.ndarray, inside: np.ndarray) -> bool:
    """Tell whether at least one weekend lies between the rows of a series, and none has a row."""
    skipped = False
    for block in row_blocks(len(wall)):
        # with the first row of the next block
        dates = wall[block.start : block.stop + 1].astype("M8[D]")
        if not np.is_busday(dates).all():
            return False
        same_series = inside[block.start : block.start + len(dates) - 1]
        before, after = dates[:-1][same_series], dates[1:][same_series]
        weekend_days = (after - before).astype(np.int64) - np.busday_count(before, after)
        skipped |= bool((weekend_days > 0).any())
    return skipped


def _commonest_length(stamps: np.ndarray, inside: np.ndarray) -> int:
    """Return the commonest difference in nanoseconds."""
    unit = np.datetime_data(stamps.dtype)[0]
    step = _commonest(_differences(stamps, inside))
    return int(np.array(step, dtype=f"m8[{unit}]").astype("m8[ns]").astype(np.int64))


def _differences(stamps: np.ndarray, inside: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the differences within the series, block by block."""
    for block in row_blocks(len(inside)):
        yield np.diff(stamps[block.start : block.stop + 1])[inside[block]].astype(np.int64)


def _commonest(parts: Iterable[np.ndarray]) -> int:
    """Return the commonest number, of several the smallest."""
    counts = pd.concat([pd.Series(part).value_counts() for part in parts])
    total = counts.groupby(level=0).sum()
    return int(total.index[total == total.max()].min())
