"""The plot of a training: loss and validation error by training step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tsseq2seq.errors import DataError, require
from tsseq2seq.plotting.lines import check_frame
from tsseq2seq.plotting.style import FORECAST, QUIET, legend_above, new_figure, style

if TYPE_CHECKING:
    import matplotlib.axes
    import matplotlib.lines

__all__ = ["plot_training"]


def plot_training(
    history: pd.DataFrame, *, title: str | None = None, ax: matplotlib.axes.Axes | None = None
) -> matplotlib.axes.Axes:
    """Draw loss and validation error by training step.

    Parameters
    ----------
    history
        ``history_`` of an estimator: columns ``step``, ``loss`` and ``validation_error``, which is NaN at
        training steps without validation.
    title
        Title above the plot, on the left.
    ax
        Axes to draw on. None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; the y axis is logarithmic if all numbers are positive.

    Raises
    ------
    DataError
        If the frame lacks a column or has no rows.
    MissingDependencyError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> rows = {"step": [10, 20], "loss": [0.9, 0.5], "validation_error": [float("nan"), 0.6]}
    >>> plot_training(pd.DataFrame(rows), ax=Figure().subplots()).get_yscale()
    'log'
    """
    check_frame(history, "history", ["step", "loss", "validation_error"])
    if len(history) == 0:
        raise DataError("history has no rows")
    require("matplotlib", extra="plot", purpose="Plotting")
    if ax is None:
        ax = new_figure(figsize=(9.0, 3.6)).subplots()
    steps, loss = history["step"].to_numpy(), history["loss"].to_numpy(dtype=np.float64)
    handles = ax.plot(
        steps,
        loss,
        color=QUIET,
        linewidth=1.0,
        marker="o" if len(steps) == 1 else "",
        label="Training loss",
    )
    validated = history[history["validation_error"].notna()]
    errors = validated["validation_error"].to_numpy(dtype=np.float64)
    if len(validated):
        handles += _draw_errors(ax, validated["step"].to_numpy(), errors)
    _scale(ax, np.concatenate([loss, errors]))
    style(ax)
    ax.set_xlabel("step")
    ax.set_ylabel("loss" if len(validated) == 0 else "loss and error")
    legend_above(ax, handles, title)
    return ax


def _draw_errors(
    ax: matplotlib.axes.Axes, steps: np.ndarray, errors: np.ndarray
) -> list[matplotlib.lines.Line2D]:
    best = int(np.argmin(errors))
    line = ax.plot(
        steps, errors, color=FORECAST, linewidth=1.8, marker="o", markersize=3.5, label="Validation error"
    )
    ring = ax.plot(
        steps[[best]],
        errors[[best]],
        color=FORECAST,
        linestyle="",
        marker="o",
        markersize=9,
        markerfacecolor="none",
        label=f"Lowest: {errors[best]:.4g} at step {int(steps[best]):,}",
    )
    return [*line, *ring]


def _scale(ax: matplotlib.axes.Axes, numbers: np.ndarray) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

    ax.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10], integer=True))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    if not (numbers > 0).all():
        return
    ax.set_yscale("log")
    # within two decades there are too few powers of ten
    span = numbers.max() / numbers.min()
    subs = (1.0,) if span > 100 else (1.0, 2.0, 5.0) if span > 5 else (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)
    ax.yaxis.set_major_locator(LogLocator(subs=subs))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
