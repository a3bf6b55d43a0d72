"""The heatmap of attention: which steps of the past each step of the horizon looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from tsseq2seq.errors import DataError, require, shown
from tsseq2seq.plotting.lines import check_frame
from tsseq2seq.plotting.style import new_figure

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["plot_attention"]


def plot_attention(
    attention: pd.DataFrame,
    *,
    series: object = None,
    id_col: str = "unique_id",
    ax: matplotlib.axes.Axes | None = None,
) -> matplotlib.axes.Axes:
    """Draw attention weights as a heatmap, the horizon's steps downwards, the past to the left.

    Parameters
    ----------
    attention
        What :meth:`~tsseq2seq.Seq2SeqForecaster.attention` returned: ``step``, ``lag`` and ``weight``.
    series
        Which series to draw. None: the first.
    id_col
        The column of its name, if there is one.
    ax
        Where to draw. None: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    DataError
        If the frame lacks a column or has no rows of the series.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> rows = {"step": [1, 1, 2, 2], "lag": [2, 1, 2, 1], "weight": [0.3, 0.7, 0.6, 0.4]}
    >>> plot_attention(pd.DataFrame(rows), ax=Figure().subplots()).get_xlabel()
    'steps before the forecast'
    """
    check_frame(attention, "attention", ["step", "lag", "weight"])
    if id_col in attention.columns:
        series = attention[id_col].iloc[0] if series is None and len(attention) else series
        attention = attention[attention[id_col] == series]
    if len(attention) == 0:
        raise DataError(f"attention has no rows of series {shown(series)}")
    require("matplotlib", extra="plot", purpose="Plotting")
    table = attention.set_index(["step", "lag"])["weight"].unstack()  # noqa: PD010 (no aggregation)
    table = table.sort_index(axis=1, ascending=False)
    if ax is None:
        size = (min(12.0, 3.0 + 0.12 * table.shape[1]), min(8.0, 1.8 + 0.16 * table.shape[0]))
        ax = new_figure(figsize=size).subplots()
    image = ax.imshow(table.to_numpy(), aspect="auto", cmap="Blues", vmin=0.0, interpolation="nearest")
    for axis, labels in ((ax.xaxis, table.columns), (ax.yaxis, table.index)):
        every = max(1, len(labels) // 12)
        axis.set_ticks(range(0, len(labels), every), labels=[str(label) for label in labels[::every]])
    ax.set_xlabel("steps before the forecast")
    ax.set_ylabel("step of the horizon")
    if series is not None:
        ax.set_title(str(series), loc="left", fontsize="medium")
    ax.figure.colorbar(image, ax=ax, label="weight")
    return ax
