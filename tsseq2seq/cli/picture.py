"""Drawing results into an image file, without pyplot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tsseq2seq.cli.outputs import writing
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.forecast_frame import for_target
from tsseq2seq.evaluation.leaderboard import Leaderboard
from tsseq2seq.plotting import plot_forecast, plot_panel
from tsseq2seq.plotting.style import panel_size

if TYPE_CHECKING:
    import matplotlib.figure

__all__ = ["draw", "draw_board", "on_grid"]

_MOST = 6
_DPI = 150


def draw(path: Path, history: pd.DataFrame, forecast: pd.DataFrame, columns: Columns, *, title: str) -> None:
    """Draw a forecast of up to six series.

    With several targets only the first series is drawn, each target on its own axes. The name of a series
    drawn alone is the title.
    """
    from matplotlib.figure import Figure

    names = [] if columns.id is None else list(forecast[columns.id].unique())
    if columns.id is not None and len(names) > 1 and len(columns.targets) == 1:
        figure = Figure(figsize=panel_size(min(len(names), _MOST)), layout="constrained")
        plot_panel(
            history,
            forecast,
            id_col=columns.id,
            time_col=columns.time,
            target_col=columns.targets[0],
            title=title,
            most=_MOST,
            figure=figure,
        )
    else:
        if names:
            title = f"{names[0]} (the first of {len(names):,} series)" if len(names) > 1 else str(names[0])
            history, forecast = (frame[frame[columns.id] == names[0]] for frame in (history, forecast))
        figure = _draw_targets(history, forecast, columns, title)
    with writing(path) as temporary:
        figure.savefig(temporary, dpi=_DPI)


def draw_board(path: Path, board: Leaderboard) -> None:
    """Draw a leaderboard."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 1.6 + 0.45 * len(board.scores)), layout="constrained")
    board.plot(ax=figure.subplots())
    with writing(path) as temporary:
        figure.savefig(temporary, dpi=_DPI)


def on_grid(history: pd.DataFrame, frequency: Frequency, columns: Columns) -> pd.DataFrame:
    """Return the first series with a row for each step of the grid, so that gaps are drawn as gaps."""
    if columns.id is None:
        return _fill(history, frequency, columns)
    first = history[columns.id].unique()[:_MOST]
    pieces = [
        _fill(history[history[columns.id] == name], frequency, columns).assign(**{columns.id: name})
        for name in first
    ]
    return pd.concat(pieces, ignore_index=True)


def _draw_targets(
    history: pd.DataFrame, forecast: pd.DataFrame, columns: Columns, title: str
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
