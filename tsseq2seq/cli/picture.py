"""Drawing results into an image file, without pyplot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsseq2seq.atomic_files import replacing
from tsseq2seq.cli import show
from tsseq2seq.cli.look import Look
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.forecast_frame import for_target
from tsseq2seq.evaluation.leaderboard import Leaderboard
from tsseq2seq.plotting import plot_anomalies, plot_backtest, plot_forecast, plot_panel
from tsseq2seq.plotting.style import QUIET, panel_size

if TYPE_CHECKING:
    import matplotlib.figure

__all__ = ["draw", "draw_anomalies", "draw_backtest", "draw_board", "on_grid"]

_MOST = 6
_DPI = 150


def draw(
    path: Path,
    history: pd.DataFrame,
    forecast: pd.DataFrame,
    columns: Columns,
    frequency: Frequency,
    look: Look,
) -> None:
    """Draw a forecast of up to six series, or of up to six targets of one series.

    What is left out is said in the picture and on standard error.

    Parameters
    ----------
    path
        The image file.
    history, forecast
        All series.
    columns, frequency
        The role of each column, and the grid.
    look
        What is drawn, and its title.
    """
    from matplotlib.figure import Figure

    if columns.id is None:
        names: list[Any] = []
        left_out = ""
    else:
        every = list(forecast[columns.id].unique())
        most = _MOST if len(columns.targets) == 1 else 1
        names = list(look.chosen or every)[:most]
        left_out = _left_out(names, look.chosen, len(every))
        forecast = forecast[forecast[columns.id].isin(names)]
    history = on_grid(history, frequency, columns, names)
    if len(names) > 1:
        order = np.concatenate([np.flatnonzero(forecast[columns.id] == shown) for shown in names])
        figure = Figure(figsize=panel_size(len(names)), layout="constrained")
        plot_panel(
            history,
            forecast.iloc[order],
            id_col=str(columns.id),
            time_col=columns.time,
            target_col=columns.targets[0],
            name=look.column,
            title=look.title or look.label,
            most=_MOST,
            figure=figure,
        )
    else:
        figure = _draw_targets(
            history, forecast, columns, look.column, look.title or str([*names, look.label][0])
        )
        more = len(columns.targets) - _MOST
        if more > 0:
            targets = f"the first {_MOST} of {len(columns.targets):,} targets"
            left_out = ", ".join(filter(None, [left_out, targets]))
    _save(figure, path, left_out, look)


def draw_backtest(
    path: Path, history: pd.DataFrame, forecasts: pd.DataFrame, columns: Columns, look: Look
) -> None:
    """Draw a backtest of up to six series; of several targets the first.

    What is left out is said in the picture and on standard error.

    Parameters
    ----------
    path
        The image file.
    history, forecasts
        All series, and their forecasts from all cutoffs.
    columns
        The role of each column.
    look
        What is drawn, and its title.
    """
    from matplotlib.figure import Figure

    every = [] if columns.id is None else list(forecasts[columns.id].unique())
    names = list(look.chosen or every)[:_MOST]
    left_out = _left_out(names, look.chosen, len(every))
    if len(columns.targets) > 1:
        forecasts = for_target(forecasts, columns.targets[0])
        targets = f"the first of {len(columns.targets):,} targets"
        left_out = ", ".join(filter(None, [left_out, targets]))
    if names:
        order = np.concatenate([np.flatnonzero(forecasts[columns.id] == shown) for shown in names])
        forecasts, history = forecasts.iloc[order], history[history[columns.id].isin(names)]
    figure = Figure(figsize=panel_size(max(len(names), 1)), layout="constrained")
    plot_backtest(
        forecasts,
        history,
        id_col=str(columns.id),
        time_col=columns.time,
        target_col=columns.targets[0],
        name=look.column,
        title=look.title if len(names) == 1 else look.title or look.label,  # its axes have its name
        most=_MOST,
        figure=figure,
    )
    _save(figure, path, left_out, look)


def draw_anomalies(path: Path, scores: pd.DataFrame, columns: Columns, look: Look) -> None:
    """Draw the anomalies of up to six series; of several targets the first.

    What is left out is said in the picture and on standard error.

    Parameters
    ----------
    path
        The image file.
    scores
        All series, with a row for each step of the grid.
    columns
        The role of each column.
    look
        What is drawn, and its title.
    """
    from matplotlib.figure import Figure

    every = [] if columns.id is None else list(scores[columns.id].unique())
    names: list[Any] = list(look.chosen or every)[:_MOST] or [None]
    left_out = _left_out(names, look.chosen, len(every)) if every else ""
    if len(columns.targets) > 1:
        targets = f"the first of {len(columns.targets):,} targets"
        left_out = ", ".join(filter(None, [left_out, targets]))
    height = 3.6 if len(names) == 1 else 2.6
    figure = Figure(figsize=(9.0, 0.6 + height * len(names)), layout="constrained")
    all_axes = figure.subplots(len(names), squeeze=False)[:, 0]
    for place, (ax, name) in enumerate(zip(all_axes, names, strict=True)):
        own = look.label if name is None else str(name)
        if look.title is not None and place == 0:
            own = look.title if len(names) == 1 else f"{look.title}: {own}"
        plot_anomalies(
            scores,
            id_col=columns.id,
            time_col=columns.time,
            target_col=columns.targets[0],
            series=name,
            title=own,
            ax=ax,
        )
    _save(figure, path, left_out, look)


def _save(figure: matplotlib.figure.Figure, path: Path, left_out: str, look: Look) -> None:
    """Write a figure, and say in it and on standard error what it leaves out."""
    if left_out:
        figure.supxlabel(left_out, x=0.99, ha="right", size="small", color=QUIET)
        choose = "--series NAME chooses others, " if "series" in left_out and not look.chosen else ""
        show.tell(f"note: {path.name} shows {left_out}; {choose}--output writes them all")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=_DPI)


def draw_board(path: Path, board: Leaderboard) -> None:
    """Draw a leaderboard."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 1.6 + 0.45 * len(board.scores)), layout="constrained")
    board.plot(ax=figure.subplots())
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=_DPI)


