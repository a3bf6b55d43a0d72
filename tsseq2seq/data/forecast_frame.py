"""From forecasts back to a long frame, in Nixtla's column convention."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tsseq2seq.data.columns import Columns
from tsseq2seq.data.panel import Panel
from tsseq2seq.errors import ParameterError

__all__ = ["forecast_frame", "interval_columns"]


def interval_columns(
    name: str, probabilities: Sequence[float], levels: Sequence[float] | None
) -> dict[str, float]:
    """Return the columns that bound intervals, and the quantile that each holds.

    The quantiles (1 − level/100)/2 and (1 + level/100)/2 bound the interval of a level: 0.05 and 0.95
    are ``-lo-90`` and ``-hi-90``.

    Parameters
    ----------
    name
        What the columns' names begin with.
    probabilities
        The quantiles that there are.
    levels
        Intervals wanted, in percent. None: all quantiles but the median.

    Raises
    ------
    ParameterError
        If an interval is wanted that the quantiles do not bound.

    Examples
    --------
    >>> interval_columns("Seq2Seq", [0.05, 0.5, 0.95], None)
    {'Seq2Seq-lo-90': 0.05, 'Seq2Seq-hi-90': 0.95}
    """
    available = {}
    for probability in probabilities:
        if probability != 0.5:
            side = "lo" if probability < 0.5 else "hi"
            available[f"{name}-{side}-{round(abs(1 - 2 * probability) * 100, 6):g}"] = probability
    if levels is None:
        return available
    chosen = {}
    for level in levels:
        for column in (f"{name}-lo-{level:g}", f"{name}-hi-{level:g}"):
            if column not in available:
                have = ", ".join(available) or "no intervals"
                raise ParameterError(
                    f"levels holds {level!r}, but the model was trained for {have}; fit with "
                    "output=Quantiles([...]) whose levels bound that interval"
                )
            chosen[column] = available[column]
    return chosen


def forecast_frame(
    panel: Panel, columns: Columns, values: dict[str, np.ndarray]
) -> pd.DataFrame:
    """Build the frame: a row for each series and step after its end.

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
        data[columns.id] = panel.ids.repeat(horizon)
    data[columns.time] = panel.frequency.future(panel.ends(), horizon)
    data.update({name: array.reshape(-1) for name, array in values.items()})
    return pd.DataFrame(data)
