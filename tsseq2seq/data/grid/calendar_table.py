"""Calendar features of a panel; series that start at the same time share their rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.data.grid.calendar import Calendar, calendar_features, calendar_names
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.series_rows import row_offsets, steps_of_rows
from tsseq2seq.errors import DataError

__all__ = ["CalendarTable", "calendar_table", "still_features"]


@dataclass(frozen=True)
class CalendarTable:
    """Calendar features of every step of every series.

    Attributes
    ----------
    rows
        (rows, F), features of consecutive time stamps, for each distinct start of a series.
    first, last
        (series,), the rows of the first and of the last time stamp that begin at the series' start.
    """

    rows: Float[Tensor, "rows F"]
    first: Int[Tensor, " series"]
    last: Int[Tensor, " series"]

    def at(self, series: Int[Tensor, " B"], steps: Int[Tensor, "B T"]) -> Float[Tensor, "B T F"]:
        """Return the features of steps, counted from each series' start; a step outside has the nearest's."""
        first, last = self.first[series][:, None], self.last[series][:, None]
        return self.rows[torch.minimum(first + steps.clamp(min=0), last)]

    def without(self, still: Collection[int]) -> CalendarTable:
        """Return the table with zeros in some columns."""
        rows = self.rows.clone()
        rows[:, list(still)] = 0.0
        return dataclasses.replace(self, rows=rows)

    def to(self, device: torch.device) -> CalendarTable:
        """Return the table on a device."""
        return CalendarTable(self.rows.to(device), self.first.to(device), self.last.to(device))


def calendar_table(
    calendar: Calendar | None,
    starts: pd.Index,
    lengths: np.ndarray,
    frequency: Frequency,
    *,
    still: Collection[str] = (),
) -> CalendarTable | None:
    """Compute the features of all steps of all series; return None if ``calendar`` is None.

    Parameters
    ----------
    calendar
        The features to compute.
    starts, lengths
        (series,), the first time stamp and the number of steps of each.
    frequency
        The grid.
    still
        Names of features that never varied in training; they are 0.

    Raises
    ------
    DataError
        If time is counted in integers, which have no calendar.
    """
    if calendar is None:
        return None
    if not isinstance(starts, pd.DatetimeIndex):
        raise DataError(
            f"calendar is {calendar!r}, but time is counted in integers, which have no calendar; "
            "pass calendar=None, or give datetimes"
        )
    codes, distinct = pd.factorize(starts)
    longest = np.zeros(len(distinct), dtype=np.int64)
    np.maximum.at(longest, codes, lengths)
    times = frequency.advance(pd.DatetimeIndex(distinct).repeat(longest), steps_of_rows(longest))
    rows = calendar_features(pd.DatetimeIndex(times), calendar, frequency)
    offsets = row_offsets(longest)
    first, last = offsets[:-1][codes], offsets[1:][codes] - 1
    table = CalendarTable(torch.from_numpy(rows), torch.from_numpy(first), torch.from_numpy(last))
    if not still:
        return table
    names = calendar_names(calendar, frequency)
    return table.without([place for place, name in enumerate(names) if name in still])


def still_features(table: CalendarTable, calendar: Calendar, frequency: Frequency) -> tuple[str, ...]:
    """Return the names of features that are the same in all rows: nothing can be learned of them.

    Parameters
    ----------
    table
        That of the series trained on.
    calendar, frequency
        What it was computed by.
    """
    if not len(table.rows):
        return ()
    same = (table.rows == table.rows[0]).all(0).tolist()
    return tuple(n for n, alike in zip(calendar_names(calendar, frequency), same, strict=True) if alike)
