"""Drawing a forecast into a file, without pyplot and its windows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tsseq2seq.cli.columns import Roles
from tsseq2seq.cli.outputs import writing
from tsseq2seq.data.frequency import Frequency
from tsseq2seq.plotting import plot_forecast, plot_panel
from tsseq2seq.plotting.style import panel_size

__all__ = ["draw", "on_grid"]

_MOST = 6
_DPI = 150


def draw(path: Path, history: pd.DataFrame, forecast: pd.DataFrame, roles: Roles, *, title: str) -> None:
    """Draw a forecast, of several series the first ones; one series that has a name gives the title."""
    from matplotlib.figure import Figure

    if roles.id is not None and len(ids := forecast[roles.id].unique()) > 1:
        figure = Figure(figsize=panel_size(min(len(ids), _MOST)), layout="constrained")
        plot_panel(
            history,
            forecast,
            id_col=roles.id,
            time_col=roles.time,
            target_col=roles.target,
            title=title,
            most=_MOST,
            figure=figure,
        )
    else:
        title = title if roles.id is None else str(forecast[roles.id].iloc[0])
        figure = Figure(figsize=(9.0, 4.2), layout="constrained")
        plot_forecast(
            history,
            forecast,
            time_col=roles.time,
            target_col=roles.target,
            title=title,
            ax=figure.subplots(),
        )
    with writing(path) as temporary:
        figure.savefig(temporary, dpi=_DPI)


def on_grid(history: pd.DataFrame, frequency: Frequency, roles: Roles) -> pd.DataFrame:
    """Return the first series with a row for each step of the grid, so that gaps show as gaps."""
    if roles.id is None:
        return _fill(history, frequency, roles)
    first = history[roles.id].unique()[:_MOST]
    pieces = [
        _fill(history[history[roles.id] == name], frequency, roles).assign(**{roles.id: name})
        for name in first
    ]
    return pd.concat(pieces, ignore_index=True)


def _fill(history: pd.DataFrame, frequency: Frequency, roles: Roles) -> pd.DataFrame:
    rows = history.sort_values(roles.time)
    times = pd.Index(rows[roles.time])
    positions = frequency.positions(times, np.array([0]), [0])
    steps = np.arange(positions[-1] + 1)
    values = np.full(len(steps), np.nan)
    values[positions] = rows[roles.target]
    return pd.DataFrame(
        {roles.time: frequency.advance(times[:1].repeat(len(steps)), steps), roles.target: values}
    )
