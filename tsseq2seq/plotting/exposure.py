"""The plot of exposure bias: errors under teacher forcing beside those of free running."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from tsseq2seq.errors import DataError, require
from tsseq2seq.plotting.lines import check_frame
from tsseq2seq.plotting.style import FORECAST, QUIET, legend_above, new_figure, style

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["plot_exposure_bias"]


def plot_exposure_bias(
    bias: pd.DataFrame, *, title: str | None = None, ax: matplotlib.axes.Axes | None = None
) -> matplotlib.axes.Axes:
    """Draw the errors of each step, given the truth before it and given the network's own outputs.

    Parameters
    ----------
    bias
        What ``exposure_bias`` of a forecaster returned: ``step``, ``teacher_forced``, ``free_running``.
    title
        Title above the plot, on the left.
    ax
        Axes to draw on. None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    DataError
        If the frame lacks a column or has no rows.
    MissingDependencyError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> bias = pd.DataFrame({"step": [1, 2], "teacher_forced": [0.2, 0.2], "free_running": [0.2, 0.5]})
    >>> plot_exposure_bias(bias, ax=Figure().subplots()).lines[0].get_ydata().tolist()
    [0.2, 0.5]
    """
    check_frame(bias, "bias", ["step", "teacher_forced", "free_running"])
    if len(bias) == 0:
        raise DataError("bias has no rows")
    require("matplotlib", extra="plot", purpose="Plotting")
    if ax is None:
        ax = new_figure(figsize=(9.0, 3.6)).subplots()
    handles = ax.plot(
        bias["step"], bias["free_running"], color=FORECAST, marker="o", markersize=4, label="Free running"
    )
    handles += ax.plot(
        bias["step"],
        bias["teacher_forced"],
        color=QUIET,
        linestyle="--",
        marker="s",
        markersize=4,
        label="Teacher forced",
    )
    style(ax)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("step of the horizon")
    ax.set_ylabel("mean absolute error, in spreads of the window")
    legend_above(ax, handles, title)
    return ax
