"""The plot of ``likeness.py``: ranges of features of real series above those of generated ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

OUTER, INNER = (0.1, 0.9), (0.25, 0.75)


def draw(frames: dict[str, tuple[pd.DataFrame, pd.DataFrame]], path: Path) -> None:
    """Write the plot as an SVG file that is the same each time.

    Parameters
    ----------
    frames
        Features of real and of generated series, by frequency.
    path
        Of the file.
    """
    import matplotlib
    from matplotlib.figure import Figure

    from tsseq2seq.plotting.style import FORECAST, OBSERVED, style

    names = [name for name in next(iter(frames.values()))[0] if name != "source"]
    columns = 3
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(10, 0.5 + 1.5 * rows), layout="constrained")
    axes = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    for ax, name in zip(axes, names, strict=False):
        style(ax)
        for place, both in enumerate(frames.values()):
            for values, colour, above in zip(
                (both[0][name], both[1][name]), (OBSERVED, FORECAST), (0.15, -0.15), strict=True
            ):
                known = values.dropna()
                if len(known):
                    height = above - place
                    ax.plot(known.quantile(OUTER), [height] * 2, color=colour, linewidth=1)
                    ax.plot(known.quantile(INNER), [height] * 2, color=colour, linewidth=3.5)
                    ax.plot(known.median(), height, "o", color=colour, markersize=5, markeredgecolor="white")
        ax.set_yticks(-np.arange(len(frames)), list(frames))
        ax.set_title(name, fontsize=9)
    for ax in axes[len(names) :]:
        ax.set_visible(False)
    figure.suptitle(
        "Real series (grey) and generated ones (blue): 10 to 90 %, 25 to 75 %, median", fontsize=10
    )
    with matplotlib.rc_context({"svg.hashsalt": "tsseq2seq", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None})
