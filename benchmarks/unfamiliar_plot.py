"""The plot of ``unfamiliar.py``: the error of each model on each set, beside that of seasonal naive."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from seconds_plot import COLOURS, MARKERS

TICKS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 3, 5)


def draw(ratios: pd.DataFrame, path: Path, *, own: str) -> None:
    """Write the plot as an SVG file that is the same each time.

    Parameters
    ----------
    ratios
        Errors relative to seasonal naive, sets × models; NaN where there is none.
    path
        Of the file.
    own
        Label of the model that is drawn large.
    """
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator, StrMethodFormatter

    from tsseq2seq.plotting.style import OBSERVED, QUIET, style

    figure = Figure(figsize=(9, 1.6 + 0.34 * len(ratios)), layout="constrained")
    ax = figure.subplots()
    style(ax)
    places = np.arange(len(ratios))[::-1]
    ax.axvline(1, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    seen: dict[str, int] = {}
    for label in map(str, ratios):
        library = label.split()[0]
        marker = MARKERS[seen.get(library, 0) % len(MARKERS)]
        seen[library] = seen.get(library, 0) + 1
        large = label == own
        ax.scatter(
            ratios[label], places, s=80 if large else 26, marker=marker, label=label, linewidths=0,
            color=COLOURS.get(library, OBSERVED), alpha=1 if large else 0.7, zorder=3 if large else 2,
        )  # fmt: skip
    ax.set(xscale="log", xlabel="MASE relative to seasonal naive (log)")
    ax.set_yticks(places, list(map(str, ratios.index)))
    values = ratios.to_numpy()
    low, high = 0.9 * np.nanmin(values), 1.1 * np.nanmax(values)
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(FixedLocator([tick for tick in TICKS if low <= tick <= high]))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
    figure.legend(loc="outside upper left", ncols=4, frameon=False, fontsize=8)
    with matplotlib.rc_context({"svg.hashsalt": "tsseq2seq", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None})
