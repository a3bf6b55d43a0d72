"""The plot of scenarios or sample paths, and of the history before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from tsseq2seq.errors import DataError, require, shown
from tsseq2seq.plotting.lines import Frame, as_pandas, check_frame
from tsseq2seq.plotting.style import (
    FORECAST,
    OBSERVED,
    label_times,
    legend_above,
    new_figure,
    of_several,
    style,
)

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["plot_scenarios"]

# Time steps of history drawn for each time step of the horizon.
_HISTORY = 3


def plot_scenarios(
    history: Frame,
    scenarios: Frame,
    *,
    series: object = None,
    id_col: str = "unique_id",
    time_col: str = "ds",
    target_col: str = "y",
    title: str | None = None,
    ax: matplotlib.axes.Axes | None = None,
) -> matplotlib.axes.Axes:
    """Draw each scenario or sample path as a line; of scenarios, the likeliest is the darkest.

    Parameters
    ----------
    history
        Time stamps and values, of several series or of one.
    scenarios
        Result of :meth:`~tsseq2seq.Seq2SeqForecaster.scenarios` or ``sample``.
    series
        Which series to draw. None: the first.
    id_col, time_col, target_col
        Names of the columns.
    title
        Title above the plot. None: the name of the series, and of how many it is the first.
    ax
        Axes to draw on. None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    DataError
        If a frame lacks a column or has no rows of the series.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> days = pd.date_range("2024", periods=4)
    >>> history = pd.DataFrame({"ds": days[:2], "y": [1.0, 2.0]})
    >>> likely = pd.DataFrame({"scenario": [0, 0, 1, 1], "ds": [*days[2:]] * 2, "Seq2Seq": [3.0, 4, 2, 1]})
    >>> likely["log_probability"] = [-1.0, -1.0, -2.0, -2.0]
    >>> ax = plot_scenarios(history, likely, ax=Figure().subplots())
    >>> len(ax.lines) >= 3
    True
    """
    history, scenarios = as_pandas(history, "history"), as_pandas(scenarios, "scenarios")
    path_col = "scenario" if "scenario" in scenarios.columns else "sample"
    check_frame(scenarios, "scenarios", [path_col, time_col, "Seq2Seq"])
    check_frame(history, "history", [time_col, target_col])
    if id_col in scenarios.columns:
        if series is None and len(scenarios):
            series = scenarios[id_col].iloc[0]
            title = of_several(series, scenarios[id_col].nunique()) if title is None else title
        scenarios = scenarios[scenarios[id_col] == series]
        if id_col in history.columns:
            history = history[history[id_col] == series]
    if len(scenarios) == 0:
        raise DataError(f"scenarios has no rows of series {shown(series)}")
    if len(history) == 0:
        raise DataError(f"history has no rows of series {shown(series)}")
    require("matplotlib", extra="plot", purpose="Plotting")
    if ax is None:
        ax = new_figure(figsize=(9.0, 3.6)).subplots()
    paths = [path for _, path in scenarios.sort_values(time_col).groupby(path_col, sort=True)]
    past = history.sort_values(time_col).tail(_HISTORY * len(paths[0]))
    handles = ax.plot(past[time_col].to_numpy(), past[target_col].to_numpy(), color=OBSERVED, label="History")
    for rank, path in reversed(list(enumerate(paths))):
        alpha = 1.0 - 0.75 * rank / max(1, len(paths) - 1) if path_col == "scenario" else 0.25
        lines = ax.plot(
            path[time_col].to_numpy(),
            path["Seq2Seq"].to_numpy(),
            color=FORECAST,
            alpha=alpha,
            label=f"{len(paths)} {path_col}{'s' if len(paths) > 1 else ''}",
        )
    style(ax)
    times = past[time_col]
    integer = not pd.api.types.is_datetime64_any_dtype(times.dtype)
    label_times(ax, integer=integer, zone=None if integer else times.dt.tz, most=10)
    title = str(series) if title is None and series is not None else title
    legend_above(ax, [*handles, *lines], title)
    return ax
