"""Whether the time stamps of another frame can be those of series like the ones a model was fitted on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from tsseq2seq.data.grid.coarser_series import coarser_row, refuse_coarser_history
from tsseq2seq.data.grid.grids import DAY, FixedGrid
from tsseq2seq.data.grid.integer_dates import find_date_format, refuse_integer_dates
from tsseq2seq.data.grid.series_times import SeriesTimes, TimedRows, as_index
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.data.series_rows import row_starts, series_of_rows
from tsseq2seq.errors import DataWarning, FrequencyError, warn

__all__ = ["check_history_times"]


def check_history_times(trained: Panel, frame: TimedRows, positions: np.ndarray) -> None:
    """Refuse a frame that is regular on a coarser grid than the model's, or whose integers are dates.

    What the model was fitted on was looked at by the same checks. So a frame is not refused where the
    training series are like it: somebody who passed ``freq`` to ``fit`` meant that.

    Parameters
    ----------
    trained
        The series that the model was fitted on.
    frame
        The rows to forecast from, sorted by series and time.
    positions
        (rows,), their steps on the model's grid, counted from the first row of each series.

    Raises
    ------
    FrequencyError
        Naming the first such series and its stamps.

    Warns
    -----
    DataWarning
        If hours are those of another time zone than the model's.
    """
    rows = SeriesTimes(as_index(frame.times), frame.starts, frame.ids)
    _tell_other_zone(trained, rows.times)
    try:
        refuse_integer_dates(rows)
        refuse_coarser_history(rows, positions, trained.frequency.alias)
    except FrequencyError:
        # looked at only now: of a large panel that takes a while
        if not _is_like_that(trained):
            raise


def _tell_other_zone(trained: Panel, times: pd.Index) -> None:
    """Say that the hours of the day are others, if the zone is another one and steps are less than a day."""
    grid, starts = trained.frequency.grid, trained.starts
    if not isinstance(grid, FixedGrid) or grid.step % DAY == 0:
        return
    if not isinstance(starts, pd.DatetimeIndex) or not isinstance(times, pd.DatetimeIndex):
        return
    if starts.tz is None or times.tz is None or str(starts.tz) == str(times.tz):
        return
    ends = times[[0, -1]]  # two zones may be alike
    if ends.tz_localize(None).equals(ends.tz_convert(starts.tz).tz_localize(None)):
        return
    warn(
        f"the model was fitted on time of the zone {starts.tz}, and df is in {times.tz}: its hours of the "
        f"day are taken for those of {times.tz}. If they are the same places, convert the time stamps with "
        f".dt.tz_convert({str(starts.tz)!r})",
        DataWarning,
    )


def _is_like_that(panel: Panel) -> bool:
    """Tell whether a panel itself has series on a coarser grid, or integers that could be dates."""
    known = panel.observed.any(1).cpu()
    rows = torch.nonzero(known)[:, 0].numpy()
    if not len(rows):
        return False
    offsets = panel.offsets.cpu().numpy()
    series = series_of_rows(offsets[:-1], int(offsets[-1]))[rows]
    positions = rows - offsets[series]
    starts = row_starts(series)
    times = panel.frequency.advance(panel.starts[series], positions)
    given = SeriesTimes(times, starts, panel.ids[series[starts]])
    # counted from the first row that has a value
    steps = positions - np.repeat(positions[starts], given.lengths)
    return coarser_row(given, steps, least_steps=2) is not None or find_date_format(given) is not None
