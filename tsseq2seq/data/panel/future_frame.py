"""Future covariates: a panel extended by the steps of the horizon, with covariates and without targets."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import torch

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.grid.calendar_table import calendar_table
from tsseq2seq.data.panel.features import Coders, Features, no_features
from tsseq2seq.data.panel.horizon_rows import horizon_rows
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.errors import DataError

__all__ = ["extend_panel", "future_frame"]


def future_frame(panel: Panel, columns: Columns, steps: int) -> pd.DataFrame:
    """Return the frame to fill in: series, ``steps`` time stamps after the end of each, empty covariates."""
    data: dict[str, object] = {}
    if panel.named:
        data[str(columns.id)] = panel.ids.repeat(steps)
    data[columns.time] = panel.future_times(steps)
    frame = pd.DataFrame(data)
    for name in columns.future:
        frame[name] = np.nan
    return frame


def extend_panel(
    panel: Panel,
    coders: Coders,
    columns: Columns,
    future: pd.DataFrame | None,
    steps: int,
    *,
    needed: np.ndarray | None = None,
) -> Panel:
    """Append ``steps`` rows to every series, with the future covariates of a frame and the calendar.

    Without future covariates only the calendar is extended.

    Parameters
    ----------
    panel
        The series.
    coders
        How the covariates become numbers and codes.
    columns
        Which column plays which role.
    future
        A row for each series and step of the horizon. Rows of other series or other times are not used.
    steps
        Rows to append.
    needed
        (series,), how many of the first rows each series must have; further ones that are missing are
        masked. None: all.

    Raises
    ------
    DataError
        If ``future`` is None, or a needed row is missing or occurs twice; the message names it.
    """
    table = calendar_table(
        coders.calendar,
        panel.starts,
        panel.lengths.cpu().numpy() + steps,
        panel.frequency,
        still=coders.still,
    )
    panel = dataclasses.replace(panel, calendar=None if table is None else table.to(panel.values.device))
    if coders.future is None:
        return panel
    given = _future_features(panel, coders, columns, future, steps, needed)
    # steps = 2:   panel      a0 a1 a2 | b0 b1                   extended   a0 a1 a2  .  . | b0 b1  .  .
    #              old row     0  1  2    3  4                   new row     0  1  2  3  4    5  6  7  8
    # old_rows: 0 1 2 5 6, where the panel's rows go; new_rows: 3 4 | 7 8, where the future covariates go
    lengths = panel.lengths.cpu()
    old_offsets = panel.offsets.cpu()
    series = torch.repeat_interleave(torch.arange(panel.count), lengths)
    old_rows = torch.arange(int(lengths.sum())) + series * steps
    new_rows = (old_offsets[1:] + torch.arange(panel.count) * steps)[:, None] + torch.arange(steps)
    total = int(lengths.sum()) + panel.count * steps
    device = panel.values.device
    old_rows, flat_rows = old_rows.to(device), new_rows.flatten().to(device)

    def extend(tensor: torch.Tensor) -> torch.Tensor:
        longer = tensor.new_zeros(total, *tensor.shape[1:])
        longer[old_rows] = tensor
        return longer

    extended = panel.future.map(extend) if panel.future is not None else no_features(coders.future, total)
    for name in ("numbers", "mask", "codes"):
        getattr(extended, name)[flat_rows] = getattr(given, name).to(device)
    return dataclasses.replace(
        panel,
        values=extend(panel.values),
        observed=extend(panel.observed),
        offsets=panel.offsets + torch.arange(panel.count + 1, device=device) * steps,
        past=None if panel.past is None else panel.past.map(extend),
        future=extended,
        weights=None,
    )


def _future_features(
    panel: Panel,
    coders: Coders,
    columns: Columns,
    future: pd.DataFrame | None,
    steps: int,
    needed: np.ndarray | None,
) -> Features:
    """Return the features of the rows to append, series by series; parameters as in :func:`extend_panel`."""
    # The rows of future stand in any order; each wanted row looks its own up by (series, time):
    #
    #     given by the caller                        wanted: steps = 2 rows for each series
    #     row  code  time   price                    series  time   row_of_wanted  present
    #      0     0   3 Jan      9                       0    3 Jan        0          yes
    #      1     1   3 Jan      7                       0    4 Jan        3          yes
    #      2    -1   3 Jan      5  unknown series       1    3 Jan        1          yes
    #      3     0   4 Jan      8                       1    4 Jan       -1          no
    #
    # A row that is not present is an error within the first `needed` steps of its series, else masked.
    assert coders.future is not None
    if future is None:
        raise DataError(
            f"the model has future covariates {list(columns.future)}: pass future=, a frame with their "
            "values over the horizon; model.future_frame() returns the one to fill in"
        )
    row_of_wanted = horizon_rows(panel, columns, future, steps, needed=needed)
    there = row_of_wanted >= 0
    encoded = coders.future.encode(future.iloc[row_of_wanted[there]].reset_index(drop=True))
    if there.all():
        return encoded
    features = no_features(coders.future, len(row_of_wanted))
    for name in ("numbers", "mask", "codes"):
        getattr(features, name)[torch.from_numpy(there)] = getattr(encoded, name)
    return features
