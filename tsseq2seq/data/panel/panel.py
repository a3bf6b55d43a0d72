"""The panel: many series of different lengths on one grid, in one contiguous tensor.

A number of the panel is (y − origin) / unit in float32. The origin of a series is its first observed value,
its unit a power of two near its first change, both in float64. So 10⁸ + i keeps its digits, 10⁻³⁰ does not
become 0, and later values do not change the numbers of earlier ones.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from tsseq2seq.data.blocks import series_blocks
from tsseq2seq.data.frames.long_frame import LongFrame
from tsseq2seq.data.grid.calendar import Calendar
from tsseq2seq.data.grid.calendar_table import CalendarTable, calendar_table
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.features import Coders, FeatureCoder, Features, no_features
from tsseq2seq.data.series_rows import row_counts, row_ends, row_offsets, series_of_rows
from tsseq2seq.errors import DataError, shown

__all__ = ["Panel", "fit_coders", "make_panel", "panel_rows", "static_rows"]

# Gaps become masked steps. More steps than this for each row of a frame suggest wrong time stamps.
_MOST_STEPS_PER_ROW = 1000


@dataclass(frozen=True)
class Panel:
    """Series on one regular grid, one after the other.

    Attributes
    ----------
    values
        (rows, Y), (y − origin) / unit; 0 where not observed.
    observed
        (rows, Y), True where a value was observed.
    offsets
        (series + 1,), the first row of each series; the last entry is the number of rows.
    origin, unit
        (series, Y), float64: y = origin + unit × number.
    ids
        Names of the series in order of first appearance.
    starts
        Time stamp of each series' first row.
    frequency
        The grid.
    targets
        Names of the target columns.
    named
        Whether the frame had a column of series names.
    past, future
        Covariates of each row. None: there are none of this role.
    static
        Covariates of each series. None: there are none.
    calendar
        Features of the time stamps. None: no calendar was asked for.
    weights
        (rows,), how much each row counts in the loss. None: all the same. They are for a training alone, and
        not saved.
    """

    values: Float[Tensor, "rows Y"]
    observed: Bool[Tensor, "rows Y"]
    offsets: Int[Tensor, " offsets"]
    origin: Float[Tensor, "series Y"]
    unit: Float[Tensor, "series Y"]
    ids: pd.Index
    starts: pd.Index
    frequency: Frequency
    targets: tuple[str, ...]
    named: bool = True
    past: Features | None = None
    future: Features | None = None
    static: Features | None = None
    calendar: CalendarTable | None = None
    weights: Float[Tensor, " rows"] | None = None

    @property
    def lengths(self) -> Int[Tensor, " series"]:
        """Number of steps of each series, gaps included."""
        return self.offsets.diff()

    @property
    def count(self) -> int:
        """Number of series."""
        return len(self.ids)

    def to(self, device: torch.device) -> Panel:
        """Return the panel with its tensors on a device."""
        names = ("values", "observed", "offsets", "origin", "unit")
        moved: dict[str, Any] = {name: getattr(self, name).to(device) for name in names}
        for role in ("past", "future", "static"):
            features = getattr(self, role)
            moved[role] = None if features is None else features.map(lambda tensor: tensor.to(device))
        moved["calendar"] = None if self.calendar is None else self.calendar.to(device)
        moved["weights"] = None if self.weights is None else self.weights.to(device)
        return dataclasses.replace(self, **moved)

    def without_series(self) -> Panel:
        """Return a panel of no series, with the same grid, targets, covariates and calendar features."""
        none = slice(0, 0)
        emptied: dict[str, Any] = {
            name: getattr(self, name)[none]
            for name in ("values", "observed", "origin", "unit", "ids", "starts")
        }
        for role in ("past", "future", "static"):
            features = getattr(self, role)
            emptied[role] = None if features is None else features.map(lambda tensor: tensor[none])
        if self.calendar is not None:
            table = self.calendar
            emptied["calendar"] = CalendarTable(table.rows[none], table.first[none], table.last[none])
        offsets = torch.zeros_like(self.offsets[:1])
        return dataclasses.replace(self, **emptied, offsets=offsets, weights=None)

    def unweighted(self) -> Panel:
        """Return the panel without weights."""
        return self if self.weights is None else dataclasses.replace(self, weights=None)

    def ends(self) -> pd.Index:
        """Return the time stamp of each series' last row."""
        return self.frequency.advance(self.starts, self.lengths.cpu().numpy() - 1)

    def future_times(self, steps: int) -> pd.Index:
        """Return the time stamps after each series' end, (series × steps,), the first series first."""
        # counted from the first stamp, as the last one may be a midnight that the clocks skipped
        positions = self.lengths.cpu().numpy()[:, None] + np.arange(steps)
        return self.frequency.advance(self.starts.repeat(steps), positions.reshape(-1))

    def time(self, series: int, step: int) -> object:
        """Return the time stamp of a step of a series."""
        return self.frequency.advance(self.starts[[series]], np.array([step]))[0]

    def series_number(self, name: object) -> int:
        """Return the number of the series of this name.

        Raises
        ------
        DataError
            If there is no series of this name.
        """
        if name not in self.ids:
            first = ", ".join(shown(other) for other in self.ids[:5])
            raise DataError(f"there is no series {shown(name)}; the first of {self.count} are {first}")
        return int(self.ids.get_loc(name))  # type: ignore[arg-type]

    def frame(self, series: int, time_col: str) -> pd.DataFrame:
        """Return one series as a frame, a row for each step of the grid."""
        values = self.original(series)
        times = self.frequency.advance(self.starts[[series] * len(values)], np.arange(len(values)))
        return pd.DataFrame({time_col: times, **dict(zip(self.targets, values.T, strict=True))})

    def original(self, series: int) -> np.ndarray:
        """Return the original values of one series, (T, Y), float64; NaN where missing."""
        rows = slice(int(self.offsets[series]), int(self.offsets[series + 1]))
        numbers = self.values[rows].double() * self.unit[series] + self.origin[series]
        return numbers.masked_fill(~self.observed[rows], float("nan")).cpu().numpy()


