"""A plot of a series with its reconstruction, and its anomalies marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsseq2seq.errors import DataError, ParameterError, shown
from tsseq2seq.plotting.lines import Frame, as_pandas, check_frame, times_and_values
from tsseq2seq.plotting.style import (
    ANOMALY,
    FORECAST,
    OBSERVED,
    label_numbers,
    label_times,
    legend_above,
    new_figure,
    of_several,
    style,
)

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["plot_anomalies"]

_RECONSTRUCTION, _IS_ANOMALY = "reconstruction", "is_anomaly"


def plot_anomalies(
    scores: Frame,
    *,
    id_col: str | None = "unique_id",
    time_col: str = "ds",
    target_col: str = "y",
    series: object = None,
    title: str | None = None,
    ax: matplotlib.axes.Axes | None = None,
) -> matplotlib.axes.Axes:
    """Draw one series, its reconstruction, and its anomalies as points on shaded stretches.

    Parameters
    ----------
    scores
        A long frame that ``anomaly_scores`` returned; NaN leaves a gap.
    id_col, time_col, target_col
        Names of the columns. With several targets, the one to draw.
    series
        Which series to draw. None: the first, which the title says if there are others.
    title
        Title above the plot, on the left. None: the name of the series.
    ax
        Axes to draw on. None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    DataError
        If the frame lacks a column, or has no rows of the series.
    MissingDependencyError
        If matplotlib is not installed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> scores = pd.DataFrame({"ds": [1, 2, 3], "y": [1.0, 9.0, 1.5], "reconstruction": [1.0, 1.2, 1.4]})
    >>> ax = plot_anomalies(scores.assign(is_anomaly=[False, True, False]), ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['Observed', 'Reconstruction', 'Anomaly']
    """
    frame, name = _of_one_series(as_pandas(scores, "scores"), id_col, series)
    column = f"{_RECONSTRUCTION}-{target_col}"
    column = column if column in frame.columns else _RECONSTRUCTION
    check_frame(frame, "scores", [time_col, target_col, column, _IS_ANOMALY])
    times, values, zone = times_and_values(frame, "scores", time_col, target_col)
    _, reconstruction, _ = times_and_values(frame, "scores", time_col, column)
    flagged = frame.assign(**{_IS_ANOMALY: _flags(frame)})
    unusual = times_and_values(flagged, "scores", time_col, _IS_ANOMALY)[1] > 0
    if ax is None:
        ax = new_figure(figsize=(9.0, 4.2)).subplots()
    _shade(ax, times, unusual)
    handles = ax.plot(times, values, color=OBSERVED, linewidth=1.1, label="Observed", zorder=3)
    handles += ax.plot(
        times, reconstruction, color=FORECAST, linewidth=1.2, alpha=0.85, label="Reconstruction", zorder=4
    )
    if unusual.any():
        handles += ax.plot(
            times[unusual],
            values[unusual],
            color=ANOMALY,
            linestyle="",
            marker="o",
            markersize=4.0,
            label="Anomaly",
            zorder=5,
        )
    style(ax)
    integer = bool(np.issubdtype(times.dtype, np.integer))
    label_times(ax, integer=integer, zone=zone, most=10)
    label_numbers(ax)
    ax.set_ylabel(target_col)
    if integer:
        ax.set_xlabel(time_col)
    legend_above(ax, handles, name if title is None else title)
    return ax


def _of_one_series(
    frame: pd.DataFrame, id_col: str | None, series: object
) -> tuple[pd.DataFrame, str | None]:
    if id_col not in frame.columns:
        if series is not None:
            raise ParameterError(f"plot_anomalies: series is {shown(series)}, but scores is one series")
        return frame, None
    count = frame[id_col].nunique()
    name = of_several(frame[id_col].iloc[0], count) if series is None and len(frame) else str(series)
    wanted = frame[id_col].iloc[0] if series is None and len(frame) else series
    rows = frame[frame[id_col] == wanted]
    if not len(rows):
        names = ", ".join(shown(one) for one in frame[id_col].unique()[:5])
        raise DataError(f"scores has no rows of series {shown(wanted)}; it has {names}")
    return rows, name


def _flags(frame: pd.DataFrame) -> Any:  # noqa: ANN401 (an array)
    return frame[_IS_ANOMALY].fillna(False).to_numpy(dtype=np.float64)


def _shade(ax: matplotlib.axes.Axes, times: np.ndarray, unusual: np.ndarray) -> None:
    """Shade each stretch of anomalies, so that a single one is seen in a long series."""
    edges = np.diff(np.concatenate([[False], unusual, [False]]).astype(np.int8))
    firsts, lasts = np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist()
    for first, last in zip(firsts, lasts, strict=True):
        ax.axvspan(
            times[max(first - 1, 0)],
            times[min(last + 1, len(times) - 1)],
            color=ANOMALY,
            alpha=0.15,
            linewidth=0,
            zorder=1,
        )
