"""Plots of calibration: whether intervals hold as often as they say, and where outcomes fall among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsseq2seq.errors import require
from tsseq2seq.plotting.backtest_rows import interval_levels, with_steps
from tsseq2seq.plotting.style import FORECAST, QUIET, legend_above, new_figure, style

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["plot_pit", "plot_reliability"]


def plot_reliability(
    forecasts: Any,  # noqa: ANN401 (a frame of any library)
    *,
    name: str = "Seq2Seq",
    id_col: str = "unique_id",
    time_col: str = "ds",
    target_col: str = "y",
    title: str | None = None,
    ax: matplotlib.axes.Axes | None = None,
) -> matplotlib.axes.Axes:
    """Draw how many outcomes lie inside the intervals of each level; on the diagonal, intervals hold.

    Parameters
    ----------
    forecasts
        What ``backtest`` returned, with intervals of some levels.
    name
        The model.
    id_col, time_col, target_col
        Names of the columns.
    title
        Title above the plot, on the left.
    ax
        Axes to draw on. None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    DataError
        If the frame lacks a column, has no rows or no intervals.
    MissingDependencyError
        If matplotlib is not installed.

    References
    ----------
    Gneiting, Balabdaoui and Raftery, "Probabilistic forecasts, calibration and sharpness", JRSS B 69 (2007).

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> rows = {"ds": [2, 3], "cutoff": [1, 1], "y": [5.0, 9.0], "ETS": [6.0, 6.0]}
    >>> past = pd.DataFrame(rows | {"ETS-lo-80": [4.0, 4.0], "ETS-hi-80": [8.0, 8.0]})
    >>> ax = plot_reliability(past, name="ETS", ax=Figure().subplots())
    >>> ax.lines[1].get_xydata().tolist()
    [[80.0, 50.0]]
    """
    frame = with_steps(forecasts, id_col, time_col, target_col)
    levels = interval_levels(frame, name)
    require("matplotlib", extra="plot", purpose="Plotting")
    if ax is None:
        ax = new_figure(figsize=(4.6, 4.4)).subplots()
    held = [_share_inside(frame, name, level, target_col) for level in levels]
    handles = ax.plot(
        [0, 100], [0, 100], color=QUIET, linestyle="--", linewidth=1.0, label="As often as said"
    )
    handles += ax.plot(levels, held, color=FORECAST, marker="o", linewidth=1.8, label=name)
    style(ax)
    ax.set(xlim=(0, 100), ylim=(0, 100), aspect="equal")
    ax.set_xlabel("level of the interval, %")
    ax.set_ylabel("outcomes inside, %")
    legend_above(ax, handles, title)
    return ax


def plot_pit(
    forecasts: Any,  # noqa: ANN401 (a frame of any library)
    *,
    name: str = "Seq2Seq",
    id_col: str = "unique_id",
    time_col: str = "ds",
    target_col: str = "y",
    title: str | None = None,
    ax: matplotlib.axes.Axes | None = None,
) -> matplotlib.axes.Axes:
    """Draw how often outcomes fall between the ends of intervals, beside how often they should.

    A bar for each gap between two ends, as wide as the probability between them and as high as the outcomes
    are dense there: all at 1 if forecasts are calibrated. A bowl says that intervals are too narrow, a hill
    that they are too wide, a slope that forecasts lie too low or too high.

    Parameters
    ----------
    forecasts, name, id_col, time_col, target_col, title, ax
        As for :func:`plot_reliability`.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    DataError
        If the frame lacks a column, has no rows or no intervals.
    MissingDependencyError
        If matplotlib is not installed.

    References
    ----------
    Dawid, "Present position and potential developments: the prequential approach", JRSS A 147 (1984).

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> rows = {"ds": [2, 3], "cutoff": [1, 1], "y": [5.0, 9.0], "ETS": [6.0, 6.0]}
    >>> past = pd.DataFrame(rows | {"ETS-lo-80": [4.0, 4.0], "ETS-hi-80": [8.0, 8.0]})
    >>> ax = plot_pit(past, name="ETS", ax=Figure().subplots())
    >>> [round(float(bar.get_height()), 2) for bar in ax.patches]  # one of two inside 0.8, one above
    [0.0, 0.62, 5.0]
    """
    frame = with_steps(forecasts, id_col, time_col, target_col)
    levels = interval_levels(frame, name)
    require("matplotlib", extra="plot", purpose="Plotting")
    if ax is None:
        ax = new_figure(figsize=(6.4, 3.6)).subplots()
    edges, densities = _densities(frame, name, levels, target_col)
    ax.bar(
        edges[:-1],
        densities,
        np.diff(edges),
        align="edge",
        color="#b8d4e8",
        edgecolor=FORECAST,
        linewidth=1.0,
    )
    handles = [ax.axhline(1.0, color=QUIET, linestyle="--", linewidth=1.0, label="Calibrated")]
    style(ax)
    ax.set_xlim(0, 1)
    ax.set_xlabel("rank of the outcome among the quantiles")
    ax.set_ylabel("density")
    legend_above(ax, handles, title)
    return ax


def _share_inside(frame: pd.DataFrame, name: str, level: float, target_col: str) -> float:
    low, high, truth = frame[f"{name}-lo-{level:g}"], frame[f"{name}-hi-{level:g}"], frame[target_col]
    known = truth.notna()
    return float(100 * ((low <= truth) & (truth <= high))[known].mean())


def _densities(
    frame: pd.DataFrame, name: str, levels: list[float], target_col: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities of the ends, and how dense outcomes are between them."""
    ends = {(1 - level / 100) / 2: f"{name}-lo-{level:g}" for level in levels}
    ends |= {0.5: name} if name in frame and len(levels) > 1 else {}
    ends |= {(1 + level / 100) / 2: f"{name}-hi-{level:g}" for level in levels}
    probabilities = sorted(ends)
    truth = frame[target_col].to_numpy(dtype=float)
    known = ~np.isnan(truth)
    quantiles = np.stack([frame[ends[each]].to_numpy(dtype=float)[known] for each in probabilities], axis=1)
    below = (quantiles < truth[known][:, None]).sum(axis=1)
    edges = np.array([0.0, *probabilities, 1.0])
    shares = np.bincount(below, minlength=len(edges) - 1) / max(1, len(below))
    return edges, shares / np.diff(edges)