def make_panel(
    frame: LongFrame,
    frequency: Frequency,
    coders: Coders = Coders(),  # noqa: B008 (frozen)
    *,
    positions: np.ndarray | None = None,
) -> Panel:
    """Lay the rows of a frame on the grid.

    Parameters
    ----------
    frame
        Rows sorted by series and time.
    frequency
        The grid; its steps without a row become rows that are not observed.
    coders
        How covariates become numbers and codes. Default: no covariates.
    positions
        (rows,), their steps on the grid, counted from the first row of each series. None: computed here.

    Raises
    ------
    FrequencyError
        If a time stamp lies off the grid.
    DataError
        If a time stamp occurs twice in a series, or fewer than one step in 1,000 has a row.
    """
    if positions is None:
        positions = frequency.positions(frame.times, frame.starts, frame.ids)
    lengths = positions[row_ends(frame.starts, len(positions)) - 1] + 1
    _check_gaps(frame, lengths)
    offsets = row_offsets(lengths)
    values = np.zeros((offsets[-1], frame.targets.shape[1]), dtype=np.float32)
    observed = np.zeros(values.shape, dtype=bool)
    origin, unit = np.empty((2, len(lengths), frame.targets.shape[1]))
    for series, given in series_blocks(frame.starts, len(positions)):
        targets, starts = frame.targets[given], frame.starts[series] - given.start
        seen = ~np.isnan(targets)
        origin[series], unit[series] = _origins_and_units(targets, seen, starts)
        of_row = series.start + series_of_rows(starts, len(targets))
        rows = offsets[of_row] + positions[given]
        values[rows] = np.where(seen, (targets - origin[of_row]) / unit[of_row], 0.0)
        observed[rows] = seen
    first_times = frame.times[frame.starts]
    return Panel(
        values=torch.from_numpy(values),
        observed=torch.from_numpy(observed),
        offsets=torch.from_numpy(offsets),
        origin=torch.from_numpy(origin),
        unit=torch.from_numpy(unit),
        ids=frame.ids,
        starts=first_times,
        frequency=frequency,
        targets=frame.columns.targets,
        named=frame.has_ids,
        past=_on_grid(coders.past, frame, positions, offsets),
        future=_on_grid(coders.future, frame, positions, offsets),
        static=None if coders.static is None else coders.static.encode(static_rows(frame)),
        calendar=calendar_table(coders.calendar, first_times, lengths, frequency, still=coders.still),
        weights=_weights_on_grid(frame, positions, offsets),
    )


