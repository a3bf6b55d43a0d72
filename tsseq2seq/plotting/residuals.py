"""The plot of residuals: how they are distributed, and whether one foretells the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tsseq2seq.errors import DataError, require
from tsseq2seq.plotting.backtest_rows import autocorrelation, with_steps
from tsseq2seq.plotting.style import FORECAST, OBSERVED, QUIET, new_figure, style
from tsseq2seq.settings import check_number

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["plot_residual_autocorrelation"]

# Between these, in standard errors, the autocorrelation of noise stays 95 times of 100.
_STANDARD_ERRORS = 1.96


def plot_residual_autocorrelation(
    forecasts: Any,  # noqa: ANN401 (a frame of any library)
    *,
    name: str = "Seq2Seq",
    series: object = None,
    lags: int = 12,
    id_col: str = "unique_id",
    time_col: str = "ds",
    target_col: str = "y",
    title: str | None = None,
    ax: matplotlib.axes.Axes | None = None,
) -> matplotlib.axes.Axes:
    """Draw the autocorrelation of errors one step ahead; what stands out could have been foreseen.

    Parameters
    ----------
    forecasts
        What ``backtest(..., step=1)`` returned, so that errors one step ahead follow each other.
    name
        The model.
    series
        Which series. None: the first.
    lags
        How many, from 1 on.
    id_col, time_col, target_col
        Names of the columns.
    title
        Title above the plot, on the left.
    ax
        Axes to draw on. None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on; between the dashed lines noise stays, 95 times of 100.

    Raises
    ------
    DataError
        If the frame lacks a column, or has too few cutoffs for the lags.
    MissingDependencyError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> steps = np.arange(30)
    >>> past = pd.DataFrame({"ds": steps + 1, "cutoff": steps, "y": (-1.0) ** steps, "Seq2Seq": 0.0})
    >>> ax = plot_residual_autocorrelation(past, lags=2, ax=Figure().subplots())
    >>> [round(float(bar.get_height()), 2) for bar in ax.patches]
    [-0.97, 0.93]
    """
    check_number("plot_residual_autocorrelation", "lags", lags, low=1, integer=True)
    frame = with_steps(forecasts, id_col, time_col, target_col)
    if id_col in frame.columns:
        chosen = frame[id_col].iloc[0] if series is None else series
        frame = frame[frame[id_col] == chosen]
    first = frame[frame["step"] == 1].sort_values(time_col)
    errors = (first[target_col] - first[name]).dropna().to_numpy(dtype=float)
    if len(errors) < lags + 2:
        raise DataError(
            f"forecasts has {len(errors)} errors one step ahead of this series; {lags} lags need at least "
            f"{lags + 2}: backtest with step=1 and more windows, or ask for fewer lags"
        )
    require("matplotlib", extra="plot", purpose="Plotting")
    if ax is None:
        ax = new_figure(figsize=(6.4, 3.2)).subplots()
    ax.bar(np.arange(1, lags + 1), autocorrelation(errors, lags), width=0.5, color=FORECAST)
    bound = _STANDARD_ERRORS / np.sqrt(len(errors))
    for side in (-bound, bound):
        ax.axhline(side, color=QUIET, linestyle="--", linewidth=1.0)
    ax.axhline(0.0, color=OBSERVED, linewidth=0.8)
    style(ax)
    ax.set_xlabel("lag, in forecasts")
    ax.set_ylabel("autocorrelation")
    if title is not None:
        ax.set_title(title, loc="left", weight="bold", color=OBSERVED, parse_math=False)
    return ax
