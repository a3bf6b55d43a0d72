"""Plots of forecasts and histories, of one series or of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from tsseq2seq.errors import DataError
from tsseq2seq.plotting.drawing import draw_lines
from tsseq2seq.plotting.lines import Frame, Lines, as_pandas, check_frame, make_lines
from tsseq2seq.plotting.style import (
    OBSERVED,
    legend_above,
    legend_look,
    new_figure,
    note_left_out,
    panel_grid,
    panel_size,
)
from tsseq2seq.settings import check_number

if TYPE_CHECKING:
    import matplotlib.artist
    import matplotlib.axes
    import matplotlib.figure

__all__ = ["plot_forecast", "plot_panel"]


def plot_forecast(
    history: Frame,
    forecast: Frame,
    *,
    time_col: str = "ds",
    target_col: str = "y",
    name: str = "Seq2Seq",
    actual: Frame = None,
    title: str | None = None,
    max_history: int | None = None,
    ax: matplotlib.axes.Axes | None = None,
) -> matplotlib.axes.Axes:
    """Draw the forecast of one series and the end of its history.

    Parameters
    ----------
    history
        Time stamps and values; NaN leaves a gap. Rows from the first forecast on are drawn as actual values,
        unless ``actual`` is given.
    forecast
        Time stamps, the column ``name``, and any bounds of intervals, in pairs such as ``Seq2Seq-lo-90`` and
        ``Seq2Seq-hi-90``.
    time_col, target_col
        Names of the columns.
    name
        Name of the column of forecasts.
    actual
        Actual values: time stamps and values. None: the rows of ``history`` from the first forecast on.
    title
        Title above the plot, on the left.
    max_history
        Time steps of history to draw. None: four horizons, but at least 36.
    ax
        Axes to draw on. None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    DataError
        If a frame lacks a column, or holds several series.
    MissingDependencyError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> history = pd.DataFrame({"ds": [1, 2, 3], "y": [10.0, 12.0, 11.0]})
    >>> forecast = pd.DataFrame({"ds": [4], "Seq2Seq": [12.5], "Seq2Seq-lo-80": [11], "Seq2Seq-hi-80": [14]})
    >>> ax = plot_forecast(history, forecast, ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['History', 'Forecast', '80% interval']
    """
    lines = make_lines(
        as_pandas(history, "history"),
        as_pandas(forecast, "forecast"),
        time_col=time_col,
        target_col=target_col,
        name=name,
        actual=None if actual is None else as_pandas(actual, "actual"),
        max_history=max_history,
    )
    if ax is None:
        ax = new_figure(figsize=(9.0, 4.2)).subplots()
    handles = draw_lines(ax, lines, ticks=10)
    ax.set_ylabel(target_col)
    if lines.integer:
        ax.set_xlabel(time_col)
    legend_above(ax, handles, title)
    return ax


def plot_panel(
    history: Frame,
    forecast: Frame,
    *,
    id_col: str = "unique_id",
    time_col: str = "ds",
    target_col: str = "y",
    name: str = "Seq2Seq",
    actual: Frame = None,
    title: str | None = None,
    max_history: int | None = None,
    most: int = 6,
    figure: matplotlib.figure.Figure | None = None,
) -> matplotlib.figure.Figure:
    """Draw the forecasts of several series, each on its own axes.

    Parameters
    ----------
    history, forecast, actual
        As for :func:`plot_forecast`, with the column ``id_col``.
    id_col, time_col, target_col, name, title, max_history
        As for :func:`plot_forecast`.
    most
        Most series to draw, the first of the forecast. If there are more, a note in the figure gives their
        number.
    figure
        Figure to draw on. None: a new figure.

    Returns
    -------
    matplotlib.figure.Figure
        The figure drawn on.

    Raises
    ------
    DataError
        If a frame lacks a column, or a series has no history.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> days = pd.date_range("2024", periods=3)
    >>> history = pd.DataFrame({"unique_id": ["a"] * 3 + ["b"] * 3, "ds": [*days, *days], "y": range(6)})
    >>> next_day = pd.Timestamp("2024-01-04")
    >>> forecast = pd.DataFrame({"unique_id": ["a", "b"], "ds": next_day, "Seq2Seq": [3.0, 6.0]})
    >>> len(plot_panel(history, forecast, figure=Figure()).axes)
    2
    """
    check_number("plot_panel", "most", most, low=1, integer=True)
    given = {"history": history, "forecast": forecast} | ({} if actual is None else {"actual": actual})
    frames = {role: as_pandas(frame, role) for role, frame in given.items()}
    names = {"time_col": time_col, "target_col": target_col, "name": name}
    panel = _lines_by_series(frames, id_col, most, **names, max_history=max_history)
    if figure is None:
        figure = new_figure(figsize=panel_size(len(panel)))
    _draw_panel(figure, panel, title)
    note_left_out(figure, len(panel), frames["forecast"][id_col].nunique())
    return figure


def _lines_by_series(
    frames: dict[str, pd.DataFrame],
    id_col: str,
    most: int,
    **options: Any,  # noqa: ANN401 (those of make_lines)
) -> dict[str, Lines]:
    for role, frame in frames.items():
        check_frame(frame, role, [id_col])
    panel = {}
    for series in frames["forecast"][id_col].unique()[:most]:
        rows = {role: frame[frame[id_col] == series] for role, frame in frames.items()}
        if len(rows["history"]) == 0:
            raise DataError(f"history has no rows of series {series!r}, which forecast has")
        panel[str(series)] = make_lines(
            rows["history"], rows["forecast"], actual=rows.get("actual"), **options
        )
    if not panel:
        raise DataError("forecast has no rows")
    return panel


def _draw_panel(figure: matplotlib.figure.Figure, panel: dict[str, Lines], title: str | None) -> None:
    grid = figure.subplots(*panel_grid(len(panel)), squeeze=False)
    handles: dict[str, matplotlib.artist.Artist] = {}
    for ax, (series, lines) in zip(grid.flat, panel.items(), strict=False):
        handles.update({str(handle.get_label()): handle for handle in draw_lines(ax, lines, ticks=5)})
        ax.set_title(series, loc="left", size="medium", color=OBSERVED, parse_math=False)
        ax.tick_params(labelsize="small")
    for ax in grid.flat[len(panel) :]:
        ax.set_axis_off()
    # a title of the figure would overlap with the legend
    heading = {
        "title": title,
        "alignment": "left",
        "title_fontproperties": {"weight": "bold", "size": "large"},
    }
    figure.legend(loc="outside upper left", **heading, **legend_look(list(handles.values())))
