"""From forecasts back to a long frame, in Nixtla's column convention."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tsseq2seq.data.long_frame import Columns
from tsseq2seq.data.panel import Panel

__all__ = ["forecast_frame", "level_columns"]


def level_columns(name: str, probabilities: Sequence[float]) -> dict[str, float]:
    """Return the columns of quantiles other than the median, by name.

    The quantiles (1 − level/100)/2 and (1 + level/100)/2 bound the interval of a level: 0.05 and 0.95
    are ``-lo-90`` and ``-hi-90``.

    Examples
    --------
    >>> level_columns("Seq2Seq", [0.05, 0.5, 0.95])
    {'Seq2Seq-lo-90': 0.05, 'Seq2Seq-hi-90': 0.95}
    """
    columns = {}
    for probability in probabilities:
        if probability == 0.5:
            continue
        side = "lo" if probability < 0.5 else "hi"
        level = round(abs(1 - 2 * probability) * 100, 6)
        columns[f"{name}-{side}-{level:g}"] = probability
    return columns


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
