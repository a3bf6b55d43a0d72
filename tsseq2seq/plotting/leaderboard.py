"""The plot of a leaderboard: one metric, a bar for each model."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from tsseq2seq.errors import DataError, require
from tsseq2seq.plotting.lines import check_frame
from tsseq2seq.plotting.style import FORECAST, QUIET, new_figure, style

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["plot_leaderboard"]


def plot_leaderboard(
    scores: pd.DataFrame,
    *,
    metric: str,
    title: str = "",
    ax: matplotlib.axes.Axes | None = None,
) -> matplotlib.axes.Axes:
    """Draw a bar for each model, the best at the top; baselines are grey.

    Parameters
    ----------
    scores
        Columns ``model``, ``baseline``, ``seconds`` and the metric, as in
        :attr:`~tsseq2seq.evaluation.leaderboard.Leaderboard.scores`.
    metric
        Name of the column to draw.
    title
        Title above the plot.
    ax
        Axes to draw on. None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    DataError
        If the frame lacks a column or has no rows.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> rows = {"model": ["ETS", "Naive"], "mase": [0.8, 1.0], "seconds": [1.0, 0.0], "baseline": True}
    >>> ax = plot_leaderboard(pd.DataFrame(rows), metric="mase", ax=Figure().subplots())
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['ETS', 'Naive']
    """
    check_frame(scores, "scores", ["model", "baseline", "seconds", metric])
    if len(scores) == 0:
        raise DataError("scores has no rows")
    require("matplotlib", extra="plot", purpose="Plotting")
    if ax is None:
        ax = new_figure(figsize=(8.0, 1.2 + 0.45 * len(scores))).subplots()
    rows = range(len(scores))
    colours = [QUIET if baseline else FORECAST for baseline in scores["baseline"]]
    ax.barh(rows, scores[metric], color=colours, height=0.62)
    ax.set_yticks(rows, labels=scores["model"].astype(str).tolist())
    ax.invert_yaxis()
    for row, (value, seconds) in enumerate(zip(scores[metric], scores["seconds"], strict=True)):
        text = "no value" if pd.isna(value) else f"{value:.3g}   ({seconds:,.1f} s)"
        ax.annotate(
            text, (0 if pd.isna(value) else value, row), (4, 0), textcoords="offset points", va="center"
        )
    style(ax)
    ax.grid(visible=False, axis="y")
    ax.margins(x=0.25)
    ax.set_xlabel(metric)
    if title:
        ax.set_title("\n".join(textwrap.wrap(title, 84)), loc="left", fontsize="medium", parse_math=False)
    return ax