def panel_rows(frame: LongFrame, positions: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the panel's row of each row of a frame.

    Parameters
    ----------
    frame
        Rows sorted by series and time.
    positions
        (rows,), the step of each on the grid, counted from the first row of its series.
    offsets
        (series + 1,), the first row of each series in the panel.
    """
    return offsets[:-1].repeat(frame.row_counts) + positions


def fit_coders(frame: LongFrame, calendar: Calendar | None = None) -> Coders:
    """Fit the coders of a training frame's covariates, role by role."""
    columns = frame.columns
    return Coders(
        past=FeatureCoder.fit(frame.covariates, columns.past) if columns.past else None,
        future=FeatureCoder.fit(frame.covariates, columns.future) if columns.future else None,
        static=FeatureCoder.fit(static_rows(frame), columns.static) if columns.static else None,
        calendar=calendar,
    )


def static_rows(frame: LongFrame) -> pd.DataFrame:
    """Return the static covariates, one row for each series.

    Raises
    ------
    DataError
        If a static covariate varies within a series.
    """
    columns = list(frame.columns.static)
    values = frame.covariates[columns]
    first = values.iloc[frame.starts]
    series = frame.series_of_rows
    for name in columns:
        expected = first[name].iloc[series].reset_index(drop=True)
        differs = ~((values[name] == expected) | (values[name].isna() & expected.isna())).to_numpy()
        if differs.any():
            row = int(np.argmax(differs))
            raise DataError(
                f"static covariate {name!r} varies within series {shown(frame.ids[series[row]])}: it is "
                f"{shown(values[name].iloc[row])} at {frame.times[row]}, {shown(expected.iloc[row])} before; "
                "declare it in past_covariates or future_covariates"
            )
    return first.reset_index(drop=True)


def _on_grid(
    coder: FeatureCoder | None, frame: LongFrame, positions: np.ndarray, offsets: np.ndarray
) -> Features | None:
    """Return the covariates of one role for each row of the panel."""
    if coder is None:
        return None
    encoded = coder.encode(frame.covariates)
    on_grid = no_features(coder, int(offsets[-1]))
    rows = torch.from_numpy(panel_rows(frame, positions, offsets))
    on_grid.numbers[rows], on_grid.mask[rows], on_grid.codes[rows] = (
        encoded.numbers,
        encoded.mask,
        encoded.codes,
    )
    return on_grid


def _weights_on_grid(frame: LongFrame, positions: np.ndarray, offsets: np.ndarray) -> Tensor | None:
    """Return the weight of each row of the panel; steps without a row have no target to weigh."""
    if frame.weights is None:
        return None
    weights = np.ones(int(offsets[-1]), dtype=np.float32)
    weights[panel_rows(frame, positions, offsets)] = frame.weights
    return torch.from_numpy(weights)


def _check_gaps(frame: LongFrame, lengths: np.ndarray) -> None:
    if lengths.sum() <= _MOST_STEPS_PER_ROW * len(frame.times):
        return
    rows = frame.row_counts
    worst = int(np.argmax(lengths / rows))
    first = frame.starts[worst]
    raise DataError(
        f"series {shown(frame.ids[worst])} has {rows[worst]} rows from {frame.times[first]} to "
        f"{frame.times[first + rows[worst] - 1]}, {lengths[worst]} steps of the grid: nearly all of it "
        "would be missing. Check its time stamps, or pass a coarser freq"
    )


def _origins_and_units(
    targets: np.ndarray, observed: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first observed value of each series, and a power of two near its first change."""
    first, any_observed = _first_where(observed, starts)
    origin = np.where(any_observed, np.take_along_axis(targets, first, axis=0), 0.0)
    deviation = np.abs(targets - np.repeat(origin, row_counts(starts, len(targets)), axis=0))
    deviation[~observed] = 0.0
    change, changes = _first_where(deviation > 0, starts)
    size = np.where(changes, np.take_along_axis(deviation, change, axis=0), np.abs(origin))
    largest = np.maximum.reduceat(deviation, starts, axis=0)
    # a first change 2¹⁰⁰ times smaller than the largest would overflow float32
    size = np.maximum(size, largest * 2.0**-100)
    with np.errstate(divide="ignore"):
        exponent = np.where(size > 0, np.round(np.log2(size)), 0.0)
    return origin, np.exp2(exponent)


def _first_where(condition: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, by series and column, the first row whose condition is True, and whether there is one."""
    rows = np.arange(len(condition))[:, None]
    first = np.minimum.reduceat(np.where(condition, rows, len(condition)), starts, axis=0)
    any_holds = first < len(condition)
    return np.where(any_holds, first, 0), any_holds
