"""Converting the series of a job to long frames and back, for libraries that take frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from peers.protocol import Series


def long_frame(series: Series) -> pd.DataFrame:
    """Return the columns ``unique_id``, ``ds`` (integers from 1) and ``y``."""
    lengths = [len(y) for y in series.values]
    return pd.DataFrame(
        {
            "unique_id": np.repeat(series.ids, lengths),
            "ds": np.concatenate([np.arange(1, length + 1) for length in lengths]),
            "y": np.concatenate(series.values),
        }
    )


def series_of(frame: pd.DataFrame) -> Series:
    """Return the series of a long frame, in its order."""
    groups = frame.groupby("unique_id", sort=False)["y"]
    return Series([str(name) for name, _ in groups], [y.to_numpy() for _, y in groups])


def filled(values: np.ndarray) -> np.ndarray:
    """Return the values, missing ones on the line between their neighbours."""
    steps, known = np.arange(len(values)), ~np.isnan(values)
    return np.interp(steps, steps[known], values[known])


def forecast_array(frame: pd.DataFrame, ids: Sequence[str], columns: Sequence[str]) -> np.ndarray:
    """Return columns of a forecast frame as (series, horizon, columns), in the order of ``ids``."""
    groups = dict(iter(frame.groupby("unique_id", sort=False)))
    return np.stack([groups[name].sort_values("ds")[list(columns)].to_numpy() for name in ids])


def interval_columns(name: str, quantiles: Sequence[float], median: str) -> list[str]:
    """Return the column of each quantile: 0.1 is ``NAME-lo-80``, 0.9 ``NAME-hi-80``."""
    columns = []
    for q in quantiles:
        side = "lo" if q < 0.5 else "hi"
        columns.append(median if q == 0.5 else f"{name}-{side}-{_level(q)}")
    return columns


def interval_levels(quantiles: Sequence[float]) -> list[int | float]:
    """Return the levels, in percent, of the intervals that the quantiles bound: 0.1 and 0.9 give 80."""
    return sorted({_level(q) for q in quantiles if q != 0.5})


def _level(quantile: float) -> int | float:
    level = round(abs(1 - 2 * quantile) * 100, 6)
    return int(level) if level == int(level) else level  # a float would be in the columns' names as 80.0
