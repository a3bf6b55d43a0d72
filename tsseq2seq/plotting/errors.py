"""The plot of errors by step of the horizon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tsseq2seq.errors import require
from tsseq2seq.plotting.backtest_rows import models_of, with_steps
from tsseq2seq.plotting.style import FORECAST, QUIET, label_numbers, legend_above, new_figure, style

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["plot_errors"]

# Told apart in grey too: by dashes and marks, beside shades.
_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": FORECAST, "linestyle": "-", "marker": "o"},
    {"color": QUIET, "linestyle": "--", "marker": "s"},
    {"color": "#404040", "linestyle": ":", "marker": "^"},
    {"color": "#b0b0b0", "linestyle": "-.", "marker": "D"},
)


def plot_errors(
    forecasts: Any,  # noqa: ANN401 (a frame of any library)
    *,
    models: Sequence[str] | None = None,
    id_col: str = "unique_id",
    time_col: str = "ds",
    target_col: str = "y",
    unit: str | None = None,
    title: str | None = None,
    ax: matplotlib.axes.Axes | None = None,
) -> matplotlib.axes.Axes:
    """Draw the mean absolute error of each model at each step of the horizon.

    Parameters
    ----------
    forecasts
        What ``backtest`` returned, or ``forecasts`` of a leaderboard.
    models
        Columns to draw. None: all points of models.
    id_col, time_col, target_col
        Names of the columns.
    unit
        Unit of the values, for the label of the axis.
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
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> rows = {"ds": [2, 3], "cutoff": [1, 1], "y": [5.0, 5.0], "ETS": [6.0, 8.0]}
    >>> plot_errors(pd.DataFrame(rows), ax=Figure().subplots()).lines[0].get_ydata().tolist()
    [1.0, 3.0]
    """
    frame = with_steps(forecasts, id_col, time_col, target_col)
    chosen = models_of(frame, id_col, time_col, target_col) if models is None else list(models)
    require("matplotlib", extra="plot", purpose="Plotting")
    if ax is None:
        ax = new_figure(figsize=(9.0, 3.6)).subplots()
    errors = frame[chosen].sub(frame[target_col], axis=0).abs().groupby(frame["step"]).mean()
    handles = []
    for number, name in enumerate(chosen):
        look = _LOOKS[number % len(_LOOKS)]
        handles += ax.plot(errors.index, errors[name], markersize=4, linewidth=1.6, label=name, **look)
    style(ax)
    ax.set_ylim(bottom=0)
    label_numbers(ax)
    ax.set_xlabel("step of the horizon")
    ax.set_ylabel("mean absolute error" + ("" if unit is None else f", {unit}"))
    legend_above(ax, handles, title)
    return ax
