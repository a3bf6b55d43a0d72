"""The plot of a backtest: what came, and what was forecast of it from each cutoff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from tsseq2seq.errors import DataError, require
from tsseq2seq.plotting.lines import Frame, Lines, as_pandas, check_frame, make_lines
from tsseq2seq.plotting.style import (
    FORECAST,
    OBSERVED,
    QUIET,
    label_numbers,
    label_times,
    legend_look,
    new_figure,
    note_left_out,
    panel_grid,
    panel_size,
    style,
)
from tsseq2seq.settings import check_number

if TYPE_CHECKING:
    import matplotlib.artist
    import matplotlib.axes
    import matplotlib.figure

__all__ = ["plot_backtest"]

_CUTOFF = "cutoff"
# Cutoffs up to which each has a line and a band of its own, and above which they are drawn thinner.
_FEW = 12


def plot_backtest(
    forecasts: Frame,
    history: Frame = None,
    *,
    series: object = None,
    id_col: str = "unique_id",
    time_col: str = "ds",
    target_col: str = "y",
    name: str = "Seq2Seq",
    title: str | None = None,
    max_history: int | None = None,
    most: int = 6,
    figure: matplotlib.figure.Figure | None = None,
) -> matplotlib.figure.Figure:
    """Draw a backtest: the true values, and the forecast from each cutoff, each series on its own axes.

    A forecast starts at its cutoff, which a broken line marks. Bands are the widest intervals.

    Parameters
    ----------
    forecasts
        What :func:`~tsseq2seq.backtest` returned, or ``forecasts`` of a leaderboard: time stamps, ``cutoff``,
        the true values and the column ``name``. Of several targets first
        :func:`~tsseq2seq.for_target`.
    history
        The frame of the backtest, or any rows before and between the forecasts. None: only what the backtest
        holds is drawn.
    series
        Which series to draw, alone. None: the first ``most``.
    id_col, time_col, target_col
        Names of the columns; a frame of one series may lack the first.
    name
        Name of the column of forecasts.
    title
        Title above the plot, on the left.
    max_history
        Time steps drawn before the first cutoff. None: two horizons, but at least 36.
    most
        Most series to draw. If there are more, a note in the figure gives their number.
    figure
        Figure to draw on. None: a new figure.

    Returns
    -------
    matplotlib.figure.Figure
        The figure drawn on.

    Raises
    ------
    DataError
        If a frame lacks a column, or has no rows of the series.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> rows = {"ds": [3, 4, 4, 5], "cutoff": [2, 2, 3, 3], "y": [1.0, 2.0, 2.0, 3.0]}
    >>> rows |= {"Seq2Seq": [1.5, 1.5, 2.5, 2.5]}
    >>> figure = plot_backtest(pd.DataFrame(rows), figure=Figure())
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['Actual', 'Forecasts from 2 cutoffs']
    """
    check_number("plot_backtest", "most", most, low=1, integer=True)
    check_number("plot_backtest", "max_history", max_history, low=1, integer=True, optional=True)
    forecasts = as_pandas(forecasts, "forecasts")
    check_frame(forecasts, "forecasts", [time_col, _CUTOFF, target_col, name])
    history = None if history is None else as_pandas(history, "history")
    names = [None] if id_col not in forecasts.columns else list(forecasts[id_col].unique())
    chosen = names[:most] if series is None else [series]
    options = {"time_col": time_col, "target_col": target_col, "name": name, "max_history": max_history}
    panel = [
        _backtest_of(_rows(forecasts, id_col, one), _rows(history, id_col, one), one, **options)
        for one in chosen
    ]
    if not panel:
        raise DataError("forecasts has no rows")
    require("matplotlib", extra="plot", purpose="Plotting")
    if figure is None:
        size = (9.0, 4.2) if len(panel) == 1 else panel_size(len(panel))
        figure = new_figure(figsize=size)
    _draw(figure, panel, title)
    note_left_out(figure, len(panel), len(names) if series is None else 1)
    return figure


@dataclass(frozen=True)
class _Backtest:
    """What is drawn of one series: its name, the true values, and the lines of each cutoff."""

    name: object
    actual: pd.DataFrame
    cutoffs: list[Lines]


def _rows(frame: pd.DataFrame | None, id_col: str, series: object) -> pd.DataFrame | None:
    if frame is None or series is None or id_col not in frame.columns:
        return frame
    return frame[frame[id_col] == series]


def _backtest_of(
    forecasts: pd.DataFrame,
    history: pd.DataFrame | None,
    series: object,
    *,
    time_col: str,
    target_col: str,
    name: str,
    max_history: int | None,
) -> _Backtest:
    if len(forecasts) == 0:
        raise DataError(f"forecasts has no rows{'' if series is None else f' of series {series!r}'}")
    truth = forecasts[[time_col, target_col]]
    if history is not None:
        check_frame(history, "history", [time_col, target_col])
        truth = pd.concat([history[[time_col, target_col]], truth])
    truth = truth.drop_duplicates(time_col, keep="last").sort_values(time_col, ignore_index=True)
    groups = [rows for _, rows in forecasts.groupby(_CUTOFF, sort=True)]
    horizon = max(len(rows) for rows in groups)
    before = int((truth[time_col] <= groups[0][_CUTOFF].iloc[0]).sum())
    kept = max(2 * horizon, 36) if max_history is None else max_history
    truth = truth.iloc[max(0, before - kept) :]
    cutoffs = [
        make_lines(
            truth[truth[time_col] <= rows[_CUTOFF].iloc[0]],
            rows,
            time_col=time_col,
            target_col=target_col,
            name=name,
            actual=truth,
            max_history=None,
        )
        for rows in groups
    ]
    return _Backtest(series, truth, cutoffs)


def _draw(figure: matplotlib.figure.Figure, panel: list[_Backtest], title: str | None) -> None:
    grid = figure.subplots(*panel_grid(len(panel)), squeeze=False)
    handles: dict[str, matplotlib.artist.Artist] = {}
    for ax, backtest in zip(grid.flat, panel, strict=False):
        for handle in _draw_series(ax, backtest, ticks=10 if len(panel) == 1 else 5):
            handles.setdefault(str(handle.get_label()), handle)
        if backtest.name is not None:
            ax.set_title(str(backtest.name), loc="left", size="medium", color=OBSERVED, parse_math=False)
        ax.tick_params(labelsize="small")
    for ax in grid.flat[len(panel) :]:
        ax.set_axis_off()
    heading = {
        "title": title,
        "alignment": "left",
        "title_fontproperties": {"weight": "bold", "size": "large"},
    }
    figure.legend(loc="outside upper left", **heading, **legend_look(list(handles.values())))


def _draw_series(
    ax: matplotlib.axes.Axes, backtest: _Backtest, *, ticks: int
) -> list[matplotlib.artist.Artist]:
    """Draw one series, and return the handles for a legend."""
    from matplotlib.patches import Patch

    first, count = backtest.cutoffs[0], len(backtest.cutoffs)
    many = count > _FEW
    handles: list[matplotlib.artist.Artist] = list(
        ax.plot(first.actual, first.actual_values, color=OBSERVED, linewidth=1.2, label="Actual", zorder=3)
    )
    label = f"Forecasts from {count} cutoffs" if count > 1 else "Forecast"
    forecasts: list[matplotlib.artist.Artist] = []
    shade = {"color": FORECAST, "alpha": 0.06 if many else 0.15, "linewidth": 0}
    for lines in backtest.cutoffs:
        times, values = lines.joined_forecast()
        forecasts += ax.plot(
            times, values, color=FORECAST, linewidth=1.0 if many else 1.7, label=label, zorder=4,
            marker="o" if len(times) == 1 else "", markersize=3.5,
        )  # fmt: skip
        if lines.past.size and not many:
            ax.axvline(lines.past[-1], color=QUIET, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
        for band in lines.bands[:1]:
            ax.fill_between(lines.times, band.low, band.high, zorder=2, **shade)
    handles += forecasts[:1]
    if first.bands:
        handles.append(
            Patch(color=FORECAST, alpha=0.15, linewidth=0, label=f"{first.bands[0].level:g}% interval")
        )
    style(ax)
    label_times(ax, integer=first.integer, zone=first.zone, most=ticks)
    label_numbers(ax)
    return handles
