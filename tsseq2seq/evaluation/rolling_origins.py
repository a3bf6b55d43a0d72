"""Rolling origins: cutoffs of a frame, and its rows before each cutoff and in the horizon after it."""

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
        (rows,), indices of the frame's rows, sorted by series and time.
    series
        (rows,), index of the series of each row.
    positions
        (rows,), time step of each row, counted from the start of its series.
    starts
        (series,), first time stamps.
    lengths
        (series,), number of time steps from the first to the last row.
    ids
        Names of the series.
    frequency
        Frequency of the grid.
    """

    rows: np.ndarray
    series: np.ndarray
    positions: np.ndarray
    starts: pd.Index
    lengths: np.ndarray
    ids: pd.Index
    frequency: Frequency

    def cutoffs(self, horizon: int, windows: int, step: int, *, fitted: bool = True) -> np.ndarray:
        """Return the cutoffs (windows, series), the earliest first, counted from the start of each series.

        A cutoff of c has c time steps before it. The last cutoff lies one horizon before the end of the
        series. A cutoff below 1 has no history, and the series is left out there.

        Parameters
        ----------
        horizon
            Time steps forecast.
        windows
            Number of cutoffs.
        step
            Time steps between cutoffs.
        fitted
            Whether an estimator is to be fitted on the rows before the first cutoff.

        Raises
        ------
        DataError
            If no series has a history before its last cutoff, or, with ``fitted``, before its first cutoff.

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
        """Return the indices of the rows before the cutoff of their series, ascending."""
        return np.sort(self.rows[self.positions < cutoff[self.series]])

    def after(self, cutoff: np.ndarray, horizon: int) -> np.ndarray:
        """Return the indices of the rows in the horizon after the cutoff of their series, ascending.

        A series without a history before its cutoff has none.
        """
        cutoffs = cutoff[self.series]
        inside = (self.positions >= cutoffs) & (self.positions < cutoffs + horizon) & (cutoffs >= 1)
        return np.sort(self.rows[inside])

    def stamps(self, cutoff: np.ndarray) -> pd.Series:
        """Return the last time stamp before the cutoff, by name, of each series with a history there."""
        possible = cutoff >= 1
        stamps = self.frequency.advance(self.starts[possible], cutoff[possible] - 1)
        return pd.Series(stamps, index=self.ids[possible])


def read_origins(
    df: pd.DataFrame, columns: Columns, freq: FrequencyLike | Frequency | None
) -> RollingOrigins:
    """Return the rolling origins of a long frame; with ``freq`` None the frequency is inferred."""
    keys = [name for name in (columns.id, columns.time) if name in df.columns]
    numbered = df[keys].assign(**{_ROW: np.arange(len(df))})
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