def on_grid(
    history: pd.DataFrame, frequency: Frequency, columns: Columns, names: Sequence[Any]
) -> pd.DataFrame:
    """Return series with a row for each step of the grid, so that gaps are drawn as gaps."""
    if columns.id is None:
        return _fill(history, frequency, columns)
    pieces = [
        _fill(history[history[columns.id] == name], frequency, columns).assign(**{columns.id: name})
        for name in names
    ]
    return pd.concat(pieces, ignore_index=True)


def _left_out(names: Sequence[Any], chosen: tuple[Any, ...], count: int) -> str:
    """Say which of the series a picture shows; nothing where it shows all, or all that were chosen."""
    if len(names) == (len(chosen) or count):
        return ""
    what = "chosen series" if chosen else "series"
    which = "the first" if len(names) == 1 else f"the first {len(names)}"
    return f"{which} of {len(chosen) or count:,} {what}"


def _draw_targets(
    history: pd.DataFrame, forecast: pd.DataFrame, columns: Columns, name: str, title: str
) -> matplotlib.figure.Figure:
    """Draw one series, each target on its own axes."""
    from matplotlib.figure import Figure

    count = len(columns.targets)
    figure = Figure(figsize=(9.0, 4.2 * min(count, _MOST)), layout="constrained")
    all_axes = figure.subplots(min(count, _MOST), squeeze=False)[:, 0]
    for number, (ax, target) in enumerate(zip(all_axes, columns.targets, strict=False)):
        plot_forecast(
            history,
            forecast if count == 1 else for_target(forecast, target),
            time_col=columns.time,
            target_col=target,
            name=name,
            title=title if number == 0 else None,
            ax=ax,
        )
    return figure


def _fill(history: pd.DataFrame, frequency: Frequency, columns: Columns) -> pd.DataFrame:
    rows = history.sort_values(columns.time)
    times = pd.Index(rows[columns.time])
    positions = frequency.positions(times, np.array([0]), [0])
    steps = np.arange(positions[-1] + 1)
    values = np.full((len(steps), len(columns.targets)), np.nan)
    values[positions] = rows[list(columns.targets)]
    filled = pd.DataFrame(values, columns=list(columns.targets))
    filled.insert(0, columns.time, frequency.advance(times[:1].repeat(len(steps)), steps))
    return filled
