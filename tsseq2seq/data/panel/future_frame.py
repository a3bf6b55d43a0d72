"""The horizon's rows: a panel extended by steps whose covariates are known and targets are not."""

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

__all__ = ["extend", "future_frame"]


def future_frame(panel: Panel, columns: Columns, steps: int) -> pd.DataFrame:
    """Return the frame to fill in: series, time stamps of the horizon, and empty covariates."""
    data: dict[str, object] = {}
    if panel.named:
        data[str(columns.id)] = panel.ids.repeat(steps)
    data[columns.time] = panel.future_times(steps)
    frame = pd.DataFrame(data)
    for name in columns.future:
        frame[name] = np.nan
    return frame


def extend(
    panel: Panel,
    coders: Coders,
    columns: Columns,
    future: pd.DataFrame | None,
    steps: int,
    *,
    needed: np.ndarray | None = None,
) -> Panel:
    """Append ``steps`` rows to every series, with the future covariates of a frame and the calendar.

    Without future covariates the calendar alone grows.

    Rows of ``future`` that belong to other series or other times are not used. Of each series the
    first ``needed`` ones must be there (None: all); others that are not are masked.

    Raises
    ------
    DataError
        If a row of the horizon is missing or occurs twice; the message names it.
    """
    table = calendar_table(
        coders.calendar, panel.starts, panel.lengths.cpu().numpy() + steps, panel.frequency
    )
    panel = dataclasses.replace(panel, calendar=None if table is None else table.to(panel.values.device))
    if coders.future is None:
        return panel
    given = _future_features(panel, coders, columns, future, steps, needed)
    lengths = panel.lengths.cpu()
    old_offsets = panel.offsets.cpu()
    series = torch.repeat_interleave(torch.arange(panel.count), lengths)
    old_rows = torch.arange(int(lengths.sum())) + series * steps
    new_rows = (old_offsets[1:] + torch.arange(panel.count) * steps)[:, None] + torch.arange(steps)
    total = int(lengths.sum()) + panel.count * steps
    device = panel.values.device
    old_rows, flat_rows = old_rows.to(device), new_rows.flatten().to(device)

    def spread(tensor: torch.Tensor) -> torch.Tensor:
        wider = tensor.new_zeros(total, *tensor.shape[1:])
        wider[old_rows] = tensor
        return wider

    extended = panel.future.map(spread) if panel.future is not None else no_features(coders.future, total)
    for name in ("numbers", "mask", "codes"):
        getattr(extended, name)[flat_rows] = getattr(given, name).to(device)
    return dataclasses.replace(
        panel,
        values=spread(panel.values),
        observed=spread(panel.observed),
        offsets=panel.offsets + torch.arange(panel.count + 1, device=device) * steps,
        past=None if panel.past is None else panel.past.map(spread),
        future=extended,
    )


def _future_features(
    panel: Panel,
    coders: Coders,
    columns: Columns,
    future: pd.DataFrame | None,
    steps: int,
    needed: np.ndarray | None,
) -> Features:
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
