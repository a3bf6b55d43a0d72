"""The plot of error over seconds: a line for each contestant, named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's palette, told apart with every kind of colour vision; one colour a library.
COLOURS = {
    "tsseq2seq": "#0072b2", "NeuralForecast": "#d55e00", "Darts": "#009e73", "GluonTS": "#cc79a7",
    "statsmodels": "#000000", "StatsForecast": "#e69f00",
}  # fmt: skip
MARKERS = "osD^v"
TICKS = (0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10)
# Between two labels, as a share of the plot's height; and how far from the points they stand.
GAP, ASIDE = 0.045, 14


@dataclass(frozen=True)
class Line:
    """A contestant: its errors after so many seconds, which rise."""

    label: str
    seconds: Sequence[float]
    errors: Sequence[float]


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Return places at least ``gap`` apart, in the order of those wanted and as near as they can be.

    Places that would overlap form a block that is centred on what its members want.
    """
    order = np.argsort(wanted, kind="stable")
    blocks: list[list[int]] = []

    def start(block: list[int]) -> float:
        return float(np.mean([wanted[i] - gap * n for n, i in enumerate(block)]))

    for index in order:
        blocks.append([int(index)])
        while len(blocks) > 1 and start(blocks[-2]) + gap * len(blocks[-2]) > start(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    places = [0.0] * len(wanted)
    for block in blocks:
        for n, index in enumerate(block):
            places[index] = start(block) + gap * n
    return places


def draw(lines: Sequence[Line], path: Path, *, own: str, reference: str) -> None:
    """Write the plot as an SVG file that is the same each time.

    Parameters
    ----------
    lines
        The contestants.
    path
        Of the file.
    own
        Label of the line that is drawn thick.
    reference
        Label of the one that is drawn all across, whatever its seconds.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter, StrMethodFormatter

    from tsseq2seq.plotting.style import OBSERVED, QUIET, style

    figure = Figure(figsize=(9, 5.2), layout="constrained")
    ax = figure.subplots()
    style(ax)
    ax.set(xscale="log", yscale="log", xlabel="seconds of training (log)", ylabel="OWA on M4 Hourly (log)")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    seen: dict[str, int] = {}
    ends: list[tuple[str, float | None, float, str]] = []
    for line in lines:
        if line.label == reference:
            ax.axhline(line.errors[-1], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
            ends.append((line.label, None, line.errors[-1], QUIET))
            continue
        library = line.label.split()[0]
        colour = COLOURS.get(library, OBSERVED)
        marker = MARKERS[seen.get(library, 0) % len(MARKERS)]
        seen[library] = seen.get(library, 0) + 1
        width = 3.2 if line.label == own else 1.3
        ax.plot(
            line.seconds,
            line.errors,
            color=colour,
            marker=marker,
            markersize=2 + 1.3 * width,
            linewidth=width,
        )
        ends.append((line.label, line.seconds[-1], line.errors[-1], colour))
    values = [error for line in lines for error in line.errors]
    low, high = 0.9 * min(values), 1.1 * max(values)
    ax.set_ylim(low, high)
    ax.yaxis.set_major_locator(FixedLocator([tick for tick in TICKS if low <= tick <= high]))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    _label(ax, ends, own)
    with matplotlib.rc_context({"svg.hashsalt": "tsseq2seq", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None})


def _label(ax: Axes, ends: Sequence[tuple[str, float | None, float, str]], own: str) -> None:
    """Name the lines at the right, each at the height of its end or near it, joined by a thin line."""
    low, high = np.log(ax.get_ylim())
    heights = [float((np.log(error) - low) / (high - low)) for _, _, error, _ in ends]
    edge = ax.get_xlim()[1]
    for (label, seconds, error, colour), place in zip(ends, spread(heights, GAP), strict=True):
        ax.annotate(
            label,
            xy=(edge if seconds is None else seconds, error),
            xytext=(1.03, place),
            textcoords="axes fraction",
            color=colour,
            fontsize=9,
            fontweight="bold" if label == own else "normal",
            va="center",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.5, "alpha": 0.6},
        )
