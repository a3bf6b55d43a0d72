"""Long frames of forecasts, intervals and sample paths, with columns named as Nixtla's libraries do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tsseq2seq.data.frames.columns import FORECAST, Columns
from tsseq2seq.data.frames.whole_frame import give_back_whole, read_whole
from tsseq2seq.data.panel.panel import Panel
from tsseq2seq.errors import ParameterError
from tsseq2seq.settings import check_levels

__all__ = ["for_target", "forecast_frame", "interval_columns", "sample_frame"]

_BOUND = re.compile(r"(?P<point>.+)-(lo|hi)-[0-9.]+")


def interval_columns(
    name: str, probabilities: Sequence[float] | None, levels: Sequence[float] | None
) -> dict[str, float]:
    """Return the columns that bound intervals, each with the probability of its quantile.

    The interval of a level is bounded by the quantiles of (1 − level/100)/2 and (1 + level/100)/2. Those of
    0.05 and 0.95 are the columns ``-lo-90`` and ``-hi-90``.

    Parameters
    ----------
    name
        How the columns' names begin.
    probabilities
        Probabilities of the quantiles that the model forecasts. None: it forecasts any.
    levels
        Levels of the intervals, in percent. None: all quantiles but the median; if the model forecasts any
        quantile, 90.

    Raises
    ------
    ParameterTypeError
        If levels is not a list of numbers.
    ParameterError
        If a level is not a percentage, or the model does not forecast its quantiles.

    Examples
    --------
    >>> interval_columns("Seq2Seq", [0.05, 0.5, 0.95], None)
    {'Seq2Seq-lo-90': 0.05, 'Seq2Seq-hi-90': 0.95}
    """
    check_levels("predict", levels)
    if probabilities is None:
        wanted = (90,) if levels is None else levels
        probabilities = [(1 + side * level / 100) / 2 for level in wanted for side in (-1, 1)]
    available = {}
    for probability in probabilities:
        if probability != 0.5:
            side = "lo" if probability < 0.5 else "hi"
            available[f"{name}-{side}-{round(abs(1 - 2 * probability) * 100, 6):g}"] = probability
    if levels is None:
        return available
    selected = {}
    for level in levels:
        for column in (f"{name}-lo-{level:g}", f"{name}-hi-{level:g}"):
            if column not in available:
                trained = ", ".join(available) or "no intervals"
                raise ParameterError(
                    f"levels holds {level!r}, but the model was trained for {trained}; fit with "
                    "output=Quantiles([...]) whose levels bound that interval or with a distribution such as "
                    "Normal(), or call calibrate"
                )
            selected[column] = available[column]
    return selected


def forecast_frame(panel: Panel, columns: Columns, values: dict[str, np.ndarray]) -> pd.DataFrame:
    """Build the frame of forecasts: one row for each series and step of the horizon.

    Parameters
    ----------
    panel
        The series that were forecast, in the order of ``values``.
    columns
        Names of the id and the time column.
    values
        Arrays (series, horizon) by column name.
    """
    horizon = next(iter(values.values())).shape[1]
    data: dict[str, object] = {}
    if panel.named:
        data[str(columns.id)] = panel.ids.repeat(horizon)
    data[columns.time] = panel.future_times(horizon)
    data.update({name: array.reshape(-1) for name, array in values.items()})
    return pd.DataFrame(data)


def sample_frame(
    panel: Panel, columns: Columns, values: dict[str, np.ndarray], *, name: str = "sample"
) -> pd.DataFrame:
    """Build the frame of sample paths: one row for each series, path and step of the horizon.

    Parameters
    ----------
    panel, columns
        As in :func:`forecast_frame`.
    values
        Arrays (series, paths, horizon) by column name.
    name
        Name of the column that numbers the paths.
    """
    _, paths, horizon = next(iter(values.values())).shape
    times = panel.future_times(horizon)
    order = np.arange(len(times)).reshape(panel.count, 1, horizon).repeat(paths, axis=1).reshape(-1)
    data: dict[str, object] = {}
    if panel.named:
        data[str(columns.id)] = panel.ids.repeat(paths * horizon)
    data[name] = np.tile(np.repeat(np.arange(paths), horizon), panel.count)
    data[columns.time] = times[order]
    data.update({name: array.reshape(-1) for name, array in values.items()})
    return pd.DataFrame(data)


def for_target(frame: Any, target: str) -> Any:  # noqa: ANN401
    """Return the forecast of one of several targets, with the columns that a single target has.

    Parameters
    ----------
    frame
        A long forecast or backtest, with ``Seq2Seq-load``, ``Seq2Seq-load-lo-80`` … for each target.
    target
        The target wanted.

    Returns
    -------
    pandas.DataFrame or polars.DataFrame, as ``frame``
        The same rows. The target's columns are named ``Seq2Seq``, ``Seq2Seq-lo-80`` …; forecasts and true
        values of other targets are left out.

    Raises
    ------
    ParameterTypeError
        If it is no frame.
    ParameterError
        If the frame has no forecast of the target.

    Examples
    --------
    >>> frame = pd.DataFrame({"ds": [1], "Seq2Seq-load": [2.0], "Seq2Seq-price": [3.0]})
    >>> for_target(frame, "price").columns.tolist()
    ['ds', 'Seq2Seq']
    """
    frame, kind = read_whole(frame, "frame")
    points = _point_columns([str(name) for name in frame.columns])
    point = f"{FORECAST}-{target}"
    if point not in points:
        forecasts = [name for name in frame.columns if str(name).startswith(FORECAST)]
        raise ParameterError(f"the frame has no forecast of target {target!r}; it has {forecasts}")
    others = {name.removeprefix(f"{FORECAST}-") for name in points} - {target}
    kept = {}
    for name in frame.columns:
        text = str(name)
        bound = _BOUND.fullmatch(text)
        if text == point or (bound and bound["point"] == point and text not in points):
            kept[name] = FORECAST + text.removeprefix(point)
        elif not text.startswith(f"{FORECAST}-") and text not in others:
            kept[name] = name
    return give_back_whole(frame[list(kept)].rename(columns=kept), kind)


def _point_columns(names: Sequence[str]) -> set[str]:
    """Return the columns of point forecasts, also of a target whose name ends like a bound's."""
    bounds = {name for name in names if (match := _BOUND.fullmatch(name)) and match["point"] in names}
    return {name for name in names if name.startswith(f"{FORECAST}-")} - bounds
