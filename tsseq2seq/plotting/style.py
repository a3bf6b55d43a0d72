"""The style of all plots: colours, axes, tick labels, legends."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tsseq2seq.errors import require

if TYPE_CHECKING:
    import matplotlib.artist
    import matplotlib.axes
    import matplotlib.figure

__all__ = [
    "ANOMALY",
    "FORECAST",
    "OBSERVED",
    "QUIET",
    "label_numbers",
    "label_times",
    "legend_above",
    "legend_look",
    "new_figure",
    "note_left_out",
    "of_several",
    "panel_grid",
    "panel_size",
    "style",
]

OBSERVED = "#404040"
#: Blue of Okabe and Ito's palette, distinct from grey with every kind of colour vision.
FORECAST = "#0072b2"
#: Vermillion of the same palette, for what stands out.
ANOMALY = "#d55e00"
QUIET = "#8a8a8a"
_GRID = "#e6e6e6"
# Plots of at least and fewer than these numbers of days have a label every few days.
_DAYS_LABELLED = (3, 90)


def new_figure(**options: Any) -> matplotlib.figure.Figure:  # noqa: ANN401 (what pyplot takes)
    """Return a new figure of pyplot. Call it after all checks, so that an error leaves no empty figure."""
    pyplot = require("matplotlib.pyplot", extra="plot", purpose="Plotting")
    return pyplot.figure(layout="constrained", **options)


def panel_grid(count: int) -> tuple[int, int]:
    """Return the numbers of rows and columns for ``count`` axes."""
    columns = 2 if count == 4 else min(count, 3)
    return math.ceil(count / columns), columns


def panel_size(count: int) -> tuple[float, float]:
    """Return width and height in inches of a figure with ``count`` axes."""
    rows, columns = panel_grid(count)
    return 4.6 * columns, 2.5 * rows + 0.6


def style(ax: matplotlib.axes.Axes) -> None:
    """Style axes: two spines and a light horizontal grid."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(QUIET)
    ax.tick_params(color=QUIET, labelcolor=OBSERVED)
    ax.xaxis.label.set_color(OBSERVED)
    ax.yaxis.label.set_color(OBSERVED)
    ax.set_axisbelow(True)
    ax.grid(axis="y", color=_GRID, linewidth=0.8)
    ax.margins(x=0.015)


def label_times(ax: matplotlib.axes.Axes, *, integer: bool, zone: datetime.tzinfo | None, most: int) -> None:
    """Label the x axis with about ``most`` time stamps or fewer."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    if integer:
        ax.xaxis.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10], integer=True))
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
        return
    first, last = ax.get_xlim()
    # with multiples of days, every second day would be the 31st and then the 1st
    days = _DAYS_LABELLED[0] <= last - first < _DAYS_LABELLED[1]
    locator = AutoDateLocator(tz=zone, minticks=3, maxticks=most, interval_multiples=not days)
    ax.xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator, tz=zone)
    formatter.formats[2] = formatter.zero_formats[2] = formatter.zero_formats[3] = "%d %b"
    formatter.offset_formats[2:] = ["%Y", "%d %b %Y", "%d %b %Y", "%d %b %Y %H:%M"]
    ax.xaxis.set_major_formatter(formatter)


def label_numbers(ax: matplotlib.axes.Axes) -> None:
    """Separate the thousands of large numbers on the y axis."""
    from matplotlib.ticker import StrMethodFormatter

    largest = np.abs(ax.get_ylim()).max()
    if 1e3 <= largest < 1e12:
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.12g}"))
    else:
        ax.ticklabel_format(axis="y", useOffset=False)


def legend_look(handles: Sequence[matplotlib.artist.Artist]) -> dict[str, Any]:
    """Return the keyword arguments of a legend in one row without a frame."""
    return {
        "handles": list(handles),
        "ncols": len(handles),
        "frameon": False,
        "handlelength": 1.4,
        "columnspacing": 1.4,
        "fontsize": "small",
        "labelcolor": OBSERVED,
    }


def legend_above(
    ax: matplotlib.axes.Axes, handles: Sequence[matplotlib.artist.Artist], title: str | None
) -> None:
    """Put the legend in a row above the axes, and the title above it."""
    look = legend_look(handles)
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.1, borderpad=0.2, **look)
    if title is not None:
        ax.set_title(title, loc="left", pad=24, weight="bold", color=OBSERVED, parse_math=False)


def note_left_out(figure: matplotlib.figure.Figure, drawn: int, count: int) -> None:
    """Write below a figure that only the first of several series were drawn, if that is so."""
    if count > drawn:
        note = f"the first {drawn} of {count:,} series"
        figure.supxlabel(note, x=0.99, ha="right", size="small", color=QUIET)


def of_several(name: object, count: int, what: str = "series") -> str:
    """Return the name of what is drawn, and what is not if it was taken as the first.

    Examples
    --------
    >>> of_several("north", 3), of_several("north", 1)
    ('north (the first of 3 series)', 'north')
    """
    return str(name) if count <= 1 else f"{name} (the first of {count:,} {what})"
