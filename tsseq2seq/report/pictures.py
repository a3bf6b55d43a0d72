"""The pictures of a report; without matplotlib a sentence stands in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tsseq2seq.errors import MissingDependencyError, require
from tsseq2seq.plotting.backtest_rows import autocorrelation
from tsseq2seq.report.findings import Findings
from tsseq2seq.report.markup import paragraph, picture

if TYPE_CHECKING:
    import matplotlib.axes

__all__ = ["attention_picture", "error_picture", "forecast_picture", "residual_picture"]

_WIDE, _SQUARE = (9.0, 3.6), (9.0, 3.2)
_MOST_LAGS = 12
# Fewer residuals than this have no autocorrelation worth a look.
_FEWEST_FOR_LAGS = 30


def forecast_picture(findings: Findings) -> str:
    """Draw the forecast of the first series behind its history."""
    columns = findings.columns
    one = findings.forecast
    if findings.has_ids:
        one = one[one[columns.id] == findings.ids[0]]

    def draw(axes: list[Any]) -> None:
        findings.model.plot(one, df=findings.history, ax=axes[0])

    named = f" of series {findings.ids[0]}" if findings.has_ids else ""
    return _drawn(draw, f"The history and the forecast{named}", _WIDE)


def error_picture(errors: pd.DataFrame) -> str:
    """Draw the error of each model over the steps of the horizon."""

    def draw(axes: list[Any]) -> None:
        for (name, values), style in zip(errors.items(), ("-", "--", ":", "-."), strict=False):
            axes[0].plot(values.index, values, style, marker=".", label=str(name))
        axes[0].set(xlabel="step of the horizon", ylabel="mean absolute error")
        axes[0].set_ylim(bottom=0)
        axes[0].legend()

    return _drawn(draw, "The mean absolute error of each model at each step of the horizon", _WIDE)


def residual_picture(left: pd.DataFrame) -> str:
    """Draw how the residuals are distributed, and how those of one step follow each other."""
    first = left[left["step"] == 1]["residual"].to_numpy()
    lags = _MOST_LAGS if len(first) >= _FEWEST_FOR_LAGS else 0

    def draw(axes: list[Any]) -> None:
        axes[0].hist(left["residual"], bins=30, color="0.6", edgecolor="white")
        axes[0].axvline(0, color="black", linewidth=1)
        axes[0].set(xlabel="true value less forecast", ylabel="forecasts")
        if lags:
            _draw_autocorrelation(axes[1], first, lags)

    text = "A histogram of the residuals" + (", and their autocorrelation" if lags else "")
    return _drawn(draw, text, _SQUARE, columns=2 if lags else 1)


def _draw_autocorrelation(ax: matplotlib.axes.Axes, values: np.ndarray, lags: int) -> None:
    """Draw it with the lines between which noise stays, 95 times of 100."""
    ax.bar(np.arange(1, lags + 1), autocorrelation(values, lags), color="0.4", width=0.4)
    for side in (-1, 1):
        ax.axhline(side * 1.96 / np.sqrt(len(values)), color="black", linestyle="--", linewidth=0.8)
    ax.axhline(0, color="black", linewidth=1)
    ax.set(xlabel="lag, in forecasts one step ahead", ylabel="autocorrelation")


def attention_picture(weights: pd.DataFrame, id_col: str | None) -> str:
    """Draw the attention weights of the first series."""
    from tsseq2seq.plotting import plot_attention

    def draw(axes: list[Any]) -> None:
        plot_attention(weights, id_col=id_col or "unique_id", ax=axes[0])

    return _drawn(draw, "Attention weights: steps of the forecast by time steps before it", _WIDE)


def _drawn(
    draw: Callable[[list[matplotlib.axes.Axes]], None],
    text: str,
    size: tuple[float, float],
    columns: int = 1,
) -> str:
    """Return the picture that a function draws; a sentence if there is nothing to draw with."""
    try:
        figures = require("matplotlib.figure", extra="plot", purpose="A picture")
    except MissingDependencyError as error:
        return paragraph(f"There is no picture here. {error}")
    figure = figures.Figure(figsize=size, layout="constrained")
    draw([figure.add_subplot(1, columns, place + 1) for place in range(columns)])
    return picture(figure, text)
