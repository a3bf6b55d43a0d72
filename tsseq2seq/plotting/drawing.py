"""Drawing of one series: history, forecast, intervals and actual values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tsseq2seq.errors import require
from tsseq2seq.plotting.lines import Lines
from tsseq2seq.plotting.style import FORECAST, OBSERVED, QUIET, label_numbers, label_times, style

if TYPE_CHECKING:
    import matplotlib.artist
    import matplotlib.axes

__all__ = ["draw_lines"]

# Most actual values that are marked one by one.
_FEW = 24


def draw_lines(ax: matplotlib.axes.Axes, lines: Lines, *, ticks: int) -> list[matplotlib.artist.Artist]:
    """Draw one series on given axes, and return the handles for a legend."""
    require("matplotlib", extra="plot", purpose="Plotting")
    handles: list[matplotlib.artist.Artist] = []
    if len(lines.past):
        ax.axvline(lines.past[-1], color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        isolated = _isolated(lines.past_values)
        handles += ax.plot(
            lines.past,
            lines.past_values,
            color=OBSERVED,
            linewidth=1.3,
            marker="o" if isolated else "",
            markersize=3.5,
            markevery=isolated or None,
            label="History",
            zorder=3,
        )
    times, start = lines.times, np.empty(0)
    if lines.joined:
        times, start = np.append(lines.past[-1:], times), lines.past_values[-1:]
    bands = _draw_bands(ax, lines, times, start)
    values = np.append(start, lines.values)
    single = len(lines.values) == 1
    handles += ax.plot(
        times,
        values,
        color=FORECAST,
        linewidth=2.0,
        marker="o" if single else "",
        markersize=5.0,
        markevery=[len(values) - 1] if single else None,
        label="Forecast",
        zorder=4,
    )
    if len(lines.actual):
        handles += ax.plot(
            lines.actual,
            lines.actual_values,
            color=OBSERVED,
            linewidth=1.1,
            linestyle=(0, (3, 1)),
            marker="o" if len(lines.actual) <= _FEW else "",
            markersize=3.0,
            markerfacecolor="white",
            label="Actual",
            zorder=5,
        )
    style(ax)
    label_times(ax, integer=lines.integer, zone=lines.zone, most=ticks)
    label_numbers(ax)
    return handles + bands


def _draw_bands(
    ax: matplotlib.axes.Axes, lines: Lines, times: np.ndarray, start: np.ndarray
) -> list[matplotlib.artist.Artist]:
    """Draw the intervals, the widest first, and return handles as dark as the overlapping intervals."""
    from matplotlib.patches import Patch

    alpha = min(0.2, 0.7 / max(1, len(lines.bands)))
    handles: list[matplotlib.artist.Artist] = []
    for wider_bands, band in enumerate(lines.bands):
        low, high = np.append(start, band.low), np.append(start, band.high)
        if len(lines.values) == 1:
            # one time step has no area to fill
            ax.vlines(times[-1:], band.low, band.high, color=FORECAST, alpha=alpha, linewidth=9, zorder=2)
        else:
            ax.fill_between(times, low, high, color=FORECAST, alpha=alpha, linewidth=0, zorder=2)
        darkness = 1 - (1 - alpha) ** (wider_bands + 1)
        label = f"{band.level:g}%" + ("" if wider_bands else " interval")
        handles.append(Patch(color=FORECAST, alpha=darkness, linewidth=0, label=label))
    return handles


def _isolated(values: np.ndarray) -> Sequence[int]:
    """Return the indices of values between two gaps, which a line does not show."""
    observed = np.concatenate([[False], ~np.isnan(values), [False]])
    return np.flatnonzero(observed[1:-1] & ~observed[:-2] & ~observed[2:]).tolist()
