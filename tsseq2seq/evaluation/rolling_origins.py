"""Rolling origins: which rows of a frame lie before a cutoff, and which in the horizon after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency, FrequencyLike
from tsseq2seq.data.series_rows import row_ends
from tsseq2seq.errors import DataError, DataWarning, shown, warn

__all__ = ["RollingOrigins", "read_origins"]

_ROW = "row of the frame"


@dataclass(frozen=True)
class RollingOrigins:
    """The rows of a long frame on the time grid.

    Attributes
    ----------
    rows
        (rows,), numbers of the frame's rows, sorted by series and time.
    series, positions
        (rows,), the series of each, and its step counted from the series' start.
    starts, lengths
        (series,), first time stamp, and steps up to the last one.
    ids
        Names of the series.
    frequency
        The grid.
    """

    rows: np.ndarray
    series: np.ndarray
    positions: np.ndarray
    starts: pd.Index
    lengths: np.ndarray
    ids: pd.Index
    frequency: Frequency

    def cutoffs(self, horizon: int, windows: int, step: int, *, fitted: bool = True) -> np.ndarray:
        """Return the cutoffs (windows, series), the earliest first, counted from each series' start.

        A cutoff of c has c steps before it; the last lies a horizon before the series' end. Below 1
        there is nothing to forecast from.

        Parameters
        ----------
        horizon, windows, step
            Steps forecast, number of cutoffs, and steps between them.
        fitted
            Whether something is to be fitted on what lies before the first cutoff.

        Raises
        ------
        DataError
            If no series has a step before its last cutoff, or, to be fitted, before its first one.

        Warns
        -----
        DataWarning
            If series are too short for some of the cutoffs.
        """
        back = np.arange(windows - 1, -1, -1) * step + horizon
        cutoffs = self.lengths - back[:, None]
        impossible = int((cutoffs < 1).sum())
        if (cutoffs[-1] < 1).all():
            raise DataError(
                f"no series has a step before a horizon of {horizon}: the longest has "
                f"{self.lengths.max()} steps"
            )
        if fitted and (cutoffs[0] < 1).all():
            raise DataError(
                f"there is nothing to fit on before the first of {windows} windows, which begins {back[0]} "
                f"steps before the end: the longest series has {self.lengths.max()} steps; pass fewer "
                "windows, or a shorter step"
            )
        if impossible:
            short = int(np.argmax(cutoffs[0] < 1))
            warn(
                f"{impossible} of {cutoffs.size} windows are left out, because series are too short; the "
                f"first is {shown(self.ids[short])} with {self.lengths[short]} steps",
                DataWarning,
            )
        return cutoffs

    def before(self, cutoff: np.ndarray) -> np.ndarray:
        """Return the numbers of the rows before each series' cutoff, ascending."""
        return np.sort(self.rows[self.positions < cutoff[self.series]])

    def after(self, cutoff: np.ndarray, horizon: int) -> np.ndarray:
        """Return the numbers of the rows in the horizon after each series' cutoff, ascending.

        Series with nothing before their cutoff have none.
        """
        own = cutoff[self.series]
        inside = (self.positions >= own) & (self.positions < own + horizon) & (own >= 1)
        return np.sort(self.rows[inside])

    def stamps(self, cutoff: np.ndarray) -> pd.Series:
        """Return the last time stamp before each series' cutoff, by name; of those that have one."""
        there = cutoff >= 1
        stamps = self.frequency.advance(self.starts[there], cutoff[there] - 1)
        return pd.Series(stamps, index=self.ids[there])


def read_origins(
    df: pd.DataFrame, columns: Columns, freq: FrequencyLike | Frequency | None
) -> RollingOrigins:
    """Lay a long frame's rows on the grid; ``freq`` None: inferred."""
    wanted = [name for name in (columns.id, columns.time) if name in df.columns]
    numbered = df[wanted].assign(**{_ROW: np.arange(len(df))})
    long = read_long_frame(numbered, Columns(columns.id, columns.time, (_ROW,)))
    frequency = Frequency.of(freq, long)
    positions = frequency.positions(long.times, long.starts, long.ids)
    return RollingOrigins(
        rows=long.targets[:, 0].astype(np.int64),
        series=long.series_of_rows,
        positions=positions,
        starts=long.times[long.starts],
        lengths=positions[row_ends(long.starts, len(positions)) - 1] + 1,
        ids=long.ids,
        frequency=frequency,
    )
